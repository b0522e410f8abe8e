#include "engine/stats/stl.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd noise(int n, std::uint32_t draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  fill_normals({17, Purpose::simulation, 3}, draw, x);
  return Eigen::Map<const VectorXd>(x.data(), n);
}

// 12 numbers that sum to 0.
double season(int t) {
  constexpr double values[] = {3, -1, 4, -1, -5, 9, -2, -6, 5, -3, -5, 2};
  return values[t % 12];
}

VectorXd line_and_season(int n, double slope) {
  VectorXd y(n);
  for (int t = 0; t < n; ++t) y(t) = 50 + slope * t + season(t);
  return y;
}

double largest(const VectorXd& x) {
  return x.cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("stl: loess of the five nearest points by hand") {
  // Bandwidth 2: weight 1 at the point, (1 - 1/8)^3 at its neighbours, 0 two away.
  VectorXd y(6), fitted(6);
  y << 1, 4, 2, 8, 5, 7;
  Loess loess({5, 0, 1}, 6);
  loess.smooth(y.data(), 6, nullptr, fitted.data());
  const double w = std::pow(1 - 1.0 / 8, 3);
  CHECK_THAT(fitted(2), AgreesTo((2 + w * (4 + 8)) / (1 + 2 * w), 14));
  // At the end the bandwidth is 4: the five nearest points lie to one side.
  double sum = 0, weight = 0;
  for (int d = 0; d < 5; ++d) {
    const double v = std::pow(1 - std::pow(d / 4.0, 3), 3);
    sum += v * y(d);
    weight += v;
  }
  CHECK_THAT(fitted(0), AgreesTo(sum / weight, 14));
}

TEST_CASE("stl: loess of degree 1 reproduces a line, also one step beyond the ends") {
  const int n = 23;
  const VectorXd line = VectorXd::LinSpaced(n, -4, 18);
  VectorXd fitted(n);
  for (int jump : {1, 2, 5, 40}) {
    for (int window : {5, 11, 41}) {
      Loess loess({window, 1, jump}, n);
      loess.smooth(line.data(), n, nullptr, fitted.data());
      CHECK(largest(fitted - line) < 1e-12);
      CHECK_THAT(loess.at(-1, line.data(), n, nullptr, 0), AgreesTo(-5, 12));
      CHECK_THAT(loess.at(n, line.data(), n, nullptr, 0), AgreesTo(19, 12));
    }
  }
}

TEST_CASE("stl: loess between the points of a jump is linear") {
  const int n = 40;
  const VectorXd y = noise(n, 1);
  VectorXd every(n), fourth(n);
  Loess({9, 1, 1}, n).smooth(y.data(), n, nullptr, every.data());
  Loess({9, 1, 4}, n).smooth(y.data(), n, nullptr, fourth.data());
  for (int t = 0; t + 4 < n; t += 4) {
    CHECK(fourth(t) == every(t));
    CHECK_THAT(fourth(t + 1), AgreesTo(0.75 * every(t) + 0.25 * every(t + 4), 10));
  }
  CHECK(fourth(n - 1) == every(n - 1));
}

TEST_CASE("stl: loess keeps the data where a neighbourhood has no weight") {
  const int n = 20;
  const VectorXd y = noise(n, 2);
  VectorXd weights = VectorXd::Ones(n), fitted(n);
  weights.segment(5, 9).setZero();
  Loess({5, 1, 1}, n).smooth(y.data(), n, weights.data(), fitted.data());
  CHECK(fitted(9) == y(9));
}

TEST_CASE("stl: a pure seasonal on a line is recovered") {
  const int n = 120;
  const VectorXd y = line_and_season(n, 0.3);
  StlOptions options = r_stl_options(n, 12, 7);
  options.seasonal.degree = 1;  // each cycle-subseries is a line
  const StlResult parts = stl(y, options);
  for (int t = 0; t < n; ++t) {
    CHECK(std::fabs(parts.seasonal(t) - season(t)) < 1e-11);
    CHECK(std::fabs(parts.trend(t) - 50 - 0.3 * t) < 1e-11);
  }
}

TEST_CASE("stl: a pure seasonal on a level is recovered with R's options") {
  for (bool robust : {false, true}) {
    for (auto window : {std::optional<int>(), std::optional<int>(9)}) {
      const StlResult parts = stl(line_and_season(96, 0), r_stl_options(96, 12, window, robust));
      for (int t = 0; t < 96; ++t) CHECK(std::fabs(parts.seasonal(t) - season(t)) < 1e-11);
      CHECK(largest(parts.trend.array() - 50) < 1e-11);
    }
  }
}

TEST_CASE("stl: the components add up, and a periodic season repeats") {
  const VectorXd y = line_and_season(100, 0.2) + noise(100, 3);
  for (bool robust : {false, true}) {
    const StlResult parts = stl(y, r_stl_options(100, 12, std::nullopt, robust));
    CHECK(largest(parts.seasonal + parts.trend + parts.remainder - y) < 1e-12);
    for (int t = 12; t < 100; ++t) CHECK(parts.seasonal(t) == parts.seasonal(t - 12));
  }
}

TEST_CASE("stl: units and level of the series pass through") {
  const VectorXd y = line_and_season(90, 0.2) + noise(90, 4);
  for (bool robust : {false, true}) {
    const StlOptions options = r_stl_options(90, 12, 11, robust);
    const StlResult a = stl(y, options);
    const StlResult b = stl(VectorXd(1000 - 3 * y.array()), options);
    CHECK(largest(b.seasonal + 3 * a.seasonal) < 1e-9);
    CHECK(largest(b.trend.array() - 1000 + 3 * a.trend.array()) < 1e-9);
    CHECK(largest(b.weights - a.weights) < 1e-9);
  }
}

TEST_CASE("stl: an outlier gets weight 0 under robustness and leaves the components alone") {
  const int n = 120, at = 61;
  const VectorXd clean = line_and_season(n, 0.1) + 0.3 * noise(n, 5);
  VectorXd spoilt = clean;
  spoilt(at) += 40;
  const StlOptions robust = r_stl_options(n, 12, 11, true), plain = r_stl_options(n, 12, 11);
  const StlResult with = stl(spoilt, robust), without = stl(clean, robust);
  CHECK(with.weights(at) == 0);
  CHECK(largest(with.trend - without.trend) < 0.2);
  CHECK(largest(with.seasonal - without.seasonal) < 0.5);
  CHECK(largest(stl(spoilt, plain).seasonal - stl(clean, plain).seasonal) > 5);
  CHECK((stl(spoilt, plain).weights.array() == 1).all());
}

TEST_CASE("stl: R's default windows and jumps") {
  // As R's stl reports them for 144 months.
  const StlOptions periodic = r_stl_options(144, 12, std::nullopt);
  CHECK(periodic.seasonal.jump == 145);
  CHECK(periodic.trend.window == 19);
  CHECK(periodic.trend.jump == 2);
  CHECK(periodic.low_pass.window == 13);
  CHECK(periodic.inner == 2);
  CHECK(periodic.outer == 0);
  const StlOptions robust = r_stl_options(144, 12, 13, true);
  CHECK(robust.seasonal.jump == 2);
  CHECK(robust.trend.window == 21);
  CHECK(robust.inner == 1);
  CHECK(robust.outer == 15);
  CHECK(r_stl_options(144, 12, 10).seasonal.window == 11);
}

TEST_CASE("stl: one object decomposes many series, with the bits of a fresh one") {
  const StlOptions options = r_stl_options(80, 4, 7, true);
  Stl decomposer(80, options);
  StlResult reused;
  for (std::uint32_t draw = 0; draw < 3; ++draw) {
    const VectorXd y = noise(80, 10 + draw);
    decomposer.decompose(y, reused);
    const StlResult fresh = stl(y, options);
    CHECK(reused.seasonal == fresh.seasonal);
    CHECK(reused.trend == fresh.trend);
    CHECK(reused.weights == fresh.weights);
  }
}

TEST_CASE("stl: a constant series is all trend") {
  const VectorXd y = VectorXd::Constant(40, 7);
  const StlResult parts = stl(y, r_stl_options(40, 4, std::nullopt, true));
  CHECK(largest(parts.trend - y) < 1e-13);
  CHECK(largest(parts.seasonal) < 1e-13);
}

TEST_CASE("stl: bad input names both numbers") {
  using Catch::Contains;
  const VectorXd y = noise(24, 6);
  CHECK_THROWS_WITH(stl(y, r_stl_options(24, 12, 7)),
                    Contains("the series has 24 observations, but must have more than 24 (two "
                             "periods of 12)"));
  CHECK_THROWS_WITH(stl(y, r_stl_options(24, 1, 7)),
                    Contains("the period is 1, but must be at least 2"));
  CHECK_THROWS_WITH(r_stl_options(24, 4, 1),
                    Contains("the seasonal window is 1, but must be at least 3"));
  VectorXd missing = y;
  missing(4) = kMissing;
  CHECK_THROWS_WITH(stl(missing, r_stl_options(24, 4, 7)),
                    Contains("observation 5 of 24 is nan, but must be finite"));
  StlResult result;
  Stl longer(30, r_stl_options(30, 4, 7));
  CHECK_THROWS_WITH(longer.decompose(y, result),
                    Contains("the series has 24 observations, but must have 30"));
}

TEST_CASE("stl: every bad option is named at once") {
  using Catch::Contains;
  StlOptions options = r_stl_options(60, 12, 7);
  options.seasonal.window = 8;
  options.trend.degree = 2;
  options.low_pass.jump = 0;
  options.inner = 0;
  options.outer = -1;
  CHECK_THROWS_WITH(stl(noise(60, 7), options),
                    Contains("the seasonal window is 8, but must be an odd number of at least 3") &&
                        Contains("the trend degree is 2, but must be 0 or 1") &&
                        Contains("the low-pass jump is 0, but must be at least 1") &&
                        Contains("inner is 0, but must be at least 1") &&
                        Contains("outer is -1, but must be at least 0"));
}

}  // namespace amnok
