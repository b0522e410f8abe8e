#include "engine/regression/vector_autoregression.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/kronecker.h"
#include "engine/stats/log_determinant.h"

namespace amnok {

namespace {

bool with_constant(VarTerms terms) {
  return terms == VarTerms::constant || terms == VarTerms::constant_and_trend;
}
bool with_trend(VarTerms terms) {
  return terms == VarTerms::trend || terms == VarTerms::constant_and_trend;
}

int terms_without_exogenous(const VarSpec& spec) {
  return (with_constant(spec.terms) ? 1 : 0) + (with_trend(spec.terms) ? 1 : 0) +
         std::max(spec.season - 1, 0);
}

std::vector<std::string> regressor_names(const VarSpec& spec,
                                         const std::vector<std::string>& variables) {
  std::vector<std::string> names;
  if (with_constant(spec.terms)) names.push_back("const");
  if (with_trend(spec.terms)) names.push_back("trend");
  for (int s = 1; s < spec.season; ++s) names.push_back(fmt::format("season{}", s));
  for (Eigen::Index j = 0; j < spec.exogenous.cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    names.push_back(at < spec.exogenous_names.size() ? spec.exogenous_names[at]
                                                     : fmt::format("exog{}", j + 1));
  }
  for (int lag = 1; lag <= spec.lags; ++lag) {
    for (const std::string& name : variables) names.push_back(fmt::format("{}.l{}", name, lag));
  }
  return names;
}

// Terms but the exogenous columns, in the row of index t from 0.
void fill_terms(const VarSpec& spec, Eigen::Index t, Eigen::Ref<Eigen::RowVectorXd> row) {
  Eigen::Index at = 0;
  if (with_constant(spec.terms)) row(at++) = 1;
  if (with_trend(spec.terms)) row(at++) = static_cast<double>(t + 1);
  for (int s = 0; s + 1 < spec.season; ++s) {
    row(at++) = ((t + spec.season_start) % spec.season == s ? 1.0 : 0.0) - 1.0 / spec.season;
  }
}

MatrixXd design(const MatrixView& y, const VarSpec& spec) {
  const Eigen::Index n = y.rows(), k = y.cols(), p = spec.lags, rows = n - p;
  const Eigen::Index own = terms_without_exogenous(spec), m = spec.exogenous.cols();
  MatrixXd x(rows, own + m + k * p);
  for (Eigen::Index t = p; t < n; ++t) {
    Eigen::RowVectorXd terms(own);
    fill_terms(spec, t, terms);
    x.row(t - p).head(own) = terms;
  }
  if (m > 0) x.middleCols(own, m) = spec.exogenous.bottomRows(rows);
  for (Eigen::Index lag = 1; lag <= p; ++lag) {
    x.middleCols(own + m + (lag - 1) * k, k) = y.middleRows(p - lag, rows);
  }
  return x;
}

void check_data(const MatrixView& y, const std::vector<std::string>& names, const VarSpec& spec) {
  AMNOK_CHECK(static_cast<Eigen::Index>(names.size()) == y.cols(), "{} names, {} columns",
              names.size(), y.cols());
  ProblemList problems;
  const auto error = [&](std::string message, std::string hint = "") {
    problems.error({}, std::move(message), std::move(hint));
  };
  if (y.cols() == 0) error("the number of variables is 0, but must be at least 1");
  if (spec.lags < 0) error(fmt::format("lags is {}, but must be at least 0", spec.lags));
  if (spec.season < 0 || spec.season == 1) {
    error(fmt::format("season is {}, but must be 0 (none) or at least 2", spec.season));
  }
  if (spec.exogenous.size() > 0 && spec.exogenous.rows() != y.rows()) {
    error(fmt::format("the exogenous columns have {} rows, but must have the {} of the variables",
                      spec.exogenous.rows(), y.rows()));
  }
  if (spec.skip_missing) problems.throw_if_errors();
  for (Eigen::Index j = 0; j < y.cols() && !spec.skip_missing; ++j) {
    const auto missing = (!y.col(j).array().isFinite()).count();
    if (missing == 0) continue;
    error(fmt::format("{} has {} missing values, but must have none",
                      names[static_cast<std::size_t>(j)], missing),
          "shorten the sample, or fill the gaps first");
  }
  if (spec.exogenous.size() > 0 && !spec.skip_missing && !spec.exogenous.allFinite()) {
    error("the exogenous columns have missing values, but must have none");
  }
  problems.throw_if_errors();
}

// `var` has its design.
void check_rows(const VectorAutoregression& var) {
  const Eigen::Index n = var.observations() + var.spec.lags;
  // K more, for a residual covariance of full rank.
  const Eigen::Index needed = var.spec.lags + var.regressor_count() + var.size();
  if (n >= needed) return;
  const bool gaps = n < var.y.rows();
  throw InputError(
      fmt::format("the number of observations is {}{}, but must be at least {} for {} lags of {} "
                  "variables",
                  n, gaps ? " where rows with a missing value are left out" : "", needed,
                  var.spec.lags, var.size()),
      "take fewer lags, or a Minnesota prior");
}

VectorAutoregression with_design(const MatrixView& y, const std::vector<std::string>& names,
                                 const VarSpec& spec) {
  VectorAutoregression var;
  var.spec = spec;
  var.variables = names;
  var.regressors = regressor_names(spec, names);
  var.y = y;
  if (y.rows() <= spec.lags) {
    var.x.resize(0, static_cast<Eigen::Index>(var.regressors.size()));
    return var;
  }
  const MatrixXd x = design(y, spec);
  std::vector<int> kept;
  for (int i = 0; i < static_cast<int>(x.rows()); ++i) {
    if (!x.row(i).allFinite() || !y.row(spec.lags + i).allFinite()) continue;
    kept.push_back(i);
    var.rows.push_back(spec.lags + i);
  }
  var.x = x(kept, Eigen::all);
  return var;
}

// Least squares on its design.
VectorAutoregression fitted(VectorAutoregression var) {
  const MatrixXd y = var.explained();
  const Eigen::Index k = y.cols(), rows = y.rows(), q = var.x.cols();
  var.coefficients.resize(q, k);
  var.residuals.resize(rows, k);
  var.xtx_inverse = MatrixXd(q, q);
  for (Eigen::Index j = 0; j < k; ++j) {
    const LinearFit fit = solve(LinearLeastSquares{var.x, y.col(j)});
    if (!fit.aliased.empty()) {
      throw InputError(fmt::format("perfectly collinear: {} is a linear combination of the "
                                   "regressors before it",
                                   var.regressors[static_cast<std::size_t>(fit.aliased[0])]),
                       "leave it out");
    }
    var.coefficients.col(j) = fit.coefficients;
    var.residuals.col(j) = fit.residuals;
    if (j == 0) var.xtx_inverse = fit.xtx_inverse;
  }
  const double t = static_cast<double>(rows);
  var.log_likelihood = -0.5 * t *
                       (static_cast<double>(k) * (std::log(2 * std::numbers::pi) + 1) +
                        log_determinant(var.sigma_ml()));
  return var;
}

// Of its longest lags, only the first ones: the same observations.
VectorAutoregression with_fewer_lags(VectorAutoregression var, int lags) {
  const Eigen::Index terms = var.term_count();
  var.spec.lags = lags;
  var.x.conservativeResize(Eigen::NoChange, terms + static_cast<Eigen::Index>(var.size()) * lags);
  var.regressors.resize(static_cast<std::size_t>(var.x.cols()));
  return var;
}

// What a step ahead depends on: terms, then y of the last p rows, the latest first.
MatrixXd shifted(const MatrixXd& lags, const MatrixXd& latest) {
  MatrixXd next(lags.rows(), lags.cols());
  const Eigen::Index k = latest.rows();
  if (lags.rows() == 0) return next;
  next.bottomRows(lags.rows() - k) = lags.topRows(lags.rows() - k);
  next.topRows(k) = latest;
  return next;
}

}  // namespace

MatrixXd VectorAutoregression::sigma_ml() const {
  return residuals.transpose() * residuals / observations();
}

MatrixXd VectorAutoregression::sigma_adjusted() const {
  return residuals.transpose() * residuals / df_residual();
}

MatrixXd VectorAutoregression::sigma() const {
  if (given_sigma.size() > 0) return given_sigma;
  return spec.divisor == VarDivisor::observations ? sigma_ml() : sigma_adjusted();
}

MatrixXd VectorAutoregression::lag_matrix(int lag) const {
  AMNOK_CHECK(lag >= 1 && lag <= spec.lags, "lag {} of {}", lag, spec.lags);
  return coefficients.middleRows(term_count() + (lag - 1) * size(), size()).transpose();
}

MatrixXd VectorAutoregression::coefficient_covariance() const {
  return kronecker(sigma(), xtx_inverse);
}

MatrixXd VectorAutoregression::lag_covariance() const {
  const Eigen::Index lags = static_cast<Eigen::Index>(size()) * spec.lags;
  return kronecker(xtx_inverse.bottomRightCorner(lags, lags), sigma());
}

MatrixXd VectorAutoregression::standard_errors() const {
  return (xtx_inverse.diagonal() * sigma().diagonal().transpose()).cwiseSqrt();
}

VectorAutoregression fit_var(const MatrixView& y, const std::vector<std::string>& names,
                             const VarSpec& spec) {
  check_data(y, names, spec);
  VectorAutoregression var = with_design(y, names, spec);
  check_rows(var);
  return fitted(std::move(var));
}

VectorAutoregression prepare_var(const MatrixView& y, const std::vector<std::string>& names,
                                 const VarSpec& spec) {
  check_data(y, names, spec);
  VectorAutoregression var = with_design(y, names, spec);
  if (var.observations() == 0) {
    throw InputError(fmt::format("the number of observations is {}, but must be above {}, the lags",
                                 y.rows(), spec.lags));
  }
  return var;
}

MatrixXd var_future_terms(const VectorAutoregression& var, int horizon, const MatrixView& future) {
  const Eigen::Index own = terms_without_exogenous(var.spec), m = var.spec.exogenous.cols();
  if (m > 0 && (future.cols() != m || future.rows() < horizon)) {
    throw InputError(fmt::format("the future exogenous columns are {} x {}, but must be {} x {}",
                                 future.rows(), future.cols(), horizon, m));
  }
  MatrixXd terms(horizon, own + m);
  for (int h = 0; h < horizon; ++h) {
    Eigen::RowVectorXd row(own);
    fill_terms(var.spec, var.y.rows() + h, row);
    terms.row(h).head(own) = row;
    if (m > 0) terms.row(h).tail(m) = future.row(h);
  }
  return terms;
}

VarCriteria var_criteria(const VectorAutoregression& var, bool count_terms) {
  const double t = var.observations(), q = var.regressor_count(), k = var.size();
  const double m = count_terms ? k * q : k * k * var.spec.lags;
  const double fit = log_determinant(var.sigma_ml());
  return {var.spec.lags, fit + 2 * m / t, fit + std::log(t) * m / t,
          fit + 2 * std::log(std::log(t)) * m / t, std::exp(fit) * std::pow((t + q) / (t - q), k)};
}

VarLagChoice choose_var_lags(const MatrixView& y, const std::vector<std::string>& names,
                             const VarSpec& spec, int max_lags) {
  VarSpec longest = spec;
  longest.lags = max_lags;
  check_data(y, names, longest);
  const VectorAutoregression all = with_design(y, names, longest);
  check_rows(all);
  VarLagChoice choice;
  for (int lags = 0; lags <= max_lags; ++lags) {
    choice.criteria.push_back(var_criteria(fitted(with_fewer_lags(all, lags))));
  }
  const auto least = [&](double VarCriteria::*criterion) {
    return std::min_element(
               choice.criteria.begin(), choice.criteria.end(),
               [&](const auto& a, const auto& b) { return a.*criterion < b.*criterion; })
        ->lags;
  };
  choice.aic = least(&VarCriteria::aic);
  choice.bic = least(&VarCriteria::bic);
  choice.hq = least(&VarCriteria::hq);
  choice.fpe = least(&VarCriteria::fpe);
  return choice;
}

MatrixXd companion_matrix(const VectorAutoregression& var) {
  const Eigen::Index k = var.size(), size = k * var.spec.lags;
  MatrixXd companion = MatrixXd::Zero(size, size);
  if (size == 0) return companion;
  companion.topRows(k) = var.coefficients.bottomRows(size).transpose();
  companion.block(k, 0, size - k, size - k).setIdentity();
  return companion;
}

VectorXd companion_moduli(const VectorAutoregression& var) {
  const MatrixXd companion = companion_matrix(var);
  if (companion.size() == 0) return VectorXd();
  VectorXd moduli = Eigen::EigenSolver<MatrixXd>(companion, false).eigenvalues().cwiseAbs();
  std::sort(moduli.begin(), moduli.end(), std::greater<>());
  return moduli;
}

std::vector<MatrixXd> moving_average(const VectorAutoregression& var, int horizon) {
  AMNOK_CHECK(horizon >= 0, "horizon {}", horizon);
  std::vector<MatrixXd> weights{MatrixXd::Identity(var.size(), var.size())};
  for (int s = 1; s <= horizon; ++s) {
    MatrixXd next = MatrixXd::Zero(var.size(), var.size());
    for (int lag = 1; lag <= std::min(s, var.spec.lags); ++lag) {
      next += weights[static_cast<std::size_t>(s - lag)] * var.lag_matrix(lag);
    }
    weights.push_back(next);
  }
  return weights;
}

VectorXd VarForecast::standard_errors(int step) const {
  return mse.at(static_cast<std::size_t>(step - 1)).diagonal().cwiseSqrt();
}

VarForecast forecast_var(const VectorAutoregression& var, int horizon,
                         const MatrixView& future_exogenous, bool with_estimation) {
  if (horizon < 1) throw InputError(fmt::format("horizon is {}, but must be at least 1", horizon));
  const MatrixXd terms = var_future_terms(var, horizon, future_exogenous);
  const std::vector<MatrixXd> weights = moving_average(var, horizon - 1);
  const MatrixXd sigma = var.sigma(), covariance = var.coefficient_covariance();
  const Eigen::Index k = var.size(), lagged = k * var.spec.lags;
  VarForecast result;
  result.mean.resize(horizon, k);
  MatrixXd lags(lagged, 1);  // y of the last p rows, the latest first
  for (int lag = 1; lag <= var.spec.lags; ++lag) {
    lags.middleRows((lag - 1) * k, k) = var.y.row(var.y.rows() - lag).transpose();
  }
  // Derivatives of lags and of the mean by the coefficients, equation by equation.
  MatrixXd slopes = MatrixXd::Zero(lagged, with_estimation ? var.coefficients.size() : 0);
  MatrixXd mse = MatrixXd::Zero(k, k);
  for (int h = 0; h < horizon; ++h) {
    Eigen::RowVectorXd x(var.regressor_count());
    x << terms.row(h), lags.transpose();
    const VectorXd mean = (x * var.coefficients).transpose();
    mse += weights[static_cast<std::size_t>(h)] * sigma *
           weights[static_cast<std::size_t>(h)].transpose();
    result.mean.row(h) = mean.transpose();
    result.mse.push_back(mse);
    if (with_estimation) {
      const MatrixXd slope = MatrixXd(var.coefficients.bottomRows(lagged).transpose() * slopes) +
                             kronecker(MatrixXd::Identity(k, k), x);
      result.mse.back() += slope * covariance * slope.transpose();
      slopes = shifted(slopes, slope);
    }
    lags = shifted(lags, mean);
  }
  return result;
}

}  // namespace amnok
