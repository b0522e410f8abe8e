#include "engine/regression/vecm.h"

#include <fmt/format.h>

#include <Eigen/LU>
#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/log_determinant.h"

namespace amnok {

namespace {

bool constant_is_free(DeterministicCase terms) {
  return has_constant(terms) && terms != DeterministicCase::restricted_constant;
}

// The levels' terms that hold all of the error-correction form's.
VarSpec levels_spec(const JohansenSpec& spec) {
  VarSpec levels;
  levels.lags = spec.lags;
  levels.season = spec.season;
  levels.terms = has_trend(spec.terms)      ? VarTerms::constant_and_trend
                 : has_constant(spec.terms) ? VarTerms::constant
                                            : VarTerms::none;
  levels.divisor = VarDivisor::observations;
  return levels;
}

void check_model(const MatrixView& x, const JohansenSpec& spec, int rank) {
  ProblemList problems;
  if (rank < 0 || rank > x.cols()) {
    problems.error({}, fmt::format("rank is {}, but must be in [0, {}]", rank, x.cols()));
  }
  if (spec.long_run_form) {
    problems.error({},
                   "the form is the long-run one, but must be the transitory one, with levels "
                   "of the period before");
  }
  if (spec.dummies.size() > 0) {
    problems.error({},
                   fmt::format("the number of dummies is {}, but must be 0 beside seasonal ones",
                               spec.dummies.cols()));
  }
  problems.throw_if_errors();
}

// First r rows the identity; where they are singular the scale stays as it is.
MatrixXd normalised(const MatrixXd& beta, int rank) {
  const MatrixXd chosen = beta.leftCols(rank);
  if (rank == 0) return chosen;
  const Eigen::FullPivLU<MatrixXd> lu(chosen.topRows(rank));
  return lu.isInvertible() ? MatrixXd(chosen * lu.inverse()) : chosen;
}

// Columns of the error-correction form, from the design of the levels: relations, the free terms,
// then lagged changes.
struct Columns {
  MatrixXd x;
  std::vector<Eigen::Index> free;  // the levels' columns of the free terms
};
Columns columns_of(const VectorAutoregression& levels, const VecmFit& fit) {
  const JohansenSpec& spec = fit.johansen.spec;
  const Eigen::Index k = levels.size(), rows = levels.x.rows(), terms = levels.term_count();
  Columns columns;
  for (Eigen::Index j = 0; j < terms; ++j) {
    const std::string& name = levels.regressors[static_cast<std::size_t>(j)];
    const bool restricted = (name == "const" && !constant_is_free(spec.terms)) ||
                            (name == "trend" && spec.terms != DeterministicCase::trend);
    if (!restricted) columns.free.push_back(j);
  }
  const auto lag = [&](int l) { return levels.x.middleCols(terms + (l - 1) * k, k); };
  MatrixXd star(rows, fit.beta.rows());
  star.leftCols(k) = lag(1);
  if (spec.terms == DeterministicCase::restricted_constant) star.rightCols(1).setOnes();
  if (spec.terms == DeterministicCase::restricted_trend) {
    star.rightCols(1) = levels.x.col(1).array() - 1;
  }
  const auto m = static_cast<Eigen::Index>(columns.free.size());
  columns.x.resize(rows, fit.rank + m + k * (spec.lags - 1));
  columns.x.leftCols(fit.rank) = star * fit.beta;
  for (Eigen::Index j = 0; j < m; ++j) {
    columns.x.col(fit.rank + j) = levels.x.col(columns.free[static_cast<std::size_t>(j)]);
  }
  for (int l = 1; l < spec.lags; ++l) {
    columns.x.middleCols(fit.rank + m + (l - 1) * k, k) = lag(l) - lag(l + 1);
  }
  return columns;
}

void fill_levels(const VecmFit& fit, const Columns& columns, VectorAutoregression& levels) {
  const Eigen::Index k = levels.size(), terms = levels.term_count();
  const int p = fit.johansen.spec.lags;
  MatrixXd transposed = MatrixXd::Zero(k, levels.regressor_count());  // row an equation
  for (std::size_t j = 0; j < columns.free.size(); ++j) {
    transposed.col(columns.free[j]) = fit.terms.col(static_cast<Eigen::Index>(j));
  }
  const MatrixXd pull = fit.alpha * fit.beta.transpose();
  if (fit.johansen.spec.terms == DeterministicCase::restricted_constant) {
    transposed.col(0) += pull.rightCols(1);
  }
  if (fit.johansen.spec.terms == DeterministicCase::restricted_trend) {
    transposed.col(1) += pull.rightCols(1);
    transposed.col(0) -= pull.rightCols(1);  // the relation has the trend of the period before
  }
  transposed.middleCols(terms, k) += pull.leftCols(k) + MatrixXd::Identity(k, k);
  for (int i = 1; i < p; ++i) {
    const MatrixXd& gamma = fit.gamma[static_cast<std::size_t>(i - 1)];
    transposed.middleCols(terms + (i - 1) * k, k) += gamma;
    transposed.middleCols(terms + i * k, k) -= gamma;
  }
  levels.coefficients = transposed.transpose();
  levels.residuals = fit.residuals;
  levels.log_likelihood = fit.log_likelihood;
  levels.given_sigma = fit.residuals.transpose() * fit.residuals / levels.observations();
}

}  // namespace

VecmFit fit_vecm(const MatrixView& x, const std::vector<std::string>& names,
                 const JohansenSpec& spec, int rank) {
  check_model(x, spec, rank);
  VecmFit fit;
  fit.johansen = johansen(x, names, spec);
  fit.rank = rank;
  fit.beta = normalised(fit.johansen.beta, rank);
  VectorAutoregression levels = prepare_var(x, names, levels_spec(spec));
  const Columns columns = columns_of(levels, fit);
  const Eigen::Index k = x.cols(), rows = columns.x.rows(), q = columns.x.cols();
  const auto m = static_cast<Eigen::Index>(columns.free.size());
  const MatrixXd changes = x.bottomRows(rows) - x.middleRows(spec.lags - 1, rows);
  MatrixXd coefficients(q, k);
  fit.residuals.resize(rows, k);
  fit.alpha_errors.resize(k, rank);
  for (Eigen::Index j = 0; j < k; ++j) {
    const LinearFit own = solve(LinearLeastSquares{columns.x, changes.col(j)});
    coefficients.col(j) = own.coefficients;
    fit.residuals.col(j) = own.residuals;
    if (rank > 0) {
      fit.alpha_errors.row(j) =
          (own.sigma2() * own.xtx_inverse.diagonal().head(rank)).cwiseSqrt().transpose();
    }
  }
  fit.alpha = coefficients.topRows(rank).transpose();
  fit.terms = coefficients.middleRows(rank, m).transpose();
  for (Eigen::Index j : columns.free) {
    fit.term_names.push_back(levels.regressors[static_cast<std::size_t>(j)]);
  }
  for (int i = 1; i < spec.lags; ++i) {
    fit.gamma.push_back(coefficients.middleRows(rank + m + (i - 1) * k, k).transpose());
  }
  const double n = static_cast<double>(rows);
  fit.log_likelihood = -0.5 * n *
                       (static_cast<double>(k) * (std::log(2 * std::numbers::pi) + 1) +
                        log_determinant(fit.residuals.transpose() * fit.residuals / n));
  fill_levels(fit, columns, levels);
  fit.levels = std::move(levels);
  return fit;
}

}  // namespace amnok
