#include "engine/solver/secant_search.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/base/lane_dot.h"

namespace amnok {

namespace {

constexpr double kLeastDamping = 1e-7, kMostDamping = 1e12;
constexpr double kNothing = 1e-15;  // share of the sum of squares that is no longer worth a step
constexpr double kAccepted = 1e-4;  // share of the promised decrease that a step must bring

// f = r'r / 2 at x, its gradient J'r and the Gauss-Newton part J'J of its Hessian.
struct Point {
  VectorXd x, r;
  MatrixXd j;
  ResidualProducts products{};
  bool has_jacobian = false;

  double rss() const { return products.rss; }
  const VectorXd& gradient() const { return products.gradient; }
  const MatrixXd& gauss_newton() const { return products.gram; }
};

bool evaluate(const NonlinearLeastSquares& problem, bool with_jacobian, Point& point) {
  if (problem.products) {
    point.has_jacobian = true;
    return problem.products(point.x, point.products) && std::isfinite(point.rss()) &&
           point.gradient().allFinite() && point.gauss_newton().allFinite();
  }
  if (!problem.evaluate(point.x, point.r, with_jacobian ? &point.j : nullptr)) return false;
  point.has_jacobian = with_jacobian;
  point.products.rss = lane_dot(point.r.data(), point.r.data(), point.r.size());
  if (!std::isfinite(point.rss())) return false;
  if (!with_jacobian) return true;
  point.products.gradient = lane_products(point.j, point.r);
  point.products.gram = lane_gram(point.j);
  return point.gauss_newton().allFinite();
}

struct Offset {
  double value = 0;
  bool reliable = true;  // J'J, its columns of length one, is far from singular
};

// |Q Q' r| / |r| by the normal equations; columns without length take no part.
Offset relative_offset(const Point& at) {
  constexpr double kLeastPivot = 1e-6;
  if (at.rss() == 0) return {};
  VectorXd scale = at.gauss_newton().diagonal().cwiseSqrt();
  scale = scale.unaryExpr([](double s) { return s > 0 ? 1 / s : 0.0; });
  MatrixXd scaled = scale.asDiagonal() * at.gauss_newton() * scale.asDiagonal();
  for (Eigen::Index i = 0; i < scale.size(); ++i) scaled(i, i) = scale(i) > 0 ? 1 + 1e-14 : 1;
  const VectorXd g = scale.cwiseProduct(at.gradient());
  const Eigen::LDLT<MatrixXd> ldlt(scaled);
  return {std::sqrt(std::max(0.0, g.dot(ldlt.solve(g))) / at.rss()),
          ldlt.vectorD().minCoeff() > kLeastPivot};
}

// Whether what this point promises is not worth going on for. A Gauss-Newton step to the optimum
// takes the share offset^2 of the sum of squares; three times as much is allowed for.
bool is_uninteresting(const NonlinearLeastSquares& problem, double rss, double offset) {
  constexpr double kMostGained = 3, kLooseOffset = 1e-2;
  const double expected = rss * (1 - kMostGained * offset * offset);
  return expected > problem.hopeless_rss ||
         (offset < kLooseOffset && expected > problem.uninteresting_rss);
}

struct Step {
  VectorXd s;
  double promised = 0;  // decrease of f
};

// The damped step of a Hessian; nothing: the Hessian is not positive definite.
std::optional<Step> damped_step(const Point& at, const MatrixXd& hessian, double damping) {
  MatrixXd damped = hessian;
  for (Eigen::Index i = 0; i < damped.rows(); ++i) {
    const double size = at.gauss_newton()(i, i);
    damped(i, i) += damping * (size > 0 ? size : 1.0);
  }
  const Eigen::LLT<MatrixXd> llt(damped);
  if (llt.info() != Eigen::Success) return std::nullopt;
  Step step{-llt.solve(at.gradient())};
  step.promised = -at.gradient().dot(step.s) - 0.5 * step.s.dot(hessian * step.s);
  if (!step.s.allFinite() || !(step.promised > 0)) return std::nullopt;
  return step;
}

// The new S after the step s from `old` to `now`.
void update(const Point& old, const Point& now, const VectorXd& s, MatrixXd& missing) {
  const VectorXd y = now.gradient() - old.gradient();
  const VectorXd change = now.j.size() > 0  // of J, seen by r
                              ? VectorXd(now.gradient() - lane_products(old.j, now.r))
                              : VectorXd(y - now.gauss_newton() * s);
  const double ys = y.dot(s);
  if (!(ys > 0)) return;
  const VectorXd along = missing * s;
  const double seen = std::fabs(s.dot(change)), believed = std::fabs(s.dot(along));
  const double tau = believed > seen ? seen / believed : 1.0;
  const VectorXd v = change - tau * along;
  missing *= tau;
  missing += (v * y.transpose() + y * v.transpose()) / ys;
  missing -= (v.dot(s) / (ys * ys)) * (y * y.transpose());
}

bool is_near(const KnownOptimum& known, const VectorXd& x, int residual_count) {
  constexpr double kStandardErrors = 0.5;
  const VectorXd away = x - known.x;
  const double distance = away.dot(known.gram * away);
  return distance * static_cast<double>(residual_count) <
         kStandardErrors * kStandardErrors * known.rss;
}

}  // namespace

SecantEnd secant_search(const NonlinearLeastSquares& problem, const VectorXd& start, double stall,
                        const std::optional<KnownOptimum>& known) {
  SecantEnd end;
  Point at;
  at.x = start;
  if (!evaluate(problem, true, at)) return end;
  MatrixXd missing = MatrixXd::Zero(start.size(), start.size());
  Offset judged = relative_offset(at);
  double offset = judged.value, damping = std::max(1e-4, offset * offset);
  Point next;
  while (end.iterations < problem.max_iterations && damping < kMostDamping && !end.stalled &&
         offset >= problem.offset_tolerance) {
    if (is_uninteresting(problem, at.rss(), offset)) break;
    end.arrived = known && is_near(*known, at.x, problem.residual_count);
    if (end.arrived) break;
    ++end.iterations;
    std::optional<Step> step = damped_step(at, at.gauss_newton() + missing, damping);
    if (!step) {
      missing.setZero();
      step = damped_step(at, at.gauss_newton(), damping);
    }
    if (!step) break;
    // On an edge of the admissible region J vanishes, and its angle with r says nothing; what the
    // next step promises does.
    if (damping < 1e-2 && 2 * step->promised < kNothing * at.rss()) {
      end.stalled = true;
      break;
    }
    next.x = at.x + step->s;
    const bool defined = evaluate(problem, problem.cheap_jacobian, next);
    const double decrease = defined ? 0.5 * (at.rss() - next.rss()) : -INFINITY;
    const double share = decrease / step->promised;
    if (!(share > kAccepted) || !(next.has_jacobian || evaluate(problem, true, next))) {
      // At rounding level of f there is nothing left to gain.
      end.stalled = defined && std::max(std::fabs(decrease), step->promised) < stall * at.rss();
      damping = std::max(damping, offset * offset) * 10;
      continue;
    }
    if (share > 0.75) damping = std::max(damping / 10, kLeastDamping);
    if (share < 0.25) damping *= 4;
    end.stalled = decrease < 0.5 * stall * at.rss();
    update(at, next, step->s, missing);
    std::swap(at, next);
    judged = relative_offset(at);
    offset = judged.value;
  }
  end.defined = true;
  end.x = std::move(at.x);
  end.residuals = std::move(at.r);
  end.jacobian = std::move(at.j);
  end.gram = std::move(at.products.gram);
  end.rss = at.rss();
  end.relative_offset = offset;
  end.reliable = judged.reliable;
  return end;
}

}  // namespace amnok
