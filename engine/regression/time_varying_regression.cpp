#include "engine/regression/time_varying_regression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/log_likelihood.h"
#include "engine/statespace/kalman_filter.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// The state: b_t, then g; columns of unit mean square, so that neither the diffuse start nor the
// search depends on units.
class Problem {
 public:
  explicit Problem(const TimeVaryingData& data) : k_(data.x.cols()), m_(data.z.cols()) {
    n_ = static_cast<int>(data.y.size());
    AMNOK_CHECK(data.x.rows() == n_ && (m_ == 0 || data.z.rows() == n_),
                "x has {} rows, z {}, y {}", data.x.rows(), data.z.rows(), n_);
    MatrixXd all(n_, k_ + m_);
    all.leftCols(k_) = data.x;
    if (m_ > 0) all.rightCols(m_) = data.z;
    std::vector<int> rows;
    for (int t = 0; t < n_; ++t) {
      if (std::isfinite(data.y(t)) && all.row(t).allFinite()) rows.push_back(t);
    }
    const auto count = static_cast<Eigen::Index>(rows.size());
    if (count < 2 * (k_ + m_) + 2) {
      throw InputError(
          fmt::format("a regression with {} coefficients that move and {} constant "
                      "ones has {} observations, but must have at least {}",
                      k_, m_, count, 2 * (k_ + m_) + 2));
    }
    const MatrixXd used = all(rows, Eigen::all);
    scale = (used.colwise().squaredNorm() / static_cast<double>(count)).cwiseSqrt();
    for (double& s : scale) {
      if (s == 0) s = 1;
    }
    for (int t : rows) {
      observations.push_back({t, all.row(t).transpose().cwiseQuotient(scale), data.y(t), 1, {}});
    }
  }

  int periods() const { return n_; }
  Eigen::Index moving() const { return k_; }
  Eigen::Index size() const { return k_ + m_; }

  // In units of s2.
  StateSpace model(const VectorView& ratios) const {
    StateSpace model;
    model.transition.resize(size(), size());
    model.transition.setIdentity();
    model.noise = MatrixXd::Zero(size(), size());
    model.noise.diagonal().head(k_) = ratios.cwiseProduct(scale.head(k_).cwiseAbs2());
    model.initial_mean = VectorXd::Zero(size());
    model.initial_covariance = MatrixXd::Zero(size(), size());
    model.initial_diffuse = MatrixXd::Identity(size(), size());
    return model;
  }

  TimeVaryingLikelihood likelihood(const VectorView& ratios) const {
    const FilterResult filter = kalman_filter(model(ratios), observations, n_);
    const auto used = static_cast<double>(filter.whitened.rows());
    TimeVaryingLikelihood result;
    if (!filter.resolved() || used < 1) return result;
    result.sigma2 = filter.whitened.col(0).squaredNorm() / used;
    const auto all = static_cast<double>(observations.size());
    result.log_likelihood =
        -0.5 * (all * std::log(2 * std::numbers::pi) + used * (std::log(result.sigma2) + 1) +
                filter.sum_log_variance + filter.sum_log_diffuse);
    return result;
  }

  VectorXd scale;
  std::vector<Observation> observations;

 private:
  int n_ = 0;
  Eigen::Index k_, m_;
};

// A ratio far below 1 / n^2 moves a coefficient by less than any sample shows: it is zero.
constexpr double kNegligible = 1e-9;

// u: standard deviations of the steps over s, of either sign, so that a coefficient that does not
// move is an interior point at which the search may stop.
VectorXd ratios_of(const Problem& problem, const VectorXd& u) {
  return u.cwiseQuotient(problem.scale.head(u.size())).cwiseAbs2();
}

void smooth(const Problem& problem, const VectorXd& ratios, double level, TimeVaryingFit& fit) {
  const SmootherResult smoother =
      kalman_smoother(problem.model(ratios), problem.observations, problem.periods());
  const Eigen::Index k = problem.moving(), n = problem.periods();
  const double sigma = std::sqrt(fit.sigma2), quantile = normal_quantile(0.5 + level / 2);
  fit.path.resize(n, k);
  fit.standard_error.resize(n, k);
  for (Eigen::Index t = 0; t < n; ++t) {
    const MatrixXd& p = smoother.covariance[static_cast<std::size_t>(t)];
    for (Eigen::Index j = 0; j < k; ++j) {
      fit.path(t, j) = smoother.mean(j, t) / problem.scale(j);
      fit.standard_error(t, j) = sigma * std::sqrt(std::max(p(j, j), 0.0)) / problem.scale(j);
    }
  }
  fit.lower = fit.path - quantile * fit.standard_error;
  fit.upper = fit.path + quantile * fit.standard_error;
  const Eigen::Index m = problem.size() - k;
  const VectorXd last = smoother.mean.col(n - 1);
  fit.constant = last.tail(m).cwiseQuotient(problem.scale.tail(m));
  fit.constant_error =
      sigma * smoother.covariance.back().diagonal().tail(m).cwiseMax(0).cwiseSqrt().cwiseQuotient(
                  problem.scale.tail(m));
  fit.innovations = smoother.innovations / sigma;
}

}  // namespace

TimeVaryingLikelihood time_varying_likelihood(const TimeVaryingData& data,
                                              const VectorView& ratios) {
  AMNOK_CHECK(ratios.size() == data.x.cols() && ratios.minCoeff() >= 0, "{} ratios, {} regressors",
              ratios.size(), data.x.cols());
  return Problem(data).likelihood(ratios);
}

TimeVaryingFit fit_time_varying(const TimeVaryingData& data, double level) {
  const Problem problem(data);
  const Eigen::Index k = problem.moving();
  TimeVaryingFit fit;
  fit.observations = static_cast<int>(problem.observations.size());
  const TimeVaryingLikelihood still = problem.likelihood(VectorXd::Zero(k));
  if (std::isnan(still.log_likelihood)) {
    fit.status = FitStatus::failed;
    fit.message =
        "the observations do not determine the coefficients: some regressors are collinear";
    return fit;
  }
  LogLikelihood search;
  search.observations = fit.observations;
  // Hardly moving, and moving much: the likelihood may have a top at each.
  for (double start : {0.01, 0.1, 1.0}) search.starts.push_back(VectorXd::Constant(k, start));
  search.evaluate = [&](const VectorXd& u) {
    return problem.likelihood(ratios_of(problem, u)).log_likelihood;
  };
  const LikelihoodFit found = solve(search);
  fit.status = found.status;
  fit.message = found.message;
  VectorXd ratios = ratios_of(problem, found.x);
  for (Eigen::Index j = 0; j < k; ++j) {
    const double s = problem.scale(j);
    if (ratios(j) * s * s < kNegligible) ratios(j) = 0;
  }
  TimeVaryingLikelihood best = problem.likelihood(ratios);
  if (!(best.log_likelihood >= still.log_likelihood)) {
    best = still;
    ratios.setZero();
    fit.status = FitStatus::converged;
    fit.message = "the likelihood is highest where no coefficient moves";
  }
  fit.log_likelihood = best.log_likelihood;
  fit.sigma2 = best.sigma2;
  fit.variances = ratios * best.sigma2;
  smooth(problem, ratios, level, fit);
  Diagnostic& test = fit.constancy;
  test.name = "constant_coefficients";
  test.statistic = std::max(0.0, 2 * (best.log_likelihood - still.log_likelihood));
  test.df = static_cast<double>(k);
  test.p_value = chi_squared_sf(test.statistic, test.df) * (k == 1 ? 0.5 : 1);
  if (k == 1 && test.statistic == 0) test.p_value = 1;
  test.words = test.p_value < 0.05 ? "the coefficients move" : "no sign that the coefficients move";
  return fit;
}

}  // namespace amnok
