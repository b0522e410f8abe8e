// Nonlinear least squares by Levenberg-Marquardt.
//
//   min |r(x)|^2,   x in R^k unconstrained,   r in R^n
//
// Likelihoods go through secant_search.h, small exact problems through ceres::TinySolver; one that
// does not end there, or asks for a thorough search, goes through Ceres' dense QR solver from every
// start. The end is polished by Gauss-Newton steps with a QR of the scaled Jacobian, and judged by
// the relative offset of Bates & Watts (1981, Technometrics 23, 179-183):
//
//   |Q Q' r| / |r|    with J = Q R,
//
// the cosine of the angle between the residuals and the tangent plane.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"

namespace amnok {

// r'r, J'r and J'J.
struct ResidualProducts {
  double rss = 0;
  VectorXd gradient;
  MatrixXd gram;
};

struct NonlinearLeastSquares {
  int residual_count = 0;
  std::vector<VectorXd> starts;  // at least one; all are tried when thorough
  // Fills r (size n) and, when it is not null, J (n x k). False: not defined at x.
  std::function<bool(const VectorXd& x, VectorXd& r, MatrixXd* jacobian)> evaluate;
  bool cheap_jacobian = false;  // J costs little more than r alone
  // The products alone, where they cost less than r and J; empty: they come from evaluate. A search
  // short of an exact one goes by them. They judge its end as well, in a scan or when J'J is far from
  // singular; otherwise r and J do.
  std::function<bool(const VectorXd& x, ResidualProducts& products)> products;
  bool thorough =
      false;       // Ceres from every start, and from starts rescaled by powers of ten if need be
  VectorXd units;  // typical sizes of the parameters; empty: one each
  double offset_tolerance = 1e-7;  // converged below it
  // How much a digit is worth. exact: to rounding. normal: to the tolerance. scan: as far as the
  // small solver gets, for comparing many candidates. The larger solver helps out in the first two.
  enum class Effort { scan, normal, exact } effort = Effort::exact;
  int max_iterations = 100;
  // Of a scan: sums of squares that are too large for their digits to matter. A search that cannot
  // be expected below the first ends with a relative offset of 1e-2; below the second, at once.
  double uninteresting_rss = INFINITY, hopeless_rss = INFINITY;
};

struct NonlinearFit {
  FitStatus status = FitStatus::not_run;
  std::string message;
  VectorXd x;
  VectorXd residuals;
  MatrixXd jacobian;
  MatrixXd gram;  // J'J; a search that ended by products has no residuals and no J
  double rss = 0;
  double relative_offset = 1;
  int iterations = 0;
  std::vector<double> optima;  // rss reached from each start that was tried
};

NonlinearFit solve(const NonlinearLeastSquares& problem);

}  // namespace amnok
