#include "models/theta/theta.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

namespace {

VectorXd wave(int n) {
  VectorXd y(n);
  for (int t = 0; t < n; ++t)
    y(t) = 50 + 0.5 * t + 3 * std::sin(1.7 * t) + 2 * std::cos(0.9 * t * t);
  return y;
}

VectorXd forecast_of(const VectorXd& y, int season, int horizon) {
  const Sample sample = plain_sample(y, season);
  const FittedModel fitted = fit_model(*make_theta({}), sample);
  REQUIRE(fitted.result.usable());
  return fitted.model
      ->forecast(fitted.result,
                 {{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}})
      .mean;
}

}  // namespace

TEST_CASE("theta: forecasts rise by half the trend a period") {
  const VectorXd y = wave(60), f = forecast_of(y, 1, 5);
  // The slope of least squares on time.
  const VectorXd time = VectorXd::LinSpaced(60, -29.5, 29.5);
  const double slope = time.dot(y) / time.squaredNorm();
  for (int h = 1; h < 5; ++h) CHECK(f(h) - f(h - 1) == Approx(slope / 2).epsilon(1e-10));
}

TEST_CASE("theta: is half simple smoothing and half the trend line", "[theta]") {
  // Assimakopoulos & Nikolopoulos: the mean of the theta lines 0 (the trend) and 2 (smoothed),
  // which Hyndman & Billah (2003) show to equal smoothing with drift. Checked by computing both
  // lines.
  const VectorXd y = wave(60);
  const Sample sample = plain_sample(y, 1);
  const FittedModel fitted = fit_model(*make_theta({}), sample);
  const double alpha = fitted.result.parameters.values()(0);
  const double first = fitted.result.parameters.values()(1);
  const VectorXd time = VectorXd::LinSpaced(60, 0, 59);
  const double slope = (time.array() - 29.5).matrix().dot(y) / (time.array() - 29.5).square().sum();
  const double intercept = y.mean() - slope * 29.5;
  // Theta line 2: 2 y - trend line; smoothed from the start value that belongs to it.
  double level = 2 * first - intercept;
  for (int t = 0; t < 60; ++t) {
    level += alpha * (2 * y(t) - (intercept + slope * t) - level);
  }
  const VectorXd f = forecast_of(y, 1, 3);
  for (int h = 0; h < 3; ++h) {
    const double line = intercept + slope * (60 + h);
    CHECK(f(h) == Approx(0.5 * (line + level)).epsilon(1e-9));
  }
}

TEST_CASE("theta: a season is taken out and put back") {
  VectorXd y = wave(60);
  const double season[] = {0.5, 1.0, 1.7, 0.8};
  for (int t = 0; t < 60; ++t) y(t) *= season[t % 4];
  const VectorXd f = forecast_of(y, 4, 8);
  CHECK(f(2) > 2.5 * f(0));
  CHECK(f(6) / f(2) == Approx(f(4) / f(0)).epsilon(0.02));
}

TEST_CASE("theta: y times c changes nothing but scale") {
  const VectorXd y = wave(60), expected = forecast_of(y, 1, 6);
  for (double c : {1e-9, 1e9}) {
    CHECK((forecast_of(c * y, 1, 6) / c - expected).norm() < 1e-6 * expected.norm());
  }
}

TEST_CASE("theta: what cannot be fitted says why") {
  using Catch::Contains;
  CHECK_THROWS_WITH(fit_model(*make_theta({}), plain_sample(VectorXd::Constant(20, 2), 1)),
                    Contains("y is constant (2)"));
  CHECK_THROWS_WITH(fit_model(*make_theta({}), plain_sample(VectorXd::LinSpaced(3, 1, 2), 1)),
                    Contains("3 observations"));
}

}  // namespace amnok
