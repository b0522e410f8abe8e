#include "engine/regression/bayesian_var.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"
#include "engine/regression/conditional_forecast.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "engine/stats/log_determinant.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr double kLeastTightness = 1e-3, kMostTightness = 10;

void check_prior(const MinnesotaPrior& prior) {
  ProblemList problems;
  const auto positive = [&](const char* name, double value) {
    if (value > 0 && std::isfinite(value)) return;
    problems.error({}, fmt::format("{} is {}, but must be above 0", name, value));
  };
  positive("tightness", prior.tightness);
  positive("terms_sd", prior.terms_sd);
  if (!(prior.decay >= 0)) {
    problems.error({}, fmt::format("decay is {}, but must be at least 0", prior.decay));
  }
  problems.throw_if_errors();
}

// Residual variances of each variable's own autoregression; of as many lags as leave twice as many
// rows as coefficients.
VectorXd own_variances(const VectorAutoregression& var) {
  VectorXd variances(var.size());
  VarSpec spec;
  spec.terms = var.spec.terms;
  spec.skip_missing = var.spec.skip_missing;
  const int most = (var.observations() + var.spec.lags - 4) / 3;
  spec.lags = std::max(0, std::min(var.spec.lags, most));
  for (Eigen::Index j = 0; j < var.size(); ++j) {
    variances(j) = fit_var(var.y.col(j), {var.variables[static_cast<std::size_t>(j)]}, spec)
                       .sigma_adjusted()(0, 0);
  }
  return variances;
}

// The prior of B: mean, and standard deviations in units of a residual's.
struct PriorRows {
  MatrixXd mean;  // q x K
  VectorXd sd;    // q
};
PriorRows prior_rows(const VectorAutoregression& var, const MinnesotaPrior& prior,
                     const VectorXd& variances) {
  const Eigen::Index q = var.regressor_count(), k = var.size(), terms = var.term_count();
  PriorRows rows{MatrixXd::Zero(q, k), VectorXd::Constant(q, prior.terms_sd)};
  for (int lag = 1; lag <= var.spec.lags; ++lag) {
    for (Eigen::Index j = 0; j < k; ++j) {
      const Eigen::Index at = terms + (lag - 1) * k + j;
      rows.sd(at) = prior.tightness / std::pow(lag, prior.decay) / std::sqrt(variances(j));
      if (lag == 1) rows.mean(at, j) = prior.own_lag;
    }
  }
  return rows;
}

// log of the multivariate gamma function.
double log_gamma(Eigen::Index k, double x) {
  double sum = 0.25 * static_cast<double>(k * (k - 1)) * std::log(std::numbers::pi);
  for (Eigen::Index i = 0; i < k; ++i) sum += boost::math::lgamma(x - 0.5 * static_cast<double>(i));
  return sum;
}

double log_marginal(const BayesianVar& var, const VectorXd& variances, const VectorXd& prior_sd) {
  const Eigen::Index k = var.mean.size();
  const double t = var.mean.observations(), before = var.df - t, kk = static_cast<double>(k);
  return -0.5 * t * kk * std::log(std::numbers::pi) + log_gamma(k, var.df / 2) -
         log_gamma(k, before / 2) + 0.5 * before * variances.array().log().sum() -
         0.5 * var.df * log_determinant(var.scale) +
         0.5 * kk * (log_determinant(var.mean.xtx_inverse) - 2 * prior_sd.array().log().sum());
}

BayesianVar posterior(VectorAutoregression var, const MinnesotaPrior& prior,
                      const VectorXd& variances) {
  const PriorRows rows = prior_rows(var, prior, variances);
  const Eigen::Index t = var.observations(), q = var.regressor_count(), k = var.size();
  LinearLeastSquares both{MatrixXd(t + q, q), VectorXd(t + q)};
  both.x.topRows(t) = var.x;
  both.x.bottomRows(q) = rows.sd.cwiseInverse().asDiagonal();
  const MatrixXd y = var.explained();
  MatrixXd residuals(t + q, k);
  var.coefficients.resize(q, k);
  for (Eigen::Index j = 0; j < k; ++j) {
    both.y << y.col(j), rows.mean.col(j).cwiseQuotient(rows.sd);
    const LinearFit fit = solve(both);
    var.coefficients.col(j) = fit.coefficients;
    residuals.col(j) = fit.residuals;
    if (j == 0) var.xtx_inverse = fit.xtx_inverse;
  }
  var.residuals = residuals.topRows(t);
  BayesianVar result;
  result.prior = prior;
  result.scale = residuals.transpose() * residuals;
  result.scale.diagonal() += variances;
  const double kk = static_cast<double>(k);
  result.df = kk + 2 + static_cast<double>(t);
  var.given_sigma = result.scale / (result.df - kk - 1);
  result.mean = std::move(var);
  result.log_marginal_likelihood = log_marginal(result, variances, rows.sd);
  return result;
}

}  // namespace

BayesianVar fit_bayesian_var(const MatrixView& y, const std::vector<std::string>& names,
                             const VarSpec& spec, const MinnesotaPrior& prior) {
  check_prior(prior);
  VectorAutoregression var = prepare_var(y, names, spec);
  const VectorXd variances = own_variances(var);
  return posterior(std::move(var), prior, variances);
}

MinnesotaPrior choose_tightness(const MatrixView& y, const std::vector<std::string>& names,
                                const VarSpec& spec, const MinnesotaPrior& prior) {
  check_prior(prior);
  const VectorAutoregression var = prepare_var(y, names, spec);
  const VectorXd variances = own_variances(var);
  MinnesotaPrior chosen = prior;
  const auto loss = [&](double log_tightness) {
    chosen.tightness = std::exp(log_tightness);
    return -posterior(var, chosen, variances).log_marginal_likelihood;
  };
  constexpr int kBits = 20;
  const auto [at, value] = boost::math::tools::brent_find_minima(loss, std::log(kLeastTightness),
                                                                 std::log(kMostTightness), kBits);
  chosen.tightness = std::exp(at);
  return chosen;
}

VectorAutoregression draw_posterior(const BayesianVar& var, std::uint64_t seed, int draw) {
  const Eigen::Index q = var.mean.regressor_count(), k = var.mean.size();
  const auto r = static_cast<std::uint32_t>(draw);
  std::vector<double> normals(static_cast<std::size_t>(q * k + k * k)),
      uniforms(static_cast<std::size_t>(k));
  fill_normals({seed, Purpose::parameter, 0}, r, normals);
  fill_uniforms({seed, Purpose::parameter, 1}, r, uniforms);
  // S^-1 by Bartlett's decomposition: S = (L A'^-1)(L A'^-1)', L L' = S1, A lower triangular.
  MatrixXd a = Eigen::Map<const MatrixXd>(normals.data() + q * k, k, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    a(i, i) = std::sqrt(chi_squared_quantile(uniforms[static_cast<std::size_t>(i)],
                                             var.df - static_cast<double>(i)));
  }
  const MatrixXd l = var.scale.llt().matrixL();
  const MatrixXd root = a.triangularView<Eigen::Lower>().solve(MatrixXd(l.transpose())).transpose();
  const MatrixXd spread = var.mean.xtx_inverse.llt().matrixL();
  VectorAutoregression drawn = var.mean;
  drawn.given_sigma = root * root.transpose();
  drawn.coefficients +=
      spread * Eigen::Map<const MatrixXd>(normals.data(), q, k) * root.transpose();
  drawn.residuals = drawn.explained() - drawn.x * drawn.coefficients;
  return drawn;
}

MatrixXd draw_forecasts(const BayesianVar& var, int horizon, std::uint64_t seed, int count,
                        const MatrixView& future_exogenous) {
  MatrixXd paths(static_cast<Eigen::Index>(horizon) * var.mean.size(), count);
  std::vector<double> normals(static_cast<std::size_t>(paths.rows()));
  for (int r = 0; r < count; ++r) {
    const GaussianPath path =
        forecast_path(draw_posterior(var, seed, r), horizon, future_exogenous);
    fill_normals({seed, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), normals);
    paths.col(r) =
        path.mean + path.factor * Eigen::Map<const VectorXd>(normals.data(), paths.rows());
  }
  return paths;
}

}  // namespace amnok
