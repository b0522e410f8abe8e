#include "models/structural_break/fluctuation_tests.h"

#include <Eigen/Eigenvalues>
#include <catch2/catch.hpp>

#include "engine/regression/specification_tests.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "models/structural_break/fluctuation_distribution.h"
#include "tests/support/break_series.h"

namespace amnok {

namespace {

// (X'X)^1/2 (b_part - b) by eigenvalues.
VectorXd scaled_difference(const MatrixXd& x, const VectorXd& y, const VectorXd& b) {
  const LinearFit fit = solve(LinearLeastSquares{x, y});
  const MatrixXd root = Eigen::SelfAdjointEigenSolver<MatrixXd>(x.transpose() * x).operatorSqrt();
  return root * (fit.coefficients - b);
}

}  // namespace

TEST_CASE("fluctuation: recursive residuals are one-step errors, and add to the RSS") {
  const BreakSeries s = break_series(1, 40, 3);
  const VectorXd w = recursive_residuals(s.x, s.y);
  REQUIRE(w.size() == 37);
  for (int t = 3; t < 40; ++t) {
    const LinearFit before = solve(LinearLeastSquares{s.x.topRows(t), s.y.head(t)});
    const VectorXd x = s.x.row(t).transpose();
    const double error = s.y(t) - x.dot(before.coefficients);
    CHECK(w(t - 3) == Approx(error / std::sqrt(1 + x.dot(before.xtx_inverse * x))).margin(1e-9));
  }
  CHECK(w.squaredNorm() == Approx(solve(LinearLeastSquares{s.x, s.y}).rss));
}

TEST_CASE("fluctuation: a regressor that starts late costs its own observation") {
  BreakSeries s = break_series(2, 30, 2);
  s.x.col(1) = VectorXd::LinSpaced(30, -10, 19).cwiseMax(0);
  const VectorXd w = recursive_residuals(s.x, s.y);
  CHECK(w.size() == 28);
  CHECK(w.squaredNorm() == Approx(solve(LinearLeastSquares{s.x, s.y}).rss));
}

TEST_CASE("fluctuation: estimates equal refits") {
  const BreakSeries s = break_series(3, 60, 3, 0.3);
  const LinearFit fit = solve(LinearLeastSquares{s.x, s.y});
  const double scale = std::sqrt(fit.sigma2() * 60);
  const Fluctuation re = recursive_estimates(s.x, s.y);
  REQUIRE(re.process.rows() == 59);
  for (int i = 3; i < 60; ++i) {
    const VectorXd row =
        std::sqrt(i) / scale * scaled_difference(s.x.topRows(i), s.y.head(i), fit.coefficients);
    CHECK((re.process.row(i - 2).transpose() - row).norm() < 1e-9);
  }
  const Fluctuation me = moving_estimates(s.x, s.y, 0.25);
  REQUIRE(me.process.rows() == 46);
  for (int i = 0; i < 46; ++i) {
    const VectorXd row =
        std::sqrt(15) / scale *
        scaled_difference(s.x.middleRows(i, 15), s.y.segment(i, 15), fit.coefficients);
    CHECK((me.process.row(i).transpose() - row).norm() < 1e-9);
  }
}

TEST_CASE("fluctuation: a mean only makes RE the OLS-CUSUM") {
  const BreakSeries s = break_series(4, 70, 1, 1);
  const Fluctuation cusum = ols_cusum(s.x, s.y), re = recursive_estimates(s.x, s.y);
  CHECK(re.statistic == Approx(cusum.statistic));
  CHECK(re.at == cusum.at);
  CHECK(cusum.process(70, 0) == Approx(0).margin(1e-9));
  CHECK(std::abs(cusum.at - 35) <= 3);
}

TEST_CASE("fluctuation: units of y do not matter") {
  const BreakSeries s = break_series(5, 80, 2, 0.5);
  const auto statistics = [&](const VectorXd& y) {
    return std::vector<double>{ols_cusum(s.x, y).statistic,
                               ols_cusum(s.x, y, Errors::hac).statistic,
                               ols_mosum(s.x, y, 0.15).statistic,
                               recursive_cusum(s.x, y).statistic,
                               recursive_mosum(s.x, y, 0.15).statistic,
                               recursive_estimates(s.x, y).statistic,
                               moving_estimates(s.x, y, 0.15).statistic,
                               nyblom_hansen(s.x, y)};
  };
  const std::vector<double> one = statistics(s.y);
  for (const double c : {1e-9, 1e9}) {
    const std::vector<double> other = statistics(c * s.y);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(other[i] == Approx(one[i]).epsilon(1e-8));
  }
}

TEST_CASE("fluctuation: published critical values") {
  CHECK(bridge_critical_value(0.05, 1) == Approx(1.3581).margin(1e-4));
  CHECK(bridge_critical_value(0.01, 1) == Approx(1.6276).margin(1e-4));
  // Brown, Durbin & Evans (1975): 0.850, 0.948 and 1.143.
  CHECK(motion_critical_value(0.10) == Approx(0.850).margin(5e-4));
  CHECK(motion_critical_value(0.05) == Approx(0.948).margin(5e-4));
  CHECK(motion_critical_value(0.01) == Approx(1.143).margin(5e-4));
  // Anderson & Darling (1952): the Cramer-von Mises statistic.
  CHECK(bridge_square_integral_critical_value(0.10, 1) == Approx(0.34730).margin(1e-5));
  CHECK(bridge_square_integral_critical_value(0.05, 1) == Approx(0.46136).margin(1e-5));
  CHECK(bridge_square_integral_critical_value(0.01, 1) == Approx(0.74346).margin(1e-5));
  // Chu, Hornik & Kuan (1995), tables.
  CHECK(bridge_increments_critical_value(0.05, 0.15, 1) == Approx(1.2059).margin(1e-9));
  CHECK(motion_increments_critical_value(0.05, 0.25) == Approx(3.1531 * 0.5).margin(1e-9));
}

TEST_CASE("fluctuation: the square integral in two dimensions is a known series") {
  for (const double x : {0.05, 0.2, 0.5, 1.0, 2.0}) {
    double series = 0;
    for (int j = 1; j <= 60; ++j) {
      series += (j % 2 == 1 ? 2 : -2) * std::exp(-j * j * 9.8696044010893586 * x / 2);
    }
    CHECK(bridge_square_integral_p_value(x, 2) == Approx(series).margin(1e-12));
  }
  // Independent dimensions: the mean is k / 6, and p-values rise with k.
  for (int k = 2; k <= 60; ++k) {
    CHECK(bridge_square_integral_p_value(k / 6.0, k) > 0.3);
    CHECK(bridge_square_integral_p_value(k / 6.0, k) < 0.5);
    CHECK(bridge_square_integral_p_value(1, k) > bridge_square_integral_p_value(1, k - 1) - 1e-8);
  }
}

TEST_CASE("fluctuation: outside a table there is no p-value") {
  CHECK(std::isnan(bridge_increments_p_value(1, 0.15, 7)));
  CHECK(std::isnan(bridge_increments_p_value(1, 0.02, 1)));
  CHECK(std::isnan(motion_increments_p_value(1, 0.6)));
  CHECK(std::isnan(bridge_increments_critical_value(0.05, 0.6, 1)));
  CHECK(bridge_increments_p_value(9, 0.15, 1) == 0.01);
}

TEST_CASE("fluctuation: tables rise with the dimensions and fall with the level") {
  for (double h = 0.05; h < 0.51; h += 0.05) {
    for (int k = 1; k <= 6; ++k) {
      double last = 0;
      for (const double level : {0.10, 0.05, 0.025, 0.01}) {
        const double value = bridge_increments_critical_value(level, h, k);
        CHECK(value > last);
        if (k > 1) CHECK(value > bridge_increments_critical_value(level, h, k - 1));
        last = value;
      }
    }
  }
}

}  // namespace amnok
