#include "engine/solver/log_likelihood.h"

#include <ceres/gradient_problem.h>
#include <ceres/gradient_problem_solver.h>
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

namespace {

class Objective : public ceres::FirstOrderFunction {
 public:
  explicit Objective(const LogLikelihood& problem) : problem_(problem) {}

  bool Evaluate(const double* parameters, double* cost, double* gradient) const override {
    const VectorXd x = Eigen::Map<const VectorXd>(parameters, NumParameters());
    const double value = problem_.evaluate(x);
    if (!std::isfinite(value)) return false;
    *cost = -value / problem_.observations;
    if (gradient != nullptr) {
      const VectorXd g = numeric_gradient(problem_.evaluate, x);
      if (!g.allFinite()) return false;
      Eigen::Map<VectorXd>(gradient, NumParameters()) = -g / problem_.observations;
    }
    return true;
  }
  int NumParameters() const override { return static_cast<int>(problem_.starts.front().size()); }

 private:
  const LogLikelihood& problem_;
};

// Newton steps with a numeric Hessian: BFGS stops where its differences stop to tell.
void newton_polish(const LogLikelihood& problem, VectorXd& x, double& value) {
  for (int iteration = 0; iteration < 10; ++iteration) {
    const VectorXd g = numeric_gradient(problem.evaluate, x);
    const MatrixXd h = numeric_hessian(problem.evaluate, x);
    if (!g.allFinite() || !h.allFinite()) return;
    const Eigen::LDLT<MatrixXd> ldlt(-h);
    if (ldlt.info() != Eigen::Success || !ldlt.isPositive()) return;
    const VectorXd step = ldlt.solve(g);
    if (!step.allFinite() || step.norm() < 1e-9 * (1 + x.norm())) return;
    double share = 1;
    bool improved = false;
    for (int halving = 0; halving < 8 && !improved; ++halving, share /= 2) {
      const double next = problem.evaluate(x + share * step);
      if (std::isfinite(next) && next > value) {
        x += share * step;
        value = next;
        improved = true;
      }
    }
    if (!improved) return;
  }
}

}  // namespace

VectorXd numeric_gradient(const std::function<double(const VectorXd&)>& f, const VectorXd& x,
                          double step) {
  VectorXd gradient(x.size());
  VectorXd at = x;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const double h = step * std::max(1.0, std::fabs(x(i)));
    at(i) = x(i) + h;
    const double up = f(at);
    at(i) = x(i) - h;
    const double down = f(at);
    at(i) = x(i);
    gradient(i) = (up - down) / (2 * h);
  }
  return gradient;
}

MatrixXd numeric_hessian(const std::function<double(const VectorXd&)>& f, const VectorXd& x,
                         double step) {
  const Eigen::Index k = x.size();
  const double centre = f(x);
  const auto second = [&](Eigen::Index i, Eigen::Index j, double scale) {
    const double hi = scale * step * std::max(1.0, std::fabs(x(i)));
    const double hj = scale * step * std::max(1.0, std::fabs(x(j)));
    VectorXd at = x;
    if (i == j) {
      at(i) = x(i) + hi;
      const double up = f(at);
      at(i) = x(i) - hi;
      return (up - 2 * centre + f(at)) / (hi * hi);
    }
    double sum = 0;
    for (double si : {1.0, -1.0}) {
      for (double sj : {1.0, -1.0}) {
        at(i) = x(i) + si * hi;
        at(j) = x(j) + sj * hj;
        sum += si * sj * f(at);
      }
    }
    return sum / (4 * hi * hj);
  };
  MatrixXd hessian(k, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    for (Eigen::Index j = i; j < k; ++j) {
      const double fine = second(i, j, 1), coarse = second(i, j, 2);
      hessian(i, j) = hessian(j, i) = (4 * fine - coarse) / 3;
    }
  }
  return hessian;
}

LikelihoodFit solve(const LogLikelihood& problem) {
  AMNOK_CHECK(!problem.starts.empty(), "no start values");
  LikelihoodFit best;
  best.x = problem.starts.front();
  for (const VectorXd& start : problem.starts) {
    if (!std::isfinite(problem.evaluate(start))) continue;
    VectorXd x = start;
    int iterations = 0;
    if (x.size() > 0) {
      const ceres::GradientProblem gradient_problem(new Objective(problem));
      ceres::GradientProblemSolver::Options options;
      options.line_search_direction_type = ceres::BFGS;
      options.max_num_iterations = problem.max_iterations;
      options.gradient_tolerance = problem.gradient_tolerance * 1e-2;
      options.function_tolerance = 1e-14;
      options.parameter_tolerance = 1e-12;
      options.logging_type = ceres::SILENT;
      ceres::GradientProblemSolver::Summary summary;
      ceres::Solve(options, gradient_problem, x.data(), &summary);
      iterations = static_cast<int>(summary.iterations.size());
    }
    if (!x.allFinite()) x = start;
    double value = problem.evaluate(x);
    newton_polish(problem, x, value);
    best.optima.push_back(value);
    if (value > best.log_likelihood) {
      best.x = x;
      best.log_likelihood = value;
      best.iterations = iterations;
    }
  }
  if (!std::isfinite(best.log_likelihood)) {
    best.status = FitStatus::failed;
    best.message = "the likelihood is not defined at any start value";
    return best;
  }
  best.gradient = numeric_gradient(problem.evaluate, best.x);
  const double size =
      best.x.size() > 0 ? best.gradient.cwiseAbs().maxCoeff() / problem.observations : 0;
  best.status = size < problem.gradient_tolerance ? FitStatus::converged : FitStatus::not_converged;
  best.message = fmt::format(
      "gradient max norm {:.1e} {} {:.0e} after {} iterations", size,
      size < problem.gradient_tolerance ? "<" : ">=", problem.gradient_tolerance, best.iterations);
  return best;
}

}  // namespace amnok
