// The exact Gaussian likelihood of an ARMA regression in sums of squares and products, without the
// errors of the one-step predictions (engine/statespace/arma_filter.h), and in a fraction of their
// time when lags are seasonal.
//
//   y = X beta + z,   theta(B) a_t = phi(B) z_t - x_t,   z_t = a_t = 0 for t < 1,   x_t = 0 for t > s
//
// x, of length s = max(p, q), is what the time before the sample sends into it; it is normal with a
// covariance Q (arma_filter.h's T P_1 T', in units of the innovation variance). a = a0 - H x is
// linear in it, H the weights of 1 / theta(B), each column one period later. So
//
//   S = z' Sigma^-1 z = min_x |a0 - H x|^2 + x' Q^-1 x,   |Sigma| = |I + Q G|,   G = H'H
//
// (Newbold 1974, Biometrika 61, 423-426; Ljung & Box 1979, Biometrika 66, 265-270). With lambda =
// (I + G Q)^-1 H'a0 the best x is Q lambda, and no inverse of Q is needed. At it
//
//   dS / 2 = a' da - lambda' dQ lambda / 2,   da = -sum_j dtheta_j B^j a / theta - sum_j dphi_j B^j z / theta
//   d log |Sigma| = tr(G (I + Q G)^-1 dQ) + tr((Q^-1 + G)^-1 dG)
//
// Derivatives are therefore products of a few lagged series, whatever their number.
#pragma once

#include "engine/base/matrix.h"
#include "engine/statespace/arma_filter.h"

namespace amnok {

struct ArmaProducts {
  // false: not stationary, or so ill-conditioned that products lose the answer's digits.
  bool ok = false;
  double log_determinant = 0;    // log |Sigma|
  double rss = 0;                // S
  VectorXd beta;                 // by generalised least squares, unless given
  MatrixXd regression_products;  // X' Sigma^-1 X
  VectorXd regression_score;     // X' Sigma^-1 (y - X beta)
  // With derivatives, at fixed beta:
  VectorXd half_gradient;  // dS / 2
  VectorXd log_determinant_derivative;
  VectorXd error_products;  // a' da
  MatrixXd gram;            // da' da less what a change of x or beta takes out of it
};

// data: (y, X), stationary. Derivatives in the coordinates of `arma`.
ArmaProducts arma_products(const ArmaCoefficients& arma, const MatrixView& data);
// At a given beta; without `gram`.
ArmaProducts arma_products(const ArmaCoefficients& arma, const MatrixView& data,
                           const VectorXd& beta);

}  // namespace amnok
