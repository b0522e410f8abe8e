// Linear least squares by rank-revealing QR; tall and well-conditioned problems by a corrected
// Cholesky factor of the normal equations (engine/solver/normal_equations.h).
//
//   min |y - X b|^2
//
// Columns are scaled to unit length, so that results do not depend on units. Where the scaled
// problem is badly conditioned (above 1e3 for small problems, 1e7 for large ones) it is solved
// again in extended precision.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct LinearLeastSquares {
  MatrixXd x;  // n x k
  VectorXd y;  // n
};

struct LinearFit {
  VectorXd coefficients;     // k; 0 for aliased columns
  std::vector<int> aliased;  // columns that are linear combinations of earlier ones
  int rank = 0;
  VectorXd residuals;
  double rss = 0;
  MatrixXd xtx_inverse;  // (X'X)^-1, zero rows and columns for aliased ones
  double condition = 1;  // of the scaled matrix, from the diagonal of R

  int df_residual() const { return static_cast<int>(residuals.size()) - rank; }
  double sigma2() const { return rss / df_residual(); }
};

// n may be below k (the rank says so). An empty X gives residuals y.
LinearFit solve(const LinearLeastSquares& problem);

// Leverages h_t = x_t' (X'X)^-1 x_t.
VectorXd leverages(const MatrixView& x, const MatrixView& xtx_inverse);

}  // namespace amnok
