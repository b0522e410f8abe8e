#include "models/unobserved_components/unobserved_components.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/message_of.h"

namespace amnok {

namespace {

VectorXd normals(int n, std::uint32_t draw) {
  VectorXd x(n);
  fill_normals({17, Purpose::simulation, 6}, draw, {x.data(), static_cast<std::size_t>(n)});
  return x;
}

VectorXd cumulated(VectorXd x) {
  for (Eigen::Index t = 1; t < x.size(); ++t) x(t) += x(t - 1);
  return x;
}

double parameter(const FitResult& fit, const std::string& name) {
  const int at = fit.parameters.index_of(name);
  REQUIRE(at >= 0);
  return fit.parameters.values()(at);
}

Future ahead(const Sample& sample, int horizon) {
  return {{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}};
}

UcmSpec local_level() {
  return {};
}

}  // namespace

TEST_CASE("unobserved components: a random walk has no irregular, exactly", "[ucm]") {
  const FittedModel fitted = fit_model(*make_unobserved_components(local_level()),
                                       plain_sample(cumulated(normals(200, 1))));
  REQUIRE(fitted.result.usable());
  if (parameter(fitted.result, "irregular") < 0.1) {
    CHECK(parameter(fitted.result, "irregular") == 0);
  }
  CHECK(parameter(fitted.result, "level") == Approx(1).margin(0.2));
}

TEST_CASE("unobserved components: noise has a level that stands still, exactly", "[ucm]") {
  // Neighbours turn against each other: no level that moves could do that.
  const VectorXd e = normals(151, 2);
  const VectorXd y = (e.tail(150) - 0.4 * e.head(150)).array() + 40;
  const FittedModel fitted = fit_model(*make_unobserved_components(local_level()), plain_sample(y));
  REQUIRE(fitted.result.usable());
  REQUIRE(parameter(fitted.result, "level") == 0);
  // Then the model is a mean: its forecast, its variance with n - 1, and nothing moves.
  const Forecast f = fitted.model->forecast(fitted.result, ahead(plain_sample(y), 3));
  CHECK(f.mean(2) == Approx(y.mean()).epsilon(1e-10));
  const double s2 = (y.array() - y.mean()).square().sum() / 149;
  CHECK(fitted.result.sigma2 == Approx(s2).epsilon(1e-8));
  CHECK(f.variance(2) == Approx(s2 * (1 + 1.0 / 150)).epsilon(1e-8));
}

TEST_CASE("unobserved components: a fixed trend is the regression on time", "[ucm]") {
  const int n = 60;
  VectorXd y(n);
  for (int t = 0; t < n; ++t) y(t) = 5 + 0.3 * t;
  y += normals(n, 3);
  UcmSpec spec;
  spec.level_moves = false;
  spec.slope = true;
  spec.slope_moves = false;
  const FittedModel fitted = fit_model(*make_unobserved_components(spec), plain_sample(y));
  MatrixXd x(n, 2);
  for (int t = 0; t < n; ++t) x.row(t) << 1, t;
  const LinearFit line = solve(LinearLeastSquares{x, y});
  const Forecast f = fitted.model->forecast(fitted.result, ahead(plain_sample(y), 5));
  CHECK(f.mean(4) == Approx(line.coefficients(0) + line.coefficients(1) * 64));
  CHECK(fitted.result.sigma2 == Approx(line.rss / 58));
}

TEST_CASE("unobserved components: dummies and all harmonics fit a fixed season alike", "[ucm]") {
  VectorXd y = cumulated(normals(120, 4)) + normals(120, 5);
  for (int t = 0; t < 120; ++t) y(t) += 5 * (t % 4 == 1) - 3 * (t % 4 == 2);
  UcmSpec spec;
  spec.period = 4;
  spec.seasonal_moves = false;
  spec.seasonal = UcmSpec::Seasonal::dummy;
  const FittedModel dummy = fit_model(*make_unobserved_components(spec), plain_sample(y, 4));
  spec.seasonal = UcmSpec::Seasonal::trigonometric;
  const FittedModel harmonic = fit_model(*make_unobserved_components(spec), plain_sample(y, 4));
  CHECK(parameter(dummy.result, "level") ==
        Approx(parameter(harmonic.result, "level")).epsilon(1e-4));
  const auto a = smoothed_components(*dummy.model, dummy.result);
  const auto b = smoothed_components(*harmonic.model, harmonic.result);
  CHECK((a.signal - b.signal).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("unobserved components: components and irregular add up to the series", "[ucm]") {
  Sample sample = plain_sample(cumulated(normals(100, 6)) + 2 * normals(100, 7));
  sample.y(30) = sample.y(31) = kMissing;
  const FittedModel fitted = fit_model(*make_unobserved_components(local_level()), sample);
  const SmoothedComponents parts = smoothed_components(*fitted.model, fitted.result);
  const VectorXd sum = parts.parts[0].mean + parts.irregular;
  for (int t = 0; t < 100; ++t) {
    if (t == 30 || t == 31) {
      CHECK(std::isnan(parts.irregular(t)));
      CHECK(parts.signal_variance(t) > parts.signal_variance(20));
    } else {
      CHECK(sum(t) == Approx(sample.y(t)));
    }
  }
  CHECK(fitted.model->completed(fitted.result)(30) == Approx(parts.signal(30)));
}

TEST_CASE("unobserved components: auxiliary residuals name an outlier and a step", "[ucm]") {
  VectorXd y = 0.2 * cumulated(normals(120, 8)) + normals(120, 9);
  y(40) += 9;
  y.tail(40).array() += 8;
  const FittedModel fitted = fit_model(*make_unobserved_components(local_level()), plain_sample(y));
  const SmoothedComponents parts = smoothed_components(*fitted.model, fitted.result);
  Eigen::Index outlier = 0, step = 0;
  parts.irregular_auxiliary.unaryExpr([](double x) { return std::isnan(x) ? 0 : std::fabs(x); })
      .maxCoeff(&outlier);
  parts.parts[0]
      .auxiliary.unaryExpr([](double x) { return std::isnan(x) ? 0 : std::fabs(x); })
      .maxCoeff(&step);
  CHECK(outlier == 40);
  CHECK(step == 80);
}

TEST_CASE("unobserved components: a cycle's length is found", "[ucm]") {
  const int n = 300;
  const double rho = 0.95, angle = 2 * 3.14159265358979 / 12;
  const VectorXd a = normals(n, 10), b = normals(n, 11), e = normals(n, 12);
  VectorXd y(n);
  double c = 0, d = 0;
  for (int t = 0; t < n; ++t) {
    y(t) = 10 + c + 0.5 * e(t);
    const double next = rho * (std::cos(angle) * c + std::sin(angle) * d) + a(t);
    d = rho * (-std::sin(angle) * c + std::cos(angle) * d) + b(t);
    c = next;
  }
  UcmSpec spec;
  spec.level_moves = false;
  spec.cycle = true;
  const FittedModel fitted = fit_model(*make_unobserved_components(spec), plain_sample(y));
  REQUIRE(fitted.result.usable());
  CHECK(parameter(fitted.result, "cycle.period") == Approx(12).margin(0.7));
  CHECK(parameter(fitted.result, "cycle.damping") == Approx(rho).margin(0.05));
}

TEST_CASE("unobserved components: evaluate at the estimates gives the fit's likelihood", "[ucm]") {
  const Sample sample = plain_sample(cumulated(normals(80, 13)) + normals(80, 14));
  const FittedModel fitted = fit_model(*make_unobserved_components(local_level()), sample);
  const FitResult again = fitted.model->evaluate(fitted.result.parameters);
  CHECK(again.log_likelihood == Approx(fitted.result.log_likelihood));
  // No other scale and no other ratio does better.
  for (double level : {0.9, 1.1}) {
    for (double irregular : {0.9, 1.1}) {
      ParameterVector moved = fitted.result.parameters;
      moved.set_values(
          fitted.result.parameters.values().cwiseProduct(Eigen::Vector2d(irregular, level)));
      CHECK(fitted.model->evaluate(moved).log_likelihood < fitted.result.log_likelihood);
    }
  }
}

TEST_CASE("unobserved components: what cannot be estimated is said", "[ucm]") {
  const auto model = make_unobserved_components(local_level());
  CHECK(message_of([&] {
          model->bind(plain_sample(VectorXd::Constant(30, 4)));
        }).find("constant") != std::string::npos);
  CHECK(message_of([&] { model->bind(plain_sample(normals(3, 15))); }).find("needs at least") !=
        std::string::npos);
  Sample sample = plain_sample(normals(40, 16));
  sample.regressor_names = {"one"};
  sample.regressors = MatrixXd::Ones(40, 1);
  CHECK(message_of([&] { model->bind(sample); }).find("one is a part of the level") !=
        std::string::npos);
}

TEST_CASE("unobserved components: a sum of one period is an observation", "[ucm]") {
  const VectorXd y = cumulated(normals(80, 30)) + normals(80, 31);
  const auto model = make_unobserved_components(local_level());
  const FittedModel known = fit_model(*model, plain_sample(y));
  Sample sample = plain_sample(y);
  for (int t : {20, 50}) {
    sample.sums.push_back({{sample.range.first + t}, y(t), 0, "", {}});
    sample.y(t) = kMissing;
  }
  const FittedModel summed = fit_model(*model, sample);
  REQUIRE(summed.result.usable());
  CHECK(summed.result.log_likelihood == Approx(known.result.log_likelihood).epsilon(1e-7));
  CHECK(summed.result.nobs == known.result.nobs);
  CHECK(summed.model->completed(summed.result)(20) == Approx(y(20)));
  CHECK(summed.model->forecast(summed.result, ahead(sample, 3)).mean(2) ==
        Approx(known.model->forecast(known.result, ahead(sample, 3)).mean(2)).epsilon(1e-4));
}

TEST_CASE("unobserved components: gaps are filled so that sums hold, under a logarithm too",
          "[ucm]") {
  for (const auto kind : {Transform::Kind::level, Transform::Kind::log}) {
    Sample sample =
        plain_sample((cumulated(normals(80, 32)) * 0.1 + normals(80, 33) * 0.1).array() + 3);
    sample.target.transform = {kind};
    const auto untransformed = [&](double z) { return sample.target.transform.inverse(z); };
    const VectorXd x = sample.y.unaryExpr(untransformed);
    for (int t : {24, 48}) {
      const Period first = sample.range.first + t;
      sample.sums.push_back({{first, first + 1, first + 2}, x.segment(t, 3).sum(), 0, "", {}});
      sample.y.segment(t, 3).setConstant(kMissing);
    }
    const FittedModel fitted = fit_model(*make_unobserved_components(local_level()), sample);
    REQUIRE(fitted.result.usable());
    const VectorXd filled = fitted.model->completed(fitted.result).unaryExpr(untransformed);
    for (int t : {24, 48}) {
      CHECK(filled.segment(t, 3).sum() == Approx(x.segment(t, 3).sum()).epsilon(1e-6));
    }
    CHECK(fitted.result.nobs == 80 - 6 + 2 - 1);
  }
}

TEST_CASE("unobserved components: an even measurement error adds to the irregular's variance",
          "[ucm]") {
  const VectorXd y = cumulated(normals(60, 34)) + 2 * normals(60, 35);
  const auto model = make_unobserved_components(local_level());
  Sample noisy = plain_sample(y);
  noisy.y_sd = VectorXd::Constant(60, 1.2);
  const auto exact = model->bind(plain_sample(y));
  const auto measured = model->bind(noisy);
  ParameterVector apart = exact->start(), together = apart;
  const int irregular = apart.index_of("irregular");
  VectorXd values = apart.values();
  values(irregular) = 1.6;
  apart.set_values(values);
  values(irregular) = 2;  // 1.6^2 + 1.2^2 = 2^2
  together.set_values(values);
  CHECK(measured->evaluate(apart).log_likelihood ==
        Approx(exact->evaluate(together).log_likelihood).epsilon(1e-10));
  // What was measured badly counts for less.
  noisy.y_sd = VectorXd::Zero(60);
  noisy.y_sd(59) = 100;
  const FittedModel fitted = fit_model(*model, noisy);
  REQUIRE(fitted.result.usable());
  const double before = fitted.model->forecast(fitted.result, ahead(noisy, 1)).mean(0);
  noisy.y(59) += 10;
  const FittedModel moved = fit_model(*model, noisy);
  CHECK(moved.model->forecast(moved.result, ahead(noisy, 1)).mean(0) ==
        Approx(before).margin(0.05));
}

TEST_CASE("unobserved components: simulated paths agree with the forecast after a sum", "[ucm]") {
  Sample sample = plain_sample(cumulated(normals(60, 36)) + normals(60, 37));
  const Period first = sample.range.first + 58;
  sample.sums.push_back({{first, first + 1}, sample.y(58) + sample.y(59), 0, "", {}});
  sample.y.tail(2).setConstant(kMissing);
  const FittedModel fitted = fit_model(*make_unobserved_components(local_level()), sample);
  REQUIRE(fitted.result.usable());
  constexpr int kDraws = 4000;
  ParameterDraws draws;
  draws.parameters = fitted.result.parameters.values().replicate(1, kDraws);
  draws.sigma = VectorXd::Constant(kDraws, std::sqrt(fitted.result.sigma2));
  const Forecast forecast = fitted.model->forecast(fitted.result, ahead(sample, 2));
  DrawMatrix shocks(2, kDraws), paths(2, kDraws);
  for (int r = 0; r < kDraws; ++r) shocks.col(r) = normals(2, 1000 + static_cast<unsigned>(r));
  fitted.model->simulate(draws, *fitted.model->past_state(fitted.result, draws, 3, 0, 0),
                         {{sample.range.first + 60, 2}, {}, {}}, shocks, 0, 2, paths);
  const Eigen::RowVectorXd last = paths.row(1);
  const double variance = (last.array() - last.mean()).square().mean();
  CHECK(last.mean() == Approx(forecast.mean(1)).margin(4 * std::sqrt(variance / kDraws)));
  CHECK(variance == Approx(forecast.variance(1)).epsilon(0.1));
}

}  // namespace amnok
