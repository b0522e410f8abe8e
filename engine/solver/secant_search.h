// Least squares by Levenberg-Marquardt steps on J'J + S.
//
//   S estimates sum_i r_i D^2 r_i, the part of the Hessian that Gauss-Newton leaves out. After a step
//   s, with g = J'r and g# = J_old' r_new,
//
//     v = (g_new - g#) - tau S s,   y = g_new - g_old
//     S <- tau S + (v y' + y v') / (y's) - (v's) y y' / (y's)^2
//     tau = min(1, |s'(g_new - g#)| / |s'S s|)
//
// Without r and J themselves (problem.products), g_new - g# is y - J_new'J_new s, so that the new
// Hessian maps s to y just the same (Betts 1976, J. Optim. Theory Appl. 18, 469-483).
//
// Dennis, Gay & Welsch (1981, ACM Trans. Math. Softw. 7, 348-368), sections 3 and 4. Where residuals
// are large, as in every likelihood, Gauss-Newton gains a constant factor a step; this gains digits
// faster and faster, for the price of k x k arithmetic.
#pragma once

#include <optional>

#include "engine/solver/nonlinear_least_squares.h"

namespace amnok {

// Where an earlier search ended. A search that comes within half a standard error of it,
// |J (x - x*)| < 0.5 |r*| / sqrt(n), would end there too.
struct KnownOptimum {
  const VectorXd& x;
  const MatrixXd& gram;  // J'J
  double rss = 0;
};

struct SecantEnd {
  bool defined = false;  // the residuals at the start are
  VectorXd x, residuals;
  MatrixXd jacobian, gram;  // by products: no residuals and no Jacobian
  double rss = 0, relative_offset = 1;
  bool reliable = false;  // J'J is far enough from singular for the offset to have its digits
  int iterations = 0;
  bool stalled = false;  // the last step lowered the sum of squares by less than the share
  bool arrived = false;  // at the known optimum
};

// Ends at problem.offset_tolerance, after problem.max_iterations, or when a step lowers the sum of
// squares by less than the share `stall`, or near a known optimum.
SecantEnd secant_search(const NonlinearLeastSquares& problem, const VectorXd& start, double stall,
                        const std::optional<KnownOptimum>& known = std::nullopt);

}  // namespace amnok
