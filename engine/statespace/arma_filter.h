// Exact one-step prediction errors of a stationary ARMA process with unit innovation variance, and
// their derivatives, by the Chandrasekhar recursions of Morf, Sidhu & Kailath (1974, IEEE Trans.
// Autom. Control 19, 315-323; in this form Pearlman 1980, Biometrika 67, 232-233, and Melard's AS
// 197).
//
// State (Harvey 1993, section 3.3): alpha_t of length r = max(p, q + 1), y_t = alpha_t[0],
//   alpha_{t+1} = T alpha_t + R e_{t+1},  T[:,0] = phi, ones above the diagonal,  R = (1, theta).
// With K_t = T P_t Z', and L_t the direction in which P_t changes (P_2 - P_1 has rank one),
//
//   z = L_t[0],   M_t = -F_t / F_1^2
//   F_{t+1} = F_t + M_t z^2,   K_{t+1} = K_t + M_t z T L_t,   L_{t+1} = T L_t - K_{t+1} z / F_{t+1}
//
// O(r) a step and no r x r matrix. When L has died out the filter has reached its steady state (F =
// 1, K = T R), and the recursion becomes the plain one, e_t = y_t - sum phi y_{t-j} - sum theta
// e_{t-j}, which skips zero lags. The derivatives are the same recursions differentiated line by
// line.
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// Expanded polynomials (engine/stats/lag_polynomial.h), and d / d u_j of their coefficients, a
// column a parameter. Without derivatives the matrices have no columns.
struct ArmaCoefficients {
  std::vector<double> ar, ma;
  MatrixXd ar_derivative, ma_derivative;

  int parameters() const { return static_cast<int>(ar_derivative.cols()); }
};

struct ArmaErrors {
  bool ok = false;             // false: the AR part is not stationary
  double log_determinant = 0;  // sum log F_t
};

// Errors e_t / sqrt(F_t) of every column of `data` (n x c, stationary series) into `out`.
ArmaErrors arma_errors(const ArmaCoefficients& arma, const MatrixView& data, MatrixXd& out);

// The same for one series z that itself depends on the parameters through dz (n x k, or no
// columns): errors, their derivatives (n x k) and d sum log F_t.
ArmaErrors arma_errors_with_derivatives(const ArmaCoefficients& arma, const VectorView& z,
                                        const MatrixView& dz, VectorXd& errors,
                                        MatrixXd& derivatives,
                                        VectorXd& log_determinant_derivative);

// The sums of squares and products that a search needs of them, in one pass; z does not depend on
// the parameters.
struct ArmaErrorProducts {
  bool ok = false;
  double log_determinant = 0;
  VectorXd log_determinant_derivative;
  double rss = 0;           // e'e
  VectorXd error_products;  // e'de
  MatrixXd gram;            // de'de, when asked for
};
ArmaErrorProducts arma_error_products(const ArmaCoefficients& arma, const VectorView& z,
                                      bool with_gram);

}  // namespace amnok
