#include "models/structural_break/break_bootstrap.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/structural_break/bai_perron_tests.h"
#include "models/structural_break/f_test_distribution.h"
#include "models/structural_break/partial_break_tests.h"
#include "tests/support/break_series.h"

namespace amnok {

namespace {

constexpr Bootstrap kSchemes[] = {Bootstrap::fixed_regressor, Bootstrap::fixed_hetero,
                                  Bootstrap::rademacher, Bootstrap::mammen, Bootstrap::sieve};

}  // namespace

TEST_CASE("break bootstrap: the kernel's F path is the F path, also in bad units") {
  BreakSeries s = break_series(1, 80, 3, 0.5);
  s.x.col(2) = 1e6 + 1e3 * s.x.col(2).array();
  const FPath path = f_path(s.x, s.y, {12, 68, Errors::classical, false});
  const MatrixXd f = FPathKernel(s.x, 12, 68).paths(s.y);
  REQUIRE(f.rows() == path.f.size());
  for (Eigen::Index i = 0; i < f.rows(); ++i) CHECK(f(i, 0) == Approx(path.f(i)).epsilon(1e-8));
  const MatrixXd shifted = FPathKernel(s.x, 12, 68).paths(s.y + s.x.col(1) * 7);
  CHECK((shifted - f).norm() < 1e-8 * f.norm());
}

TEST_CASE("break bootstrap: a regressor that starts late is harmless") {
  BreakSeries s = break_series(2, 60, 2);
  s.x.col(1).head(30).setZero();
  const MatrixXd f = FPathKernel(s.x, 12, 48).paths(s.y);
  const FPath path = f_path(s.x, s.y, {12, 48, Errors::classical, false});
  for (Eigen::Index i = 0; i < f.rows(); ++i) CHECK(f(i, 0) == Approx(path.f(i)).epsilon(1e-8));
}

TEST_CASE("break bootstrap: the kernel knows coefficients that stay") {
  const BreakSeries s = break_series(4, 70, 3, 0.5);
  const PartialBreakSearch problem{s.x.rightCols(1), s.x.leftCols(2), s.y, 10, 1};
  const MatrixXd f = FPathKernel(problem.changing, problem.common, 10, 60).paths(s.y);
  const VectorXd path = f_path(problem, {10, 60, Errors::classical, false}).f;
  for (Eigen::Index i = 0; i < f.rows(); ++i) CHECK(f(i, 0) == Approx(path(i)).epsilon(1e-8));
}

TEST_CASE("break bootstrap: threads do not change a number") {
  const BreakSeries s = break_series(3, 60, 2);
  for (const Bootstrap scheme : kSchemes) {
    const BootstrapF one = bootstrap_f_tests(s.x, s.y, 9, 51, {scheme, 99, 5, 1});
    const BootstrapF two = bootstrap_f_tests(s.x, s.y, 9, 51, {scheme, 99, 5, 2});
    CHECK(one.drawn_sup == two.drawn_sup);
    CHECK(one.exp_p == two.exp_p);
    CHECK(one.sup_p == two.sup_p);
    CHECK(one.sup == Approx(f_path(s.x, s.y, {9, 51, Errors::classical, false}).sup));
  }
}

TEST_CASE("break bootstrap: the fixed-regressor p-value nears Hansen's") {
  const BreakSeries s = break_series(5, 400, 2, 0.15);
  const BootstrapF boot =
      bootstrap_f_tests(s.x, s.y, 60, 340, {Bootstrap::fixed_regressor, 2999, 1, 0});
  const double lambda = 340.0 * 340 / (60.0 * 60);
  CHECK(boot.sup_p == Approx(hansen_p_value(FStatistic::sup, boot.sup, 2, lambda)).margin(0.04));
  CHECK(boot.ave_p == Approx(hansen_p_value(FStatistic::ave, boot.ave, 2, lambda)).margin(0.04));
  CHECK(boot.exp_p == Approx(hansen_p_value(FStatistic::exp, boot.exp, 2, lambda)).margin(0.04));
  CHECK(boot.sup_critical(0.05) ==
        Approx(hansen_critical_value(FStatistic::sup, 0.05, 2, lambda)).epsilon(0.06));
}

TEST_CASE("break bootstrap: a clear break is seen by every scheme") {
  const BreakSeries s = break_series(6, 120, 2, 1.5);
  for (const Bootstrap scheme : kSchemes) {
    INFO(bootstrap_name(scheme));
    CHECK(bootstrap_f_tests(s.x, s.y, 18, 102, {scheme, 199, 2, 0}).sup_p < 0.02);
    CHECK(bootstrap_sequential(s.x, s.y, {}, 18, {scheme, 199, 2, 0}).p_value < 0.02);
    CHECK(bootstrap_sequential(s.x, s.y, {59}, 18, {scheme, 199, 2, 0}).p_value > 0.02);
  }
}

TEST_CASE("break bootstrap: supF(l + 1 | l) is the statistic of the published tables, without n") {
  const BreakSeries s = break_series(8, 120, 2, 1);
  SegmentErrors errors;
  errors.segment_variances = false;
  const BootstrapSequential boot = bootstrap_sequential(s.x, s.y, {59}, 18, {});
  CHECK(boot.statistic ==
        Approx(best_inserted_break(s.x, s.y, {59}, 18, errors).statistic).epsilon(1e-8));
  CHECK(std::isnan(bootstrap_sequential(s.x, s.y, {59}, 40, {}).p_value));
}

TEST_CASE("break bootstrap: the sieve keeps 5 % at n = 100 with an AR(1) of 0.5, and sees shifts",
          "[slow]") {
  // Docs: docs/structural_break.md. Innovations have variance one; 600 draws have a Monte-Carlo
  // standard error of 0.9 points at 5 %.
  constexpr int kDraws = 600, n = 100;
  for (const double shift : {0.0, 2.0}) {
    int sieve = 0, hac = 0;
    for (std::uint32_t r = 0; r < kDraws; ++r) {
      BreakSeries s = break_series(r, n + 20, 1);
      VectorXd e = s.y.array() - 1;
      for (Eigen::Index t = 1; t < e.size(); ++t) e(t) += 0.5 * e(t - 1);
      VectorXd y = e.tail(n);
      y.tail(n / 2).array() += shift;
      const MatrixXd x = s.x.topRows(n);
      sieve += bootstrap_f_tests(x, y, 15, 85, {Bootstrap::sieve, 199, r, 0}).sup_p <= 0.05;
      if (shift > 0) continue;
      const FPath path = f_path(x, y, {15, 85, Errors::hac, true});
      hac += hansen_p_value(FStatistic::sup, path.sup, 1, path.lambda()) <= 0.05;
    }
    INFO("shift " << shift << ": sieve " << sieve << ", hac " << hac);
    if (shift > 0) {
      CHECK(sieve > 0.8 * kDraws);
    } else {
      CHECK(sieve >= 0.03 * kDraws);
      CHECK(sieve <= 0.07 * kDraws);
      CHECK(hac > 0.10 * kDraws);  // the asymptotic test with a long-run covariance does not
    }
  }
}

TEST_CASE("break bootstrap: the wild one keeps the size where the variance hangs on x", "[slow]") {
  constexpr int kDraws = 400;
  int classical = 0, wild = 0, hetero = 0;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const BreakSeries s = break_series(r, 120, 2, 0, true);
    classical +=
        bootstrap_f_tests(s.x, s.y, 18, 102, {Bootstrap::fixed_regressor, 199, r, 0}).sup_p <= 0.05;
    wild += bootstrap_f_tests(s.x, s.y, 18, 102, {Bootstrap::rademacher, 199, r, 0}).sup_p <= 0.05;
    hetero +=
        bootstrap_f_tests(s.x, s.y, 18, 102, {Bootstrap::fixed_hetero, 199, r, 0}).sup_p <= 0.05;
  }
  INFO("classical " << classical << ", wild " << wild << ", hetero " << hetero);
  CHECK(classical > 0.12 * kDraws);
  CHECK(wild < 0.09 * kDraws);
  // Residuals of the best date are too small where x is large, and the date is the best of many.
  CHECK(hetero < 0.13 * kDraws);
}

}  // namespace amnok
