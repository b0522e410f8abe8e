#include "engine/statespace/ar_regression.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/nonlinear_least_squares.h"
#include "engine/statespace/arma_filter.h"
#include "engine/statespace/kalman_filter.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

constexpr double kLargestPartial = 0.999;
constexpr double kStep = 1e-5;  // of central differences in u

std::vector<double> phi_of(const VectorXd& u) {
  std::vector<double> partial(static_cast<std::size_t>(u.size()));
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    partial[static_cast<std::size_t>(j)] = kLargestPartial * std::tanh(u(j));
  }
  return stationary_from_partial(partial);
}

// Partial autocorrelations of phi as coordinates; zero where phi is not stationary.
VectorXd coordinates_of(const std::vector<double>& phi) {
  VectorXd u = VectorXd::Zero(static_cast<Eigen::Index>(phi.size()));
  std::vector<double> partial;
  if (!partial_from_stationary(phi, partial)) return u;
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    u(j) =
        std::atanh(std::clamp(partial[static_cast<std::size_t>(j)] / kLargestPartial, -0.99, 0.99));
  }
  return u;
}

// Companion form: alpha_t = (z_t, ..., z_{t-p+1}).
bool ar_state_space(const std::vector<double>& phi, StateSpace& model) {
  const auto p = static_cast<Eigen::Index>(phi.size());
  std::vector<double> gamma;
  if (!arma_autocovariances<double>(phi, {}, static_cast<int>(p), gamma)) return false;
  model.transition.resize(p, p);
  for (Eigen::Index j = 0; j < p; ++j) {
    model.transition.insert(0, j) = phi[static_cast<std::size_t>(j)];
  }
  for (Eigen::Index j = 1; j < p; ++j) model.transition.insert(j, j - 1) = 1;
  model.transition.makeCompressed();
  model.noise = MatrixXd::Zero(p, p);
  model.noise(0, 0) = 1;
  model.initial_mean = VectorXd::Zero(p);
  model.initial_covariance.resize(p, p);
  for (Eigen::Index i = 0; i < p; ++i) {
    for (Eigen::Index j = 0; j < p; ++j) {
      model.initial_covariance(i, j) = gamma[static_cast<std::size_t>(std::abs(i - j))];
    }
  }
  model.initial_diffuse = MatrixXd::Zero(p, p);
  return true;
}

ArWhitened whitened_with_gaps(const std::vector<double>& phi, const ObservedPeriods& observed,
                              const MatrixView& columns) {
  ArWhitened result;
  StateSpace model;
  if (!ar_state_space(phi, model)) return result;
  std::vector<Observation> observations(observed.at.size());
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    Observation& observation = observations[i];
    observation.time = observed.at[i];
    observation.loading = VectorXd::Unit(model.size(), 0);
    observation.value = columns(row, 0);
    observation.regressors = columns.row(row).tail(columns.cols() - 1).transpose();
  }
  const FilterResult filtered = kalman_filter(model, observations, observed.periods);
  result.rows = filtered.whitened;
  result.log_determinant = filtered.sum_log_variance;
  result.ok = result.rows.rows() == columns.rows() && result.rows.allFinite();
  return result;
}

// Autocorrelations of least-squares residuals, over the pairs that exist, as first guesses of phi.
std::vector<double> rough_phi(int order, const ObservedPeriods& observed, const VectorXd& e) {
  VectorXd series = VectorXd::Zero(observed.periods);
  for (std::size_t i = 0; i < observed.at.size(); ++i) {
    series(observed.at[i]) = e(static_cast<Eigen::Index>(i));
  }
  MatrixXd lags(observed.periods - order, order);
  for (int j = 0; j < order; ++j) lags.col(j) = series.segment(order - 1 - j, lags.rows());
  const LinearFit fit = solve(LinearLeastSquares{lags, series.tail(lags.rows())});
  return {fit.coefficients.begin(), fit.coefficients.end()};
}

MatrixXd joined(const VectorView& y, const MatrixView& x) {
  MatrixXd columns(y.size(), 1 + x.cols());
  columns << y, x;
  return columns;
}

}  // namespace

ArWhitened ar_whitened(const std::vector<double>& phi, const ObservedPeriods& observed,
                       const MatrixView& columns) {
  AMNOK_CHECK(columns.rows() == observed.count(), "{} rows, {} observed", columns.rows(),
              observed.count());
  ArWhitened result;
  if (phi.empty()) return {true, columns, 0};
  if (!observed.complete()) return whitened_with_gaps(phi, observed, columns);
  ArmaCoefficients arma;
  arma.ar = phi;
  const ArmaErrors errors = arma_errors(arma, columns, result.rows);
  result.ok = errors.ok;
  result.log_determinant = errors.log_determinant;
  return result;
}

double ar_log_likelihood(double rss, double log_determinant, int count) {
  return -0.5 * count * (std::log(2 * std::numbers::pi * rss / count) + 1) - 0.5 * log_determinant;
}

ArRegressionFit ar_regression_at(const std::vector<double>& phi, const ObservedPeriods& observed,
                                 const VectorView& y, const MatrixView& x) {
  ArRegressionFit fit;
  fit.phi = phi;
  const ArWhitened whitened = ar_whitened(phi, observed, joined(y, x));
  if (!whitened.ok) {
    fit.status = FitStatus::failed;
    fit.message = "the autoregression is not stationary";
    return fit;
  }
  const LinearFit linear =
      solve(LinearLeastSquares{whitened.rows.rightCols(x.cols()), whitened.rows.col(0)});
  fit.status = FitStatus::converged;
  fit.coefficients = linear.coefficients;
  fit.unscaled = linear.xtx_inverse;
  fit.residuals = linear.residuals;
  fit.rss = linear.rss;
  fit.rank = linear.rank;
  fit.sigma2 = linear.rss / observed.count();
  fit.log_determinant = whitened.log_determinant;
  fit.log_likelihood = ar_log_likelihood(fit.rss, fit.log_determinant, observed.count());
  return fit;
}

ArRegressionFit fit_ar_regression(int order, const ObservedPeriods& observed, const VectorView& y,
                                  const MatrixView& x, const std::vector<double>& start) {
  if (order == 0) return ar_regression_at({}, observed, y, x);
  const MatrixXd columns = joined(y, x);
  const int count = observed.count();
  const auto scaled_errors = [&](const VectorXd& u, VectorXd& r) {
    const ArWhitened whitened = ar_whitened(phi_of(u), observed, columns);
    if (!whitened.ok) return false;
    const auto design = whitened.rows.rightCols(x.cols());
    r = whitened.rows.col(0);
    if (x.cols() > 0) r -= design * design.colPivHouseholderQr().solve(whitened.rows.col(0));
    r *= std::exp(whitened.log_determinant / (2 * count));
    return r.allFinite();
  };
  NonlinearLeastSquares problem;
  problem.residual_count = count;
  problem.effort = NonlinearLeastSquares::Effort::normal;
  problem.offset_tolerance = 1e-4;
  std::vector<double> guess = start;
  if (guess.empty()) {
    guess = rough_phi(order, observed, ar_regression_at({}, observed, y, x).residuals);
  }
  problem.starts = {coordinates_of(guess)};
  problem.evaluate = [&](const VectorXd& u, VectorXd& r, MatrixXd* jacobian) {
    if (!scaled_errors(u, r)) return false;
    if (jacobian == nullptr) return true;
    jacobian->resize(count, order);
    VectorXd moved = u, high, low;
    for (int j = 0; j < order; ++j) {
      moved(j) = u(j) + kStep;
      if (!scaled_errors(moved, high)) return false;
      moved(j) = u(j) - kStep;
      if (!scaled_errors(moved, low)) return false;
      jacobian->col(j) = (high - low) / (2 * kStep);
      moved(j) = u(j);
    }
    return true;
  };
  const NonlinearFit search = solve(problem);
  if (search.status == FitStatus::failed || search.x.size() != order) {
    ArRegressionFit fit;
    fit.status = FitStatus::failed;
    fit.message = search.message;
    return fit;
  }
  ArRegressionFit fit = ar_regression_at(phi_of(search.x), observed, y, x);
  if (fit.status == FitStatus::converged) fit.status = search.status;
  fit.message = search.message;
  return fit;
}

}  // namespace amnok
