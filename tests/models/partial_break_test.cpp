#include "models/structural_break/partial_break.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/structural_break/partial_break_tests.h"
#include "tests/support/break_series.h"

namespace amnok {

namespace {

// A level that shifts by `shift` in the second third and comes back, and a slope that stays 1.
PartialBreakSearch level_shifts(std::uint32_t draw, int n, double shift) {
  const BreakSeries s = break_series(draw, n, 2);
  PartialBreakSearch problem{s.x.rightCols(1), s.x.leftCols(1), s.y, n / 8, 3};
  problem.y.segment(n / 3, n / 3).array() += shift;
  return problem;
}

double joint_rss(const PartialBreakSearch& problem, const std::vector<int>& last) {
  return fit_partial_breaks(problem, last, {}).rss;
}

SegmentErrors one_variance() {
  SegmentErrors errors;
  errors.segment_variances = false;
  return errors;
}

}  // namespace

TEST_CASE("partial breaks: without common regressors they are the pure ones") {
  const BreakSeries s = break_series(2, 90, 2, 0.8);
  const PartialBreakSearch partial{MatrixXd(90, 0), s.x, s.y, 12, 3};
  const PartitionFit a = solve(partial), b = solve(PartitionSearch{s.x, s.y, 12, 3});
  REQUIRE(a.best.size() == b.best.size());
  for (std::size_t m = 0; m < a.best.size(); ++m) {
    CHECK(a.best[m].last == b.best[m].last);
    CHECK(a.best[m].rss == Approx(b.best[m].rss).epsilon(1e-10));
  }
  CHECK(sup_f_at(partial, {44}, one_variance()) ==
        Approx(sup_f_at(s.x, s.y, {44}, one_variance())).epsilon(1e-9));
}

TEST_CASE("partial breaks: one and two breaks equal a search over all dates") {
  for (std::uint32_t draw = 0; draw < 6; ++draw) {
    const PartialBreakSearch problem = level_shifts(draw, 48, 0.7);
    const int n = 48, h = problem.min_segment;
    double one = INFINITY, two = INFINITY;
    for (int a = h - 1; a + h < n; ++a) {
      one = std::min(one, joint_rss(problem, {a}));
      for (int b = a + h; b + h < n; ++b) two = std::min(two, joint_rss(problem, {a, b}));
    }
    const PartitionFit fit = solve(problem);
    CHECK(fit.best[1].rss == Approx(one).epsilon(1e-10));
    CHECK(fit.best[2].rss == Approx(two).epsilon(1e-10));
  }
}

TEST_CASE("partial breaks: the F path is that of two regressions") {
  const PartialBreakSearch problem = level_shifts(3, 60, 1);
  const VectorXd f = f_path(problem, {8, 52, Errors::classical, false}).f;
  const double none = joint_rss(problem, {});
  for (int i = 8; i <= 52; i += 11) {
    const double split = joint_rss(problem, {i - 1});
    CHECK(f(i - 8) == Approx((60 - 3) * (none - split) / split).epsilon(1e-9));
    CHECK(sup_f_at(problem, {i - 1}, one_variance()) == Approx(f(i - 8)).epsilon(1e-8));
  }
}

TEST_CASE("partial breaks: tests and criteria without common regressors are the pure ones") {
  const BreakSeries s = break_series(7, 120, 2, 1);
  const PartialBreakSearch partial{MatrixXd(120, 0), s.x, s.y, 18, 3};
  const PartitionSearch pure{s.x, s.y, 18, 3};
  const PartitionFit fit = solve(pure);
  const BreakAnalysis a = analyse_breaks(partial, fit), b = analyse_breaks(pure, fit);
  for (std::size_t m = 0; m < fit.best.size(); ++m) {
    CHECK(a.bic[m] == Approx(b.bic[m]));
    CHECK(a.lwz_df[m] == Approx(b.lwz_df[m]));
    CHECK(a.kt[m] == Approx(b.kt[m]));
  }
  CHECK(a.breaks_by_lwz == b.breaks_by_lwz);
  for (const Errors errors : {Errors::hc, Errors::hac}) {
    const FPath one = f_path(partial, {18, 102, errors, true}),
                two = f_path(s.x, s.y, {18, 102, errors, true});
    CHECK(one.sup == Approx(two.sup).epsilon(1e-8));
    CHECK(one.argmax == two.argmax);
  }
  SegmentErrors hc;
  hc.errors = Errors::hc;
  CHECK(sequential_breaks(partial, 0.15, 0.05, hc).last ==
        sequential_breaks(pure, 0.15, 0.05, hc).last);
  CHECK(repartitioned(partial, {50}) == repartitioned(pure, {50}));
}

TEST_CASE("partial breaks: both shifts of a level are found one at a time") {
  const PartialBreakSearch problem = level_shifts(6, 120, 4);
  PartialBreakSearch trimmed = problem;
  trimmed.min_segment = 18;
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    SegmentErrors options = one_variance();
    options.errors = errors;
    const SequentialBreaks found = sequential_breaks(trimmed, 0.15, 0.05, options);
    REQUIRE(found.last.size() == 2);
    CHECK(std::abs(found.last[0] - 39) <= 3);
    CHECK(std::abs(found.last[1] - 79) <= 3);
    CHECK(repartitioned(trimmed, found.last) == solve(trimmed).best[2].last);
  }
}

TEST_CASE("partial breaks: dates and coefficients are recovered, and bad units change nothing") {
  PartialBreakSearch problem = level_shifts(5, 150, 3);
  const PartitionFit fit = solve(problem);
  REQUIRE(fit.best.size() == 4);
  const std::vector<int>& last = fit.best[2].last;
  CHECK(std::abs(last[0] - 49) <= 2);
  CHECK(std::abs(last[1] - 99) <= 2);
  const PartialBreakFit at = fit_partial_breaks(problem, last, {});
  CHECK(at.common(0) == Approx(1).margin(0.3));
  CHECK(at.coefficients(1, 0) - at.coefficients(0, 0) == Approx(3).margin(0.6));
  problem.common *= 1e7;
  problem.y *= 1e-6;
  CHECK(solve(problem).best[2].last == last);
}

TEST_CASE("partial breaks: errors of each kind agree where they must") {
  // Homoskedastic white noise and a long sample: all covariances estimate the same.
  const PartialBreakSearch problem = level_shifts(8, 3000, 1);
  const std::vector<int> last = {999, 1999};
  const MatrixXd classical = fit_partial_breaks(problem, last, one_variance()).covariance;
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    for (const bool segment_variances : {false, true}) {
      SegmentErrors options;
      options.errors = errors;
      options.segment_variances = segment_variances;
      const MatrixXd v = fit_partial_breaks(problem, last, options).covariance;
      REQUIRE(v.rows() == 4);
      for (Eigen::Index i = 0; i < 4; ++i) CHECK(v(i, i) == Approx(classical(i, i)).epsilon(0.25));
      CHECK((v - v.transpose()).norm() < 1e-12 * v.norm());
    }
  }
}

}  // namespace amnok
