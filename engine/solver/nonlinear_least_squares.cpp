#include "engine/solver/nonlinear_least_squares.h"

#include <ceres/ceres.h>
#include <ceres/tiny_solver.h>
#include <fmt/format.h>
#include <glog/logging.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "engine/base/check.h"
#include "engine/solver/secant_search.h"

namespace amnok {

namespace {

using Effort = NonlinearLeastSquares::Effort;

// Short of an exact search, a step that lowers the sum of squares by less than this share ends the
// search: an optimum on the boundary, which unconstrained coordinates approach for ever.
constexpr double kStalled = 1e-13, kScanStalled = 1e-6;

// TinySolver's view of a problem. Residuals are scaled by the start's norm, so that its absolute
// tolerances are relative. Where derivatives cost little they are taken at every trial point, most
// of which are accepted.
struct TinyFunction {
  using Scalar = double;
  enum { NUM_RESIDUALS = Eigen::Dynamic, NUM_PARAMETERS = Eigen::Dynamic };

  const NonlinearLeastSquares& problem;
  double scale = 1;
  mutable VectorXd x{}, r{};
  mutable MatrixXd j{};  // of x, when has_jacobian
  mutable bool has_jacobian = false;

  int NumResiduals() const { return problem.residual_count; }
  int NumParameters() const { return static_cast<int>(problem.starts.front().size()); }

  // Fills in x, r and, if asked for or cheap, j.
  bool evaluate(const VectorXd& at, bool with_jacobian) const {
    if (has_jacobian && x.size() == at.size() && x == at) return true;
    has_jacobian = with_jacobian || problem.cheap_jacobian;
    x = at;
    const bool defined = problem.evaluate(x, r, has_jacobian ? &j : nullptr);
    has_jacobian = has_jacobian && defined;
    return defined;
  }

  bool operator()(const double* parameters, double* residuals, double* jacobian) const {
    VectorXd at = Eigen::Map<const VectorXd>(parameters, NumParameters());
    if (problem.units.size() > 0) at.array() *= problem.units.array();
    Eigen::Map<VectorXd> out(residuals, NumResiduals());
    if (!evaluate(at, jacobian != nullptr)) {
      out.setConstant(1e150);  // a step out of the domain is a bad step
      return false;
    }
    out = r * scale;
    if (jacobian != nullptr) {
      Eigen::Map<MatrixXd> scaled(jacobian, NumResiduals(), NumParameters());
      scaled = j * scale;
      if (problem.units.size() > 0) scaled *= problem.units.asDiagonal();
    }
    return true;
  }
};

class CeresFunction : public ceres::CostFunction {
 public:
  CeresFunction(const NonlinearLeastSquares& problem, double scale)
      : problem_(problem), scale_(scale) {
    set_num_residuals(problem.residual_count);
    mutable_parameter_block_sizes()->push_back(static_cast<int>(problem.starts.front().size()));
  }

  bool Evaluate(double const* const* parameters, double* residuals,
                double** jacobians) const override {
    const Eigen::Index k = problem_.starts.front().size();
    const VectorXd x = Eigen::Map<const VectorXd>(parameters[0], k);
    VectorXd r;
    MatrixXd j;
    const bool derivatives = jacobians != nullptr && jacobians[0] != nullptr;
    if (!problem_.evaluate(x, r, derivatives ? &j : nullptr)) return false;
    Eigen::Map<VectorXd>(residuals, r.size()) = r * scale_;
    if (derivatives) Eigen::Map<DrawMatrix>(jacobians[0], r.size(), k) = j * scale_;
    return true;
  }

 private:
  const NonlinearLeastSquares& problem_;
  double scale_;
};

struct State {
  VectorXd x, residuals;
  MatrixXd jacobian, gram;
  double rss = INFINITY;
  double relative_offset = 1;
  double step = INFINITY;  // largest relative change of a parameter in the next Gauss-Newton step
  VectorXd gauss_newton;
  int iterations = 0;
  bool stalled = false;  // the sum of squares no longer falls
};

// Of residuals r and Jacobian j at x.
bool set_state(const VectorXd& x, VectorXd r, MatrixXd j, State& state) {
  if (!r.allFinite() || !j.allFinite()) return false;
  state.x = x;
  state.rss = r.squaredNorm();
  const VectorXd scale =
      j.colwise().norm().transpose().unaryExpr([](double s) { return s > 0 ? s : 1.0; });
  const MatrixXd scaled = j * scale.cwiseInverse().asDiagonal();
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(scaled);
  const VectorXd rotated = qr.householderQ().adjoint() * r;
  const double norm = r.norm();
  state.relative_offset = norm > 0 ? rotated.head(qr.rank()).norm() / norm : 0;
  state.gauss_newton = -(qr.solve(r).array() / scale.array()).matrix();
  state.step = 0;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    state.step =
        std::max(state.step, std::fabs(state.gauss_newton(i)) / std::max(std::fabs(x(i)), 1e-12));
  }
  state.residuals = std::move(r);
  state.gram = j.transpose().lazyProduct(j);
  state.jacobian = std::move(j);
  return true;
}

bool evaluate_state(const NonlinearLeastSquares& problem, const VectorXd& x, State& state) {
  VectorXd r;
  MatrixXd j;
  return problem.evaluate(x, r, &j) && set_state(x, std::move(r), std::move(j), state);
}

bool is_converged(const NonlinearLeastSquares& problem, const State& state) {
  // With residuals at rounding level (an exact fit) the offset means nothing; the step does.
  if (problem.effort != Effort::exact && state.stalled) return true;
  return state.rss == 0 || state.relative_offset < problem.offset_tolerance || state.step < 1e-10;
}

// Gauss-Newton with step halving, to rounding.
void polish(const NonlinearLeastSquares& problem, State& state) {
  for (int iteration = 0; iteration < 30; ++iteration) {
    if (state.step < 1e-14 || (problem.effort != Effort::exact && is_converged(problem, state)))
      return;
    State best;
    double share = 1;
    bool improved = false;
    for (int halving = 0; halving < 6 && !improved; ++halving, share /= 2) {
      State next;
      next.iterations = state.iterations + 1;
      if (!evaluate_state(problem, state.x + share * state.gauss_newton, next)) continue;
      // Near the optimum the rss stalls at rounding while the steps still shrink.
      improved = next.rss < state.rss ||
                 (next.rss <= state.rss * (1 + 1e-8) && next.step < 0.5 * state.step);
      if (improved) best = std::move(next);
    }
    if (!improved) return;
    state = std::move(best);
  }
}

State run_tiny(const NonlinearLeastSquares& problem, const VectorXd& start) {
  State state;
  TinyFunction function{problem};
  if (!function.evaluate(start, false) || !function.r.allFinite()) return state;
  const double norm = function.r.norm();
  if (norm > 0) function.scale = 1 / norm;
  ceres::TinySolver<TinyFunction> solver;
  solver.options.max_num_iterations = problem.max_iterations;
  solver.options.gradient_tolerance =
      problem.effort == Effort::exact ? 1e-13 : 0.3 * problem.offset_tolerance;
  solver.options.parameter_tolerance =
      problem.effort == Effort::exact ? 1e-10 : 1e-2 * problem.offset_tolerance;
  solver.options.function_tolerance = problem.effort == Effort::exact  ? 1e-15
                                      : problem.effort == Effort::scan ? kScanStalled
                                                                       : kStalled;
  solver.options.cost_threshold = 0;
  VectorXd x = start;
  if (problem.units.size() > 0) x.array() /= problem.units.array();
  solver.Solve(function, &x);
  if (problem.units.size() > 0) x.array() *= problem.units.array();
  State end;
  const bool defined = x.allFinite() && function.evaluate(x, true) &&
                       set_state(x, std::move(function.r), std::move(function.j), end);
  if (defined && end.rss <= norm * norm) {
    end.iterations = solver.summary.iterations;
    end.stalled = solver.summary.status == ceres::TinySolver<TinyFunction>::COST_CHANGE_TOO_SMALL;
    return end;
  }
  evaluate_state(problem, start, state);
  return state;
}

// The search of likelihoods, to the problem's tolerance. Nothing: it arrived at the best known optimum.
std::optional<State> run_secant(const NonlinearLeastSquares& problem, const VectorXd& start,
                                const State& best) {
  std::optional<KnownOptimum> known;
  if (is_converged(problem, best)) known.emplace(KnownOptimum{best.x, best.gram, best.rss});
  State state;
  SecantEnd end = secant_search(problem, start,
                                problem.effort == Effort::scan ? kScanStalled : kStalled, known);
  if (end.arrived) return std::nullopt;
  if (!end.defined) return state;
  if (!problem.products) {
    if (!set_state(end.x, std::move(end.residuals), std::move(end.jacobian), state)) return state;
  } else if (problem.effort == Effort::scan ||
             (end.reliable && end.relative_offset < problem.offset_tolerance)) {
    state.x = std::move(end.x);
    state.gram = std::move(end.gram);
    state.rss = end.rss;
    state.relative_offset = end.relative_offset;
  } else if (!evaluate_state(problem, end.x, state)) {
    return state;
  }
  state.iterations = end.iterations;
  state.stalled = end.stalled;
  return state;
}

// Ceres logs through glog; what it has to say is in our status messages.
void silence_glog() {
  FLAGS_minloglevel = google::GLOG_FATAL;
}

State run_ceres(const NonlinearLeastSquares& problem, const VectorXd& start, bool dogleg) {
  State state;
  if (!evaluate_state(problem, start, state)) return state;
  VectorXd x = start;
  ceres::Problem ceres_problem;
  ceres_problem.AddResidualBlock(
      new CeresFunction(problem, state.rss > 0 ? 1 / std::sqrt(state.rss) : 1.0), nullptr,
      x.data());
  ceres::Solver::Options options;
  options.linear_solver_type = ceres::DENSE_QR;
  options.trust_region_strategy_type = dogleg ? ceres::DOGLEG : ceres::LEVENBERG_MARQUARDT;
  options.max_num_iterations = 3000;
  options.function_tolerance = 1e-20;
  options.gradient_tolerance = 1e-20;
  options.parameter_tolerance = 1e-14;
  options.max_num_consecutive_invalid_steps = 50;
  options.num_threads = 1;
  options.logging_type = ceres::SILENT;
  ceres::Solver::Summary summary;
  ceres::Solve(options, &ceres_problem, &summary);
  State end;
  if (!x.allFinite() || !evaluate_state(problem, x, end) || end.rss > state.rss) return state;
  end.iterations = static_cast<int>(summary.iterations.size());
  return end;
}

// Starts a power of ten away in each parameter, the most promising first: a start that is far off
// is mostly off in scale. Up to three parameters on a grid of five powers, more by a fixed
// sequence.
std::vector<VectorXd> scaled_starts(const NonlinearLeastSquares& problem, const VectorXd& start) {
  constexpr int kCandidates = 400, kKept = 6;
  const auto k = static_cast<int>(start.size());
  std::vector<std::pair<double, VectorXd>> candidates;
  const int grid = k <= 3 ? static_cast<int>(std::pow(5, k)) : kCandidates;
  std::uint64_t state = 88172645463325252u;
  VectorXd r;
  for (int i = 0; i < grid; ++i) {
    VectorXd x = start;
    int code = i;
    for (int j = 0; j < k; ++j, code /= 5) {
      int power = code % 5 - 2;
      if (k > 3) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;  // xorshift64
        power = static_cast<int>(state % 5) - 2;
      }
      x(j) *= std::pow(10.0, power);
    }
    if (problem.evaluate(x, r, nullptr) && r.allFinite())
      candidates.emplace_back(r.squaredNorm(), x);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<VectorXd> result;
  for (const auto& [rss, x] : candidates) {
    if (static_cast<int>(result.size()) == kKept) break;
    result.push_back(x);
  }
  return result;
}

NonlinearFit nothing_to_solve(const NonlinearLeastSquares& problem) {
  NonlinearFit fit;
  fit.x = problem.starts.front();
  const bool defined = problem.evaluate(fit.x, fit.residuals, nullptr);
  fit.jacobian.resize(fit.residuals.size(), 0);
  fit.rss = defined ? fit.residuals.squaredNorm() : INFINITY;
  fit.relative_offset = 0;
  fit.status = defined ? FitStatus::converged : FitStatus::failed;
  fit.message = defined ? "closed form" : "the residuals are not defined";
  return fit;
}

}  // namespace

NonlinearFit solve(const NonlinearLeastSquares& problem) {
  AMNOK_CHECK(!problem.starts.empty(), "no start values");
  if (problem.starts.front().size() == 0) return nothing_to_solve(problem);
  silence_glog();
  NonlinearFit fit;
  State best;
  const auto keep = [&](State state) {
    fit.optima.push_back(state.rss);
    const bool better =
        state.rss < best.rss * (1 - 1e-12) ||
        (state.rss <= best.rss * (1 + 1e-12) && state.relative_offset < best.relative_offset);
    if (better) best = std::move(state);
  };
  for (const VectorXd& start : problem.starts) {
    std::optional<State> end = problem.effort == Effort::exact ? run_tiny(problem, start)
                                                               : run_secant(problem, start, best);
    if (!end) {
      fit.optima.push_back(best.rss);
      continue;
    }
    State quick = *std::move(end);
    if (problem.effort == Effort::exact && std::isfinite(quick.rss) &&
        !is_converged(problem, quick)) {
      quick = run_secant(problem, quick.x, best).value_or(quick);
    }
    if (problem.effort != Effort::scan && std::isfinite(quick.rss) &&
        !is_converged(problem, quick)) {
      polish(problem, quick);
    }
    const bool done = std::isfinite(quick.rss) &&
                      (problem.effort == Effort::scan || is_converged(problem, quick));
    keep(std::move(quick));
    if (done && !problem.thorough) continue;
    for (bool dogleg : {false, true}) {
      State state = run_ceres(problem, start, dogleg);
      if (std::isfinite(state.rss)) polish(problem, state);
      keep(std::move(state));
    }
  }
  if (!std::isfinite(best.rss)) {
    fit.status = FitStatus::failed;
    fit.message = "the residuals are not defined at any start value";
    fit.x = problem.starts.front();
    return fit;
  }
  if (problem.thorough && !is_converged(problem, best)) {
    for (const VectorXd& start : scaled_starts(problem, problem.starts.front())) {
      State state = run_ceres(problem, start, false);
      if (std::isfinite(state.rss)) polish(problem, state);
      keep(std::move(state));
    }
  }
  if (problem.thorough) polish(problem, best);
  fit.x = best.x;
  fit.residuals = best.residuals;
  fit.jacobian = best.jacobian;
  fit.gram = best.gram;
  fit.rss = best.rss;
  fit.relative_offset = best.relative_offset;
  fit.iterations = best.iterations;
  const bool converged = is_converged(problem, best);
  fit.status = converged ? FitStatus::converged : FitStatus::not_converged;
  if (best.stalled && fit.relative_offset >= problem.offset_tolerance) {
    fit.message = fmt::format(
        "the sum of squares falls by less than {:.0e} after {} iterations "
        "(relative offset {:.1e}: an optimum on the boundary)",
        kStalled, fit.iterations, fit.relative_offset);
    return fit;
  }
  fit.message = fmt::format(
      "relative offset {:.1e} {} {:.0e} after {} iterations", fit.relative_offset,
      fit.relative_offset < problem.offset_tolerance ? "<" : ">=", problem.offset_tolerance,
      fit.iterations);
  if (converged && fit.relative_offset >= problem.offset_tolerance) {
    fit.message += fmt::format(", next step changes parameters by {:.1e}", best.step);
  }
  return fit;
}

}  // namespace amnok
