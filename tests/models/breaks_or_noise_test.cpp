#include "models/structural_break/breaks_or_noise.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "tests/support/break_series.h"

namespace amnok {

namespace {

std::vector<int> rows_to(int n) {
  std::vector<int> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

PartialBreakSearch mean_of(const VectorXd& y) {
  return {MatrixXd(y.size(), 0), MatrixXd::Ones(y.size(), 1), y, 12, 3};
}

// AR(1) errors of 0.6 about a mean that shifts in the middle.
VectorXd persistent(std::uint32_t draw, double shift) {
  VectorXd e = break_series(draw, 100, 1).y.array() - 1;
  for (Eigen::Index t = 1; t < e.size(); ++t) e(t) += 0.6 * e(t - 1);
  VectorXd y = e.tail(80);
  y.tail(40).array() += shift;
  return y;
}

}  // namespace

TEST_CASE("breaks or noise: without correlation the criterion is Yao's") {
  const PartialBreakSearch problem = mean_of(persistent(1, 2));
  BreaksOrNoiseOptions independent;
  independent.max_ar = 0;
  independent.replications = 1;
  const BreaksOrNoise noise = breaks_or_noise(problem, rows_to(80), 80, independent);
  const PartitionFit fit =
      solve(PartitionSearch{problem.changing, problem.y, problem.min_segment, 3});
  REQUIRE(noise.criterion.size() == 4);
  for (std::size_t m = 0; m < 4; ++m) {
    const double rss = fit.best[m].rss, two_pi = 2 * std::acos(-1.0);
    CHECK(noise.criterion[m] == Approx(80 * (std::log(two_pi * rss / 80) + 1) +
                                       std::log(80) * (2 * static_cast<double>(m) + 2)));
  }
}

TEST_CASE("breaks or noise: p-values lie in (0, 1], do not hang on threads, bear gaps and units") {
  VectorXd y = persistent(2, 3);
  std::vector<int> rows = rows_to(80);
  for (std::size_t i = 50; i < rows.size(); ++i) rows[i] += 6;  // a gap of six periods
  BreaksOrNoiseOptions options;
  options.replications = 49;
  options.threads = 1;
  const BreaksOrNoise one = breaks_or_noise(mean_of(y), rows, 86, options);
  options.threads = 2;
  const BreaksOrNoise two = breaks_or_noise(mean_of(y), rows, 86, options);
  CHECK(one.p_value == two.p_value);
  CHECK(one.p_value > 0);
  CHECK(one.p_value <= 1);
  const BreaksOrNoise scaled = breaks_or_noise(mean_of(1e3 * y), rows, 86, options);
  CHECK(scaled.p_value == one.p_value);
  CHECK(scaled.gain == Approx(one.gain).margin(1e-4));
}

TEST_CASE("breaks or noise: a regression that fits exactly has nothing to compare") {
  VectorXd y = VectorXd::Ones(80);
  y.tail(30).setConstant(4);
  CHECK(breaks_or_noise(mean_of(y), rows_to(80), 80).criterion.empty());
}

TEST_CASE("breaks or noise: size at 5 % with AR(1) errors of 0.6, power against a shift",
          "[slow]") {
  constexpr int kDraws = 150;
  const auto rejected = [&](double shift) {
    int count = 0;
    for (std::uint32_t r = 0; r < kDraws; ++r) {
      BreaksOrNoiseOptions options;
      options.replications = 99;
      options.seed = r;
      const VectorXd y = persistent(700 + r, shift);
      count += breaks_or_noise(mean_of(y), rows_to(80), 80, options).p_value <= 0.05 ? 1 : 0;
    }
    return count;
  };
  const int size = rejected(0), power = rejected(4);
  INFO(size << ", " << power);
  CHECK(size <= 0.11 * kDraws);  // 5 % and three standard errors
  CHECK(power >= 0.7 * kDraws);
}

}  // namespace amnok
