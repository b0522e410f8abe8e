// The exact Gaussian likelihood of a regression with autoregressive errors, gaps allowed.
//
//   y_t = x_t' b + z_t,   phi(B) z_t = e_t,   e_t ~ N(0, sigma^2),   t = 0 .. n - 1
//
// At given phi every series is whitened by the same linear map, so that b and sigma^2 follow by
// least squares (Harvey & Phillips 1979, Biometrika 66, 49-58) and many regressors can be compared
// by one pass over the data:
//
//   complete series   the Chandrasekhar recursions (engine/statespace/arma_filter.h)
//   gaps              the Kalman filter (Jones 1980, Technometrics 22, 389-395)
//
//   log L = -N/2 (log(2 pi rss / N) + 1) - 1/2 sum log F_t,   N observations, rss of whitened rows
//
// phi is searched through partial autocorrelations, 0.999 tanh u, by nonlinear least squares of the
// errors scaled by exp(sum log F / (2 N)).
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"

namespace amnok {

// Which periods are observed: 0-based, ascending, below `periods`.
struct ObservedPeriods {
  std::vector<int> at;
  int periods = 0;

  int count() const { return static_cast<int>(at.size()); }
  bool complete() const { return count() == periods; }
};

// Rows without correlation and of variance sigma^2, one an observation.
struct ArWhitened {
  bool ok = false;  // false: phi is not stationary
  MatrixXd rows;
  double log_determinant = 0;  // sum log F_t
};

// columns: one row an observation, N x c.
ArWhitened ar_whitened(const std::vector<double>& phi, const ObservedPeriods& observed,
                       const MatrixView& columns);

double ar_log_likelihood(double rss, double log_determinant, int count);

struct ArRegressionFit {
  FitStatus status = FitStatus::not_run;
  std::string message;
  std::vector<double> phi;
  VectorXd coefficients;  // 0 for aliased columns
  MatrixXd unscaled;      // (X~'X~)^-1 of whitened columns; times sigma2: their covariance at phi
  VectorXd residuals;     // whitened, N
  double rss = 0, sigma2 = 0;  // sigma2 = rss / N
  double log_determinant = 0, log_likelihood = 0;
  int rank = 0;
};

// At given phi.
ArRegressionFit ar_regression_at(const std::vector<double>& phi, const ObservedPeriods& observed,
                                 const VectorView& y, const MatrixView& x);

// Maximum likelihood with `order` lags. start: phi to begin with; empty: from the autocorrelations
// of least-squares residuals. y: N, x: N x k, one row an observation.
ArRegressionFit fit_ar_regression(int order, const ObservedPeriods& observed, const VectorView& y,
                                  const MatrixView& x, const std::vector<double>& start = {});

}  // namespace amnok
