#include "engine/regression/perron_yabu.h"

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// A trend with noise a u_{t-1} + e and a change of slope after half.
VectorXd broken_trend(std::uint32_t draw, int n, double a, double slope_change, double shift = 0) {
  VectorXd y(n);
  fill_normals({77, Purpose::simulation, 0}, draw, {y.data(), static_cast<std::size_t>(n)});
  for (int t = 1; t < n; ++t) y(t) += a * y(t - 1);
  for (int t = 0; t < n; ++t) {
    y(t) += 0.1 * t + slope_change * std::max(t + 1 - n / 2, 0) + (t >= n / 2 ? shift : 0);
  }
  return y;
}

double rejections(double a, BreakIn model, int draws) {
  int rejected = 0;
  for (int r = 0; r < draws; ++r) {
    TrendBreakOptions options;
    options.model = model;
    options.max_lag = 2;
    const TrendBreak test =
        perron_yabu(broken_trend(static_cast<std::uint32_t>(r), 150, a, 0), options);
    rejected += test.exp_wald > test.critical.pct5 ? 1 : 0;
  }
  return rejected / static_cast<double>(draws);
}

}  // namespace

TEST_CASE("perron-yabu: location, slope and scale of the series do not matter") {
  const VectorXd y = broken_trend(3, 100, 0.5, 0.1);
  for (const BreakIn model : {BreakIn::intercept, BreakIn::trend, BreakIn::both}) {
    TrendBreakOptions options;
    options.model = model;
    options.max_lag = 3;
    const TrendBreak one = perron_yabu(y, options);
    VectorXd other = -1e4 * y;
    other += VectorXd::LinSpaced(100, 5e4, 9e5);
    const TrendBreak two = perron_yabu(other, options);
    CHECK(two.exp_wald == Approx(one.exp_wald).epsilon(1e-6));
    CHECK(two.last_observation_before == one.last_observation_before);
  }
}

TEST_CASE("perron-yabu: a clear change of slope is dated under both kinds of noise") {
  for (const double a : {0.3, 1.0}) {
    TrendBreakOptions options;
    options.max_lag = 2;
    const TrendBreak test = perron_yabu(broken_trend(5, 120, a, 1.5), options);
    CHECK(test.exp_wald > test.critical.pct1);
    CHECK(std::abs(test.last_observation_before - 60) <= 4);
    if (a == 1.0) CHECK(test.ar == 1);
    if (a < 1) CHECK(test.ar < 0.9);
  }
}

TEST_CASE("perron-yabu: bad input is named") {
  TrendBreakOptions options;
  options.trim = 0.2;
  CHECK_THROWS_WITH(perron_yabu(broken_trend(1, 60, 0, 0), options),
                    Catch::Contains("trimming of the Perron-Yabu test is 0.2, but must be"));
  CHECK_THROWS_WITH(perron_yabu(broken_trend(1, 12, 0, 0), {}), Catch::Contains("12 observations"));
  VectorXd y = broken_trend(1, 60, 0, 0);
  y(7) = kMissing;
  CHECK_THROWS_WITH(perron_yabu(y, {}), Catch::Contains("1 are missing"));
  options.trim = 0.15;
  options.max_lag = 40;
  CHECK_THROWS_WITH(perron_yabu(broken_trend(1, 60, 0, 0), options),
                    Catch::Contains("largest lag of the Perron-Yabu test is 40, but must be in"));
}

TEST_CASE("perron-yabu: a line without noise has no statistic") {
  CHECK(std::isnan(perron_yabu(VectorXd::LinSpaced(60, 1, 60), {}).exp_wald));
}

TEST_CASE("perron-yabu: the published 5 % values hold at a = 0, 0.5 and 1", "[slow]") {
  constexpr int kDraws = 250;
  for (const BreakIn model : {BreakIn::trend, BreakIn::both}) {
    for (const double a : {0.0, 0.5, 1.0}) {
      const double share = rejections(a, model, kDraws);
      INFO("model " << static_cast<int>(model) << ", a " << a << ": " << share);
      CHECK(share <= 0.12);
      CHECK(share >= 0.01);
    }
  }
}

}  // namespace amnok
