// Equations that explain each other in one period, by Newton's method.
//
//   x_i = g_i(x),   i = 1 .. k,   R draws at once: column r of g depends on column r of x alone
//
//   x <- x - a (I - G)^-1 (x - g(x)),   G = dg/dx by forward differences, a halved from 1 until
//                                       the residual max_i |x_i - g_i| / (1 + |x_i|) falls
//
// A draw stops by itself, so that its solution does not depend on the draws beside it. Without a
// solution the result says why: a singular I - G (the equations have none, or many), no descent,
// or too many steps. A draw with values that are not finite at the start starts from one there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct BlockSolution {
  MatrixXd x;  // k x R
  bool converged = false;
  int iterations = 0;
  // Of the draw that is farthest off: its residual, in which equation, and what stopped it.
  double residual = 0;
  Eigen::Index equation = 0, draw = 0;
  std::string reason;

  // "residual 3.1e-02 of c after 12 steps: the slopes are singular"; names by equation.
  std::string message(const std::vector<std::string>& names) const;
};

using BlockMap = std::function<MatrixXd(const MatrixXd& x)>;
BlockSolution solve_block(const BlockMap& map, const MatrixXd& start);

}  // namespace amnok
