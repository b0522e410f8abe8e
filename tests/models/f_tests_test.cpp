#include "models/structural_break/f_tests.h"

#include <Eigen/Cholesky>
#include <catch2/catch.hpp>

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "models/structural_break/critical_values.h"
#include "models/structural_break/f_test_distribution.h"
#include "models/structural_break/segment_covariance.h"
#include "tests/support/break_series.h"

namespace amnok {

namespace {

double refit_rss(const MatrixXd& x, const VectorXd& y) {
  return solve(LinearLeastSquares{x, y}).rss;
}

// The Wald statistic of a split by two separate fits.
double refit_wald(const BreakSeries& s, int i, Errors errors) {
  SegmentErrors options;
  options.errors = errors;
  options.prewhiten = false;
  const SegmentedFit fit = fit_segments(s.x, s.y, {i - 1}, options);
  const VectorXd d = (fit.coefficients.row(1) - fit.coefficients.row(0)).transpose();
  return d.dot((fit.covariance[0] + fit.covariance[1]).ldlt().solve(d));
}

}  // namespace

TEST_CASE("f tests: the path equals refits at every date") {
  BreakSeries s = break_series(1, 150, 4, 0.4);
  s.x.col(2) = 1e5 + 1e3 * s.x.col(2).array();  // badly scaled
  const FPath path = f_path(s.x, s.y, {20, 130, Errors::classical, false});
  const double all = refit_rss(s.x, s.y);
  for (int i = 20; i <= 130; ++i) {
    const double rss = refit_rss(s.x.topRows(i), s.y.head(i)) +
                       refit_rss(s.x.bottomRows(150 - i), s.y.tail(150 - i));
    CHECK(path.f(i - 20) == Approx((all - rss) / (rss / (150 - 8))).epsilon(1e-9));
  }
  CHECK(path.f(path.argmax - 20) == path.sup);
  CHECK(path.lambda() == Approx((150.0 - 20) * 130 / (20.0 * (150 - 130))));
}

TEST_CASE("f tests: robust paths equal Wald statistics of two fits") {
  const BreakSeries s = break_series(2, 100, 3, 0.4, true);
  for (const Errors errors : {Errors::hc, Errors::hac}) {
    const FPath path = f_path(s.x, s.y, {20, 80, errors, false});
    for (int i = 20; i <= 80; i += 4) {
      CHECK(path.f(i - 20) == Approx(refit_wald(s, i, errors)).epsilon(1e-9));
    }
  }
}

TEST_CASE("f tests: units of y do not matter") {
  const BreakSeries s = break_series(3, 80, 2, 0.5);
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    const FPath one = f_path(s.x, s.y, {12, 68, errors, true});
    for (const double c : {1e-9, 1e9}) {
      const FPath other = f_path(s.x, c * s.y, {12, 68, errors, true});
      CHECK((one.f - other.f).cwiseAbs().maxCoeff() < 1e-8 * one.sup);
      CHECK(other.exp == Approx(one.exp).epsilon(1e-9));
    }
  }
}

TEST_CASE("f tests: a huge F leaves exp-F finite") {
  BreakSeries s = break_series(4, 60, 1);
  s.y.tail(30).array() += 1e4;
  const FPath path = f_path(s.x, s.y, {9, 51, Errors::classical, false});
  CHECK(path.sup > 1e6);
  CHECK(path.exp == Approx(path.sup / 2 - std::log(43.0)));
}

TEST_CASE("f tests: Chow is F at one date, the predictive test that of dummies") {
  const BreakSeries s = break_series(5, 50, 2, 0.3);
  const FTest chow = chow_test(s.x, s.y, 30);
  CHECK(chow.statistic == Approx(f_path(s.x, s.y, {30, 30, Errors::classical, false}).sup / 2));
  CHECK(chow.p_value == Approx(f_sf(chow.statistic, 2, 46)));
  // A dummy for each of the last eight observations takes them out.
  const FTest predictive = predictive_chow_test(s.x, s.y, 42);
  MatrixXd with_dummies = MatrixXd::Zero(50, 10);
  with_dummies.leftCols(2) = s.x;
  with_dummies.bottomRightCorner(8, 8).setIdentity();
  const double all = refit_rss(s.x, s.y), without = refit_rss(with_dummies, s.y);
  CHECK(predictive.statistic == Approx((all - without) / 8 / (without / 40)));
  CHECK(predictive.df1 == 8);
  CHECK(predictive.df2 == 40);
  CHECK(predictive.p_value == Approx(f_sf(predictive.statistic, 8, 40)));
}

TEST_CASE("f tests: Hansen's distribution agrees with Bai and Perron's critical values") {
  for (const double trimming : bai_perron_trimmings()) {
    const double lambda = std::pow((1 - trimming) / trimming, 2);
    for (const double level : bai_perron_levels()) {
      for (int k = 1; k <= 10; ++k) {
        const double critical = hansen_critical_value(FStatistic::sup, level, k, lambda);
        INFO("trimming " << trimming << ", level " << level << ", k " << k);
        CHECK(critical ==
              Approx(
                  bai_perron_critical_value(BaiPerronStatistic::sup_f, trimming, level, k, 1).value)
                  .epsilon(0.06));
        CHECK(hansen_p_value(FStatistic::sup, critical, k, lambda) == Approx(level).margin(1e-9));
      }
    }
  }
}

TEST_CASE("f tests: p-values fall with the statistic, for all tables") {
  for (const FStatistic statistic : {FStatistic::sup, FStatistic::ave, FStatistic::exp}) {
    for (int k = 1; k <= 40; ++k) {
      for (const double trimming : {0.005, 0.01, 0.05, 0.15, 0.3, 0.47, 0.485, 0.495, 0.5}) {
        const double lambda = std::max(1.0, std::pow((1 - trimming) / trimming, 2));
        double last = 1;
        bool falls = true;
        for (double x = 0; x < 150; x += 1.5) {
          const double p = hansen_p_value(statistic, x, k, lambda);
          falls = falls && p >= 0 && p <= last + 1e-12;
          last = p;
        }
        CHECK(falls);
        CHECK(last < 1e-3);
      }
    }
  }
}

TEST_CASE("f tests: beyond the tables there is no p-value") {
  CHECK(std::isnan(hansen_p_value(FStatistic::sup, 10, 41, 30)));
  CHECK(std::isnan(hansen_critical_value(FStatistic::ave, 0.05, 41, 30)));
}

TEST_CASE("f tests: one date is chi-squared") {
  CHECK(hansen_p_value(FStatistic::sup, 5, 2, 1) == Approx(chi_squared_sf(5, 2)));
  CHECK(hansen_p_value(FStatistic::exp, 2.5, 2, 1) == Approx(chi_squared_sf(5, 2)));
}

}  // namespace amnok
