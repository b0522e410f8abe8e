#include "engine/regression/var_tests.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/regression/wald.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "engine/stats/kronecker.h"
#include "engine/stats/log_determinant.h"

namespace amnok {

namespace {

void check_sets(const VectorAutoregression& var, const std::vector<int>& causes,
                const std::vector<int>& effects) {
  ProblemList problems;
  if (causes.empty() || effects.empty()) {
    problems.error({}, fmt::format("causality is between {} and {} variables, but must be between "
                                   "at least one and one",
                                   causes.size(), effects.size()));
  }
  for (const auto* set : {&causes, &effects}) {
    for (int j : *set) {
      if (j >= 0 && j < var.size()) continue;
      problems.error({}, fmt::format("a variable of the causality test is {}, but must be in "
                                     "[0, {}]",
                                     j, var.size() - 1));
    }
  }
  for (int j : causes) {
    if (std::find(effects.begin(), effects.end(), j) == effects.end()) continue;
    problems.error({}, fmt::format("variable {} is cause and effect, but must be one of them", j));
  }
  problems.throw_if_errors();
}

void check_lag(const char* test, int lag, int least) {
  if (lag >= least) return;
  throw InputError(fmt::format("the lag of {} is {}, but must be at least {}", test, lag, least));
}

Diagnostic chi_squared_test(const char* name, double statistic, double df, int lag = 0) {
  Diagnostic test;
  test.name = name;
  test.lag = lag;
  test.statistic = statistic;
  test.df = df;
  test.p_value = chi_squared_sf(statistic, df);
  return test;
}

MatrixXd residuals_on(const MatrixXd& y, const MatrixXd& x) {
  MatrixXd left(y.rows(), y.cols());
  for (Eigen::Index j = 0; j < y.cols(); ++j) {
    left.col(j) = solve(LinearLeastSquares{x, y.col(j)}).residuals;
  }
  return left;
}

// Residuals of `lag` periods before each observation; zero where there are none.
MatrixXd lagged_residuals(const VectorAutoregression& var, int lag) {
  MatrixXd lagged = MatrixXd::Zero(var.residuals.rows(), var.residuals.cols());
  const std::vector<int>& rows = var.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto before = std::lower_bound(rows.begin(), rows.end(), rows[i] - lag);
    if (before == rows.end() || *before != rows[i] - lag) continue;
    lagged.row(static_cast<Eigen::Index>(i)) = var.residuals.row(before - rows.begin());
  }
  return lagged;
}

}  // namespace

Diagnostic granger_causality(const VectorAutoregression& var, const std::vector<int>& causes,
                             const std::vector<int>& effects) {
  check_sets(var, causes, effects);
  if (var.spec.lags == 0) {
    throw InputError("lags is 0, but must be at least 1 for a test of causality");
  }
  const Eigen::Index q = var.regressor_count();
  const auto count = static_cast<Eigen::Index>(causes.size() * effects.size()) * var.spec.lags;
  MatrixXd restrictions = MatrixXd::Zero(count, q * var.size());
  Eigen::Index row = 0;
  for (int effect : effects) {
    for (int lag = 0; lag < var.spec.lags; ++lag) {
      for (int cause : causes) {
        restrictions(row++, effect * q + var.term_count() + lag * var.size() + cause) = 1;
      }
    }
  }
  return wald_test("granger_causality",
                   Eigen::Map<const VectorXd>(var.coefficients.data(), var.coefficients.size()),
                   var.coefficient_covariance(), restrictions, VectorXd::Zero(count),
                   var.size() * var.df_residual());
}

Diagnostic instantaneous_causality(const VectorAutoregression& var, const std::vector<int>& causes,
                                   const std::vector<int>& effects) {
  check_sets(var, causes, effects);
  const Eigen::Index k = var.size();
  const MatrixXd sigma = var.sigma(), d = duplication_matrix(k);
  const MatrixXd inverse = (d.transpose() * d).ldlt().solve(d.transpose());
  const MatrixXd covariance =
      2.0 / var.observations() * inverse * kronecker(sigma, sigma) * inverse.transpose();
  const VectorXd vech =
      elimination_matrix(k) * Eigen::Map<const VectorXd>(sigma.data(), sigma.size());
  const auto count = static_cast<Eigen::Index>(causes.size() * effects.size());
  MatrixXd restrictions = MatrixXd::Zero(count, vech.size());
  Eigen::Index row = 0;
  for (int a : causes) {
    for (int b : effects) {
      const Eigen::Index i = std::max(a, b), j = std::min(a, b);
      restrictions(row++, j * k - j * (j - 1) / 2 + i - j) = 1;
    }
  }
  return wald_test("instantaneous_causality", vech, covariance, restrictions,
                   VectorXd::Zero(count));
}

Diagnostic var_portmanteau(const VectorAutoregression& var, int lag, bool adjusted) {
  check_lag("the portmanteau test", lag, var.spec.lags + 1);
  const MatrixXd& u = var.residuals;
  const double t = var.observations();
  const Eigen::LDLT<MatrixXd> c0(u.transpose() * u / t);
  double sum = 0;
  for (int i = 1; i <= std::min(lag, var.observations() - 1); ++i) {
    const MatrixXd ci = u.transpose() * lagged_residuals(var, i) / t;
    const double term = (c0.solve(ci.transpose()) * c0.solve(ci)).trace();
    sum += adjusted ? term * t / (t - i) : term;
  }
  const double df = static_cast<double>(var.size()) * var.size() * (lag - var.spec.lags);
  return chi_squared_test(adjusted ? "portmanteau_adjusted" : "portmanteau", t * sum, df, lag);
}

Diagnostic var_breusch_godfrey(const VectorAutoregression& var, int lag, bool small_sample) {
  check_lag("the Breusch-Godfrey test", lag, 1);
  const MatrixXd& u = var.residuals;
  const Eigen::Index k = u.cols(), q = var.x.cols();
  if (u.rows() <= q + k * lag + k) {
    throw InputError(
        fmt::format("the number of observations is {}, but must be above {} for the "
                    "Breusch-Godfrey test with {} lags",
                    u.rows(), q + k * lag + k, lag));
  }
  MatrixXd x = MatrixXd::Zero(u.rows(), q + k * lag);
  x.leftCols(q) = var.x;
  for (int i = 1; i <= lag; ++i) x.middleCols(q + (i - 1) * k, k) = lagged_residuals(var, i);
  const MatrixXd left = residuals_on(u, x);
  const MatrixXd restricted = u.transpose() * u, free = left.transpose() * left;
  const double t = var.observations(), kk = static_cast<double>(k), m = kk * lag;
  if (!small_sample) {
    const double statistic = t * (kk - restricted.ldlt().solve(free).trace());
    return chi_squared_test("breusch_godfrey", statistic, kk * m, lag);
  }
  const double r = std::sqrt((kk * kk * m * m - 4) / (kk * kk + m * m - 5));
  const double root = kk * m == 2 ? 1 : r;  // 0 / 0 there; Rao's value
  const double scale = t - static_cast<double>(q) - m - 0.5 * (kk - m + 1);
  const double df2 = scale * root - kk * m / 2 + 1;
  const double ratio = std::exp((log_determinant(restricted) - log_determinant(free)) / root);
  Diagnostic test;
  test.name = "breusch_godfrey_f";
  test.lag = lag;
  test.df = kk * m;
  test.df2 = df2;
  test.statistic = (ratio - 1) * df2 / (kk * m);
  test.p_value = f_sf(test.statistic, test.df, test.df2);
  return test;
}

VarNormality var_normality(const VectorAutoregression& var) {
  const MatrixXd centred = var.residuals.rowwise() - var.residuals.colwise().mean();
  const double t = var.observations(), k = var.size();
  const Eigen::LLT<MatrixXd> llt(centred.transpose() * centred / t);
  const Eigen::ArrayXXd w = MatrixXd(llt.matrixL().solve(centred.transpose())).array();
  const VectorXd third = w.cube().rowwise().mean(), fourth = w.square().square().rowwise().mean();
  const double skewness = t * third.squaredNorm() / 6;
  const double kurtosis = t * (fourth.array() - 3).square().sum() / 24;
  return {chi_squared_test("skewness", skewness, k), chi_squared_test("kurtosis", kurtosis, k),
          chi_squared_test("jarque_bera", skewness + kurtosis, 2 * k)};
}

}  // namespace amnok
