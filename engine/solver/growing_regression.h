// A regression that grows by one observation at a time: Givens rotations of its QR (Golub & Van
// Loan 2013, Matrix Computations, section 6.5.3).
//
//   Q'[X y] = [R z; 0 w],   rss = w'w
//
// Adding a row rotates it into the triangle R and z; what is left of its y is the recursive
// residual w_t = (y_t - x_t'b_{t-1}) / sqrt(1 + x_t'(X'X)^-1 x_t) of Brown, Durbin and Evans
// (1975). A row that raises the rank leaves exactly zero.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

class GrowingRegression {
 public:
  // scale: largest absolute value of each column, k; below 1e-13 of it an entry is rounding.
  explicit GrowingRegression(const VectorXd& scale);

  // Adds row t of x and y and returns its recursive residual.
  double add(const MatrixView& x, const VectorView& y, Eigen::Index t);

  double rss() const { return rss_; }
  int rank() const { return rank_; }
  // k x (k + 1): the triangle R and the rotated y.
  const MatrixXd& triangle() const { return r_; }

 private:
  int k_, rank_ = 0;
  VectorXd scale_, row_;
  MatrixXd r_;
  double rss_ = 0;
};

// Largest absolute values of the columns.
VectorXd column_scale(const MatrixView& x);

}  // namespace amnok
