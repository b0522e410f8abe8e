// Least squares with weights that are a mixture:
//
//   min |y - X w|^2   subject to   w >= 0,  sum w = 1
//
// X w is a point of the convex hull of the columns of X; the solution is its point nearest to y,
// found exactly in finitely many steps by the algorithm of Wolfe (1976, Math. Programming 11,
// 128-149), which keeps a set of affinely independent columns (a corral) and moves to the nearest
// point of the flat through them. X may have more columns than rows: the fit X w is unique, w need
// not be, and the weights returned then lie on few columns.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

struct SimplexFit {
  VectorXd weights;    // k, zeros exact
  VectorXd residuals;  // y - X w
  double rss = 0;
  int iterations = 0;
  // How far the weights are from optimal: max_j of the gain that a move to column j promises, over
  // the scale of the columns; at most about 1e-12 unless rounding is in the way.
  double optimality_gap = 0;
};

// x: n x k with at least one column, y: n.
SimplexFit simplex_least_squares(const MatrixView& x, const VectorView& y);

}  // namespace amnok
