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
  levels.season_start = spec.season_start;
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

// The regressors of the error-correction form (relations, free terms, lagged changes) as linear
// combinations of the levels' ones: levels.x times `map`.
struct Columns {
  MatrixXd map;
  std::vector<Eigen::Index> free;  // the levels' columns of the free terms
};
Columns columns_of(const VectorAutoregression& levels, const VecmFit& fit) {
  const JohansenSpec& spec = fit.johansen.spec;
  const Eigen::Index k = levels.size(), terms = levels.term_count(), r = fit.rank;
  Columns columns;
  for (Eigen::Index j = 0; j < terms; ++j) {
    const std::string& name = levels.regressors[static_cast<std::size_t>(j)];
    const bool restricted = (name == "const" && !constant_is_free(spec.terms)) ||
                            (name == "trend" && spec.terms != DeterministicCase::trend);
    if (!restricted) columns.free.push_back(j);
  }
  const auto m = static_cast<Eigen::Index>(columns.free.size());
  MatrixXd& map = columns.map;
  map = MatrixXd::Zero(levels.regressor_count(), r + m + k * (spec.lags - 1));
  map.block(terms, 0, k, r) = fit.beta.topRows(k);
  if (spec.terms == DeterministicCase::restricted_constant) {
    map.row(0).head(r) = fit.beta.bottomRows(1);
  }
  if (spec.terms == DeterministicCase::restricted_trend) {
    map.row(1).head(r) = fit.beta.bottomRows(1);
    map.row(0).head(r) =
        -fit.beta.bottomRows(1);  // the relation has the trend of the period before
  }
  for (Eigen::Index j = 0; j < m; ++j) map(columns.free[static_cast<std::size_t>(j)], r + j) = 1;
  for (int l = 1; l < spec.lags; ++l) {
    const Eigen::Index at = r + m + (l - 1) * k;
    map.block(terms + (l - 1) * k, at, k, k).setIdentity();
    map.block(terms + l * k, at, k, k).diagonal().setConstant(-1);
  }
  return columns;
}

void fill_levels(const VecmFit& fit, const MatrixXd& map, const MatrixXd& coefficients,
                 const MatrixXd& inverse, VectorAutoregression& levels) {
  const Eigen::Index k = levels.size();
  levels.coefficients = map * coefficients;
  levels.coefficients.middleRows(levels.term_count(), k).diagonal().array() += 1;
  levels.xtx_inverse = map * inverse * map.transpose();
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
  const MatrixXd regressors = levels.x * columns.map;
  const Eigen::Index k = x.cols(), rows = regressors.rows(), q = regressors.cols();
  const auto m = static_cast<Eigen::Index>(columns.free.size());
  const MatrixXd changes = x.bottomRows(rows) - x.middleRows(spec.lags - 1, rows);
  MatrixXd coefficients(q, k), inverse(q, q);
  fit.residuals.resize(rows, k);
  fit.alpha_errors.resize(k, rank);
  for (Eigen::Index j = 0; j < k; ++j) {
    const LinearFit own = solve(LinearLeastSquares{regressors, changes.col(j)});
    coefficients.col(j) = own.coefficients;
    fit.residuals.col(j) = own.residuals;
    inverse = own.xtx_inverse;
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
  fill_levels(fit, columns.map, coefficients, inverse, levels);
  fit.levels = std::move(levels);
  return fit;
}

}  // namespace amnok
