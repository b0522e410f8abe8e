// Maximum likelihood where the problem is not a least-squares one, by Ceres' GradientProblemSolver
// (BFGS with a Wolfe line search) on -log L / n in unconstrained coordinates.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"

namespace amnok {

struct LogLikelihood {
  std::vector<VectorXd> starts;
  // log L at x; NaN where it is not defined.
  std::function<double(const VectorXd& x)> evaluate;
  double observations = 1;           // n: scales the objective
  double gradient_tolerance = 1e-6;  // of log L / n, largest element
  int max_iterations = 300;
};

struct LikelihoodFit {
  FitStatus status = FitStatus::not_run;
  std::string message;
  VectorXd x;
  double log_likelihood = -INFINITY;
  VectorXd gradient;
  int iterations = 0;
  std::vector<double> optima;  // log L reached from each start
};

LikelihoodFit solve(const LogLikelihood& problem);

// Central differences, step 1e-5 max(1, |x|) unless given.
VectorXd numeric_gradient(const std::function<double(const VectorXd&)>& f, const VectorXd& x,
                          double step = 1e-5);
// Second differences with one Richardson extrapolation; relative error about 1e-7.
MatrixXd numeric_hessian(const std::function<double(const VectorXd&)>& f, const VectorXd& x,
                         double step = 1e-3);

}  // namespace amnok
