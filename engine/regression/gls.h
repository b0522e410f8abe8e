// Linear regression with first-order autoregressive errors.
//
//   y_t = x_t'b + u_t,   u_t = rho u_{t-1} + e_t,   e_t ~ (0, sigma2)
//
// Given rho, least squares of y_t - rho y_{t-1} on x_t - rho x_{t-1}, t = 2 .. n; Prais & Winsten
// and the likelihood keep the first row as well, times sqrt(1 - rho^2). They differ in rho:
//
//   cochrane_orcutt     rho = sum u_t u_{t-1} / sum u_{t-1}^2, repeated until it stands still
//                       (1949, J. Amer. Statist. Assoc. 44, 32-61); the first row dropped
//   prais_winsten       the same with the first row (1954, Cowles Commission paper 383)
//   hildreth_lu         the least sum of squares over a grid of rho in (-1, 1), refined (1960);
//                       the first row dropped
//   maximum_likelihood  the exact normal likelihood, sigma2 and b concentrated out (Beach &
//                       MacKinnon 1978, Econometrica 46, 51-58)
//
// Columns of x and rows are complete and in the order of time. Input errors: fewer rows than
// k + 2, and collinear columns by their index.
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"

namespace amnok {

enum class AutoregressiveErrors { cochrane_orcutt, prais_winsten, hildreth_lu, maximum_likelihood };
std::string estimator_name(AutoregressiveErrors estimator);

struct AutoregressiveFit {
  FitStatus status = FitStatus::not_run;
  std::string message;    // how it ended, with numbers
  VectorXd coefficients;  // k
  MatrixXd covariance;    // sigma2 (X*'X*)^-1 of the transformed regressors, rho taken as known
  VectorXd residuals;     // u_t = y_t - x_t'b, n
  double rho = 0;
  double rho_se = 0;  // sqrt((1 - rho^2) / n)
  double rss = 0;     // of the transformed regression
  double sigma2 = 0;  // rss over rows - k; over n in maximum likelihood
  double log_likelihood =
      kMissing;  // exact, at these rho and b, sigma2 at its best; NaN: |rho| >= 1
  int iterations = 0;
};

AutoregressiveFit fit_autoregressive_errors(const MatrixView& x, const VectorView& y,
                                            AutoregressiveErrors estimator);

// The exact log-likelihood at given rho and coefficients, sigma2 concentrated out.
double autoregressive_log_likelihood(const MatrixView& x, const VectorView& y, double rho,
                                     const VectorView& coefficients);

}  // namespace amnok
