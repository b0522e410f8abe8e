#include "engine/evaluation/tracking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace amnok {

namespace {

constexpr double kLargestPercent = 1000;  // beyond it some actual value is next to nothing

// Every variable of the system at zero shocks, a row a variable.
MatrixXd solve_window(const Study& study, const StudyData& data, const Frame& history,
                      const std::vector<BehaviouralEquation>& equations,
                      const PeriodRange& window) {
  const System system = system_before(study, history, equations, window);
  const std::vector<DrawMatrix> paths =
      system.simulate(system.at_estimates(), realised_inputs(data, history, window));
  MatrixXd solved(static_cast<Eigen::Index>(paths.size()), window.count);
  for (std::size_t v = 0; v < paths.size(); ++v) {
    solved.row(static_cast<Eigen::Index>(v)) = paths[v].col(0).transpose();
  }
  return solved;
}

MatrixXd solve_sample(const Study& study, const StudyData& data,
                      const std::vector<BehaviouralEquation>& equations, SolutionMode mode,
                      const PeriodRange& window) {
  const Frame history = completed_history(study, data, equations);
  if (mode == SolutionMode::dynamic) return solve_window(study, data, history, equations, window);
  MatrixXd solved;
  for (std::int64_t h = 0; h < window.count; ++h) {
    const MatrixXd step = solve_window(study, data, history, equations, {window[h], 1});
    if (h == 0) solved.resize(step.rows(), window.count);
    solved.col(h) = step.col(0);
  }
  return solved;
}

void measure(const Series& observed, TrackedVariable& tracked) {
  double sum = 0, squares = 0, relative = 0, changes = 0;
  int compared_changes = 0;
  for (Eigen::Index h = 0; h < tracked.solved.size(); ++h) {
    const double actual = tracked.actual(h), error = tracked.solved(h) - actual;
    if (!std::isfinite(error)) continue;
    ++tracked.periods;
    sum += error;
    squares += error * error;
    relative += std::pow(error / actual, 2);
    const double before = observed.at(tracked.window[h] - 1);
    if (std::isnan(before)) continue;
    changes += std::pow(actual - before, 2);
    ++compared_changes;
  }
  if (tracked.periods == 0) return;
  tracked.bias = sum / tracked.periods;
  tracked.rmse = std::sqrt(squares / tracked.periods);
  const double percent = 100 * std::sqrt(relative / tracked.periods);
  if (percent <= kLargestPercent) tracked.rmse_percent = percent;
  if (compared_changes > 0 && changes > 0) {
    tracked.theil_u = tracked.rmse / std::sqrt(changes / compared_changes);
  }
}

}  // namespace

std::string_view solution_name(SolutionMode mode) {
  return mode == SolutionMode::one_step ? "static" : "dynamic";
}

std::optional<SolutionMode> parse_solution(std::string_view name) {
  for (const SolutionMode mode : {SolutionMode::one_step, SolutionMode::dynamic}) {
    if (name == solution_name(mode)) return mode;
  }
  return std::nullopt;
}

std::vector<TrackedVariable> track_sample(const Study& study, const StudyData& data,
                                          const std::vector<BehaviouralEquation>& equations,
                                          SolutionMode mode, int periods) {
  const PeriodRange window{data.sample.last() - (periods - 1), periods};
  for (const BehaviouralEquation& equation : equations) {
    if (equation.sample.range.first < window.first) continue;
    throw InputError(
        fmt::format("the sample of models.{} begins in {}, but a window of {} periods begins in {}",
                    equation.name, format_period(equation.sample.range.first), periods,
                    format_period(window.first)),
        "solve fewer periods");
  }
  const MatrixXd solved = solve_sample(study, data, equations, mode, window);
  const Frame observed = observed_values(study, data);
  std::vector<std::string> variables;
  for (const BehaviouralEquation& e : equations) variables.push_back(e.target.variable);
  for (const IdentitySpec& identity : study.identities) variables.push_back(identity.name);
  std::vector<TrackedVariable> result;
  for (std::size_t v = 0; v < variables.size(); ++v) {
    TrackedVariable tracked{variables[v], mode, window, {}, {}};
    const Series& series = observed.get(variables[v]);
    tracked.actual = series.window(window).values;
    tracked.solved = solved.row(static_cast<Eigen::Index>(v)).transpose();
    measure(series, tracked);
    result.push_back(std::move(tracked));
  }
  return result;
}

int longest_window(const Study& study, const StudyData& data,
                   const std::vector<BehaviouralEquation>& equations, int most) {
  const Frame history = completed_history(study, data, equations);
  for (int periods = most;; --periods) {
    const PeriodRange window{data.sample.last() - (periods - 1), periods};
    const bool reaches = std::all_of(equations.begin(), equations.end(), [&](const auto& e) {
      return e.sample.range.first < window.first;
    });
    if (!reaches && periods > 1) continue;
    try {
      system_before(study, history, equations, window);
      return periods;
    } catch (const InputError&) {
      if (periods == 1) throw;
    }
  }
}

}  // namespace amnok
