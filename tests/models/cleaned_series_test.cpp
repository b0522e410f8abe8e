// Series without their outliers: planted ones go, what comes before a level shift moves to it, a clean
// series stays.
#include "models/arima/cleaned_series.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "models/arima/arima_average.h"

namespace amnok {

namespace {

// IMA(1,1) with a season that repeats itself; innovations of 1.
VectorXd recorded(int n, int season, std::uint32_t draw) {
  VectorXd e(n), y(n);
  fill_normals({1993, Purpose::simulation, 0}, draw, {e.data(), static_cast<std::size_t>(n)});
  double level = 100;
  for (int t = 0; t < n; ++t) {
    if (t > 0) level += e(t) - 0.4 * e(t - 1);
    y(t) = level + (season > 1 ? 10 * std::sin(2 * M_PI * (t % season) / season) : 0.0);
  }
  return y;
}

}  // namespace

TEST_CASE("cleaned series: an outlier goes and what follows it stays", "[cleaned_series]") {
  VectorXd y = recorded(120, 12, 1);
  REQUIRE_FALSE(without_outliers(plain_sample(y, 12)));
  const VectorXd clean = y;
  y(60) += 15;
  const auto found = without_outliers(plain_sample(y, 12));
  REQUIRE(found);
  CHECK(std::fabs(found->y(60) - clean(60)) < 3);
  VectorXd change = found->y - y;
  change(60) = 0;
  CHECK(change.cwiseAbs().maxCoeff() == 0);
}

TEST_CASE("cleaned series: what comes before a level shift is moved to it", "[cleaned_series]") {
  VectorXd y = recorded(120, 12, 1);
  const VectorXd clean = y;
  y.head(70).array() -= 20;
  const auto found = without_outliers(plain_sample(y, 12));
  REQUIRE(found);
  CHECK((found->y - y).tail(50).cwiseAbs().maxCoeff() == 0);
  const VectorXd moved = (found->y - y).head(70);
  CHECK(moved.maxCoeff() - moved.minCoeff() < 1e-9);
  CHECK(std::fabs(moved(0) - 20) < 4);
  CHECK((found->y - clean).cwiseAbs().maxCoeff() < 4);
}

TEST_CASE("cleaned series: a level is cleaned in logarithms where they fit, in any unit",
          "[cleaned_series]") {
  const VectorXd z = (recorded(144, 12, 3).array() - 100) * 0.05;
  VectorXd y = (5 + z.array()).exp();
  y(80) *= 3;
  REQUIRE(log_share(plain_sample(y, 12)) > 0.9);
  const auto found = level_without_outliers(plain_sample(y, 12));
  REQUIRE(found);
  CHECK(found->target.transform.kind == Transform::Kind::level);
  CHECK(std::fabs(std::log(found->y(80)) - 5 - z(80)) < 0.3);
  for (const double c : {1e-9, 1e9}) {
    const auto scaled = level_without_outliers(plain_sample(c * y, 12));
    REQUIRE(scaled);
    CHECK((scaled->y / c - found->y).cwiseAbs().maxCoeff() < 1e-6 * found->y.maxCoeff());
  }
}

TEST_CASE("cleaned series: gaps stay and short series are left alone", "[cleaned_series]") {
  VectorXd y = recorded(100, 1, 4);
  y(50) += 12;
  y(20) = kMissing;
  const auto found = without_outliers(plain_sample(y, 1));
  REQUIRE(found);
  CHECK(std::isnan(found->y(20)));
  CHECK(std::fabs(found->y(50) - y(50)) > 8);
  CHECK_FALSE(without_outliers(plain_sample((VectorXd(3) << 1, 2, 9).finished(), 1)));
}

TEST_CASE("cleaned series: half of an average is on them", "[cleaned_series]") {
  VectorXd y = recorded(120, 12, 1);
  y(60) += 15;
  double cleaned = 0, all = 0;
  for (const WeightedFit& member : average_arima(plain_sample(y, 12))) {
    const FitResult& fit = member.fitted.result;
    const double at = fit.fitted(60) + fit.residuals(60);  // what the member saw in that period
    const double seen = member.transform.inverse(at);
    all += member.weight;
    if (std::fabs(seen - y(60)) > 5) cleaned += member.weight;
  }
  CHECK(all == Approx(1).epsilon(1e-12));
  CHECK(cleaned == Approx(0.5).margin(0.05));
}

}  // namespace amnok
