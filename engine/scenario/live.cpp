#include "engine/scenario/live.h"

#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/scenario/scenario_resolver.h"

namespace amnok {

namespace {

constexpr std::array<double, 7> kLevels = {0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95};
constexpr Eigen::Index kColumns = 8;  // the levels and the mean

// The grid of a scenario without its fans; no sliders: it has none.
LiveGrid empty_grid(const Study& study, const ScenarioSpec& scenario) {
  LiveGrid grid;
  grid.scenario = scenario.name;
  for (std::size_t i = 0; i < study.live.size(); ++i) {
    const LiveSpec& spec = study.live[i];
    const auto& own = spec.scenarios;
    if (std::find(own.begin(), own.end(), scenario.name) == own.end()) continue;
    const Change& change = scenario.changes[*live_change(scenario.changes, spec.change)];
    const double home = *live_value(change, spec.vary);
    grid.sliders.push_back(i);
    grid.positions.push_back(live_positions(spec, home));
    const auto& positions = grid.positions.back();
    const auto at = std::lower_bound(positions.begin(), positions.end(), home);
    grid.home.push_back(static_cast<std::size_t>(at - positions.begin()));
  }
  return grid;
}

std::size_t size_of(const LiveGrid& grid) {
  std::size_t size = 1;
  for (const auto& positions : grid.positions) size *= positions.size();
  return size;
}

// The place on each slider of position `index`, the last slider running fastest.
std::vector<std::size_t> places(const LiveGrid& grid, std::size_t index) {
  std::vector<std::size_t> at(grid.positions.size());
  for (std::size_t d = at.size(); d-- > 0;) {
    at[d] = index % grid.positions[d].size();
    index /= grid.positions[d].size();
  }
  return at;
}

std::size_t index_of(const LiveGrid& grid, const std::vector<std::size_t>& at) {
  std::size_t index = 0;
  for (std::size_t d = 0; d < at.size(); ++d) index = index * grid.positions[d].size() + at[d];
  return index;
}

// The scenario with its figures at a position.
ScenarioSpec moved(const Study& study, const LiveGrid& grid, const std::vector<std::size_t>& at) {
  ScenarioSpec scenario = *study.scenario(grid.scenario);
  for (std::size_t d = 0; d < at.size(); ++d) {
    const LiveSpec& spec = study.live[grid.sliders[d]];
    Change& change = scenario.changes[*live_change(scenario.changes, spec.change)];
    change = with_live_value(change, spec.vary, grid.positions[d][at[d]]);
  }
  return scenario;
}

std::string position_text(const Study& study, const LiveGrid& grid,
                          const std::vector<std::size_t>& at) {
  std::vector<std::string> parts;
  for (std::size_t d = 0; d < at.size(); ++d) {
    const LiveSpec& spec = study.live[grid.sliders[d]];
    const double value = grid.positions[d][at[d]];
    parts.push_back(
        fmt::format("{} = {}", live_field_name(spec.vary),
                    is_period(spec.vary)
                        ? format_period({study.run.frequency, static_cast<std::int64_t>(value)})
                        : format_number(value)));
  }
  return join(parts, ", ");
}

// Inputs of every position; the errors of the first one that has some are added, and nothing comes
// back.
std::vector<SystemInputs> resolve_positions(const Study& study, const StudyData& data,
                                            const std::vector<BehaviouralEquation>& equations,
                                            const LiveGrid& grid, const DrawBlock& block,
                                            ProblemList& problems) {
  std::vector<SystemInputs> inputs;
  const ScenarioSpec& scenario = *study.scenario(grid.scenario);
  for (const Change& change : scenario.changes) {
    if (!std::holds_alternative<Condition>(change.what) &&
        !std::holds_alternative<HitTarget>(change.what)) {
      continue;
    }
    problems.error(study.live[grid.sliders.front()].where,
                   fmt::format("scenario {} has a {}, whose draws the page cannot solve for again",
                               scenario.name, describe(change).kind),
                   "put the slider on a scenario without targets and conditions");
    return {};
  }
  for (std::size_t i = 0; i < size_of(grid); ++i) {
    const std::vector<std::size_t> at = places(grid, i);
    ProblemList own;
    inputs.push_back(resolve_scenario(moved(study, grid, at), study, data, equations, own, block));
    if (!own.has_errors()) continue;
    for (const InputProblem& problem : own.all()) {
      if (problem.severity != Severity::error) continue;
      problems.error(study.live[grid.sliders.front()].where,
                     fmt::format("scenario {} with {}: {}", grid.scenario,
                                 position_text(study, grid, at), problem.message),
                     problem.hint);
    }
    return {};
  }
  return inputs;
}

// A sample of draws, sorted, with quantiles at fractional ranks.
class SortedDraws {
 public:
  explicit SortedDraws(const Eigen::Ref<const Eigen::RowVectorXd>& draws)
      : values_(draws.begin(), draws.end()) {
    std::sort(values_.begin(), values_.end());
  }

  double at(double rank) const {
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, values_.size() - 1);
    return values_[below] + (rank - std::floor(rank)) * (values_[above] - values_[below]);
  }

  // The rank whose quantile is `value`; of several, the one nearest to `usual`.
  double rank_of(double value, double usual) const {
    const double last = static_cast<double>(values_.size() - 1);
    const auto first = std::lower_bound(values_.begin(), values_.end(), value);
    const auto behind = std::upper_bound(first, values_.end(), value);
    const double low = static_cast<double>(first - values_.begin());
    const double high = static_cast<double>(behind - values_.begin()) - 1;
    if (low <= high) return std::clamp(usual, low, high);
    if (first == values_.begin()) return 0;
    if (first == values_.end()) return last;
    const double below = *(first - 1), above = *first;
    return low - 1 + (value - below) / (above - below);
  }

 private:
  std::vector<double> values_;
};

// What a cell (variable, period) of the run says of any position's draws.
struct Calibration {
  std::array<double, kLevels.size()> ranks{};
  double mean_shift = 0;
  Eigen::RowVectorXd run;  // its own fan
};

Eigen::RowVectorXd run_fan(const Distribution& d) {
  Eigen::RowVectorXd fan(kColumns);
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    fan(static_cast<Eigen::Index>(i)) = d.undefined > 0 ? kMissing : d.quantile(kLevels[i]);
  }
  fan(kColumns - 1) = d.mean;
  return fan;
}

Calibration calibrate(const Eigen::Ref<const Eigen::RowVectorXd>& home, const Distribution& d) {
  Calibration result;
  result.run = run_fan(d);
  const bool defined = d.undefined == 0 && home.allFinite();
  const auto last = static_cast<double>(home.size() - 1);
  for (std::size_t i = 0; i < kLevels.size(); ++i) result.ranks[i] = kLevels[i] * last;
  if (!defined) return result;
  const SortedDraws sorted(home);
  for (double& rank : result.ranks) {
    rank = sorted.rank_of(d.quantile(kLevels[static_cast<std::size_t>(&rank - &result.ranks[0])]),
                          rank);
  }
  result.mean_shift = d.mean - home.mean();
  return result;
}

// Rows with a draw that is not defined are never equal.
bool equal(const Eigen::Ref<const Eigen::RowVectorXd>& a,
           const Eigen::Ref<const Eigen::RowVectorXd>& b) {
  return (a.array() == b.array()).all();
}

// One row of a fan: the run's where the draws are those of home.
Eigen::RowVectorXd fan_row(const Eigen::Ref<const Eigen::RowVectorXd>& draws,
                           const Eigen::Ref<const Eigen::RowVectorXd>& home,
                           const Calibration& calibration) {
  if (equal(draws, home)) return calibration.run;
  Eigen::RowVectorXd fan = Eigen::RowVectorXd::Constant(kColumns, kMissing);
  if (!draws.allFinite()) return fan;
  const SortedDraws sorted(draws);
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    fan(static_cast<Eigen::Index>(i)) = sorted.at(calibration.ranks[i]);
  }
  fan(kColumns - 1) = draws.mean() + calibration.mean_shift;
  return fan;
}

bool same(const LiveFan& a, const LiveFan& b) {
  return ((a.array() == b.array()) || (a.array().isNaN() && b.array().isNaN())).all();
}

// Keeps of all fans of a variable those over the sliders that move it.
LiveVariable compact(const LiveGrid& grid, const std::string& variable,
                     const std::vector<LiveFan>& all) {
  LiveVariable result;
  result.variable = variable;
  result.moved_by.assign(grid.sliders.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::size_t> at = places(grid, i);
    for (std::size_t d = 0; d < at.size(); ++d) {
      if (result.moved_by[d] || at[d] == grid.home[d]) continue;
      std::vector<std::size_t> without = at;
      without[d] = grid.home[d];
      result.moved_by[d] = !same(all[i], all[index_of(grid, without)]);
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::size_t> at = places(grid, i);
    bool kept = true;
    for (std::size_t d = 0; d < at.size(); ++d) {
      kept = kept && (result.moved_by[d] || at[d] == grid.home[d]);
    }
    if (kept) result.fans.push_back(all[i]);
  }
  return result;
}

class LiveSimulation {
 public:
  LiveSimulation(const System& system, const SystemDraws& draws,
                 const std::vector<Projection>& projections,
                 const std::vector<std::string>& variables)
      : system_(system), draws_(draws), projections_(projections), variables_(variables) {}

  void fill(LiveGrid& grid, const std::vector<SystemInputs>& inputs) const {
    const std::vector<DrawMatrix> home =
        system_.simulate(draws_, inputs[index_of(grid, grid.home)]);
    std::vector<std::vector<Calibration>> calibrations;
    for (const std::string& variable : variables_) {
      calibrations.push_back(calibrations_of(grid.scenario, variable, path(home, variable)));
    }
    std::vector<std::vector<LiveFan>> fans(
        variables_.size(), std::vector<LiveFan>(inputs.size(), LiveFan(rows(), kColumns)));
    // Along the last slider many variables do not change: their rows are taken over.
    const std::size_t line = grid.positions.back().size();
    tbb::parallel_for(std::size_t{0}, inputs.size() / line, [&](std::size_t l) {
      std::vector<DrawMatrix> before;
      for (std::size_t i = l * line; i < (l + 1) * line; ++i) {
        std::vector<DrawMatrix> paths = system_.simulate(draws_, inputs[i]);
        for (std::size_t v = 0; v < variables_.size(); ++v) {
          const DrawMatrix& here = path(paths, variables_[v]);
          for (Eigen::Index h = 0; h < rows(); ++h) {
            const bool known =
                !before.empty() && equal(here.row(h), path(before, variables_[v]).row(h));
            fans[v][i].row(h) = known ? Eigen::RowVectorXd(fans[v][i - 1].row(h))
                                      : fan_row(here.row(h), path(home, variables_[v]).row(h),
                                                calibrations[v][static_cast<std::size_t>(h)]);
          }
        }
        before = std::move(paths);
      }
    });
    for (std::size_t v = 0; v < variables_.size(); ++v) {
      grid.variables.push_back(compact(grid, variables_[v], fans[v]));
    }
    grid.draws = draws_.count;
  }

 private:
  Eigen::Index rows() const { return static_cast<Eigen::Index>(system_.horizon().count); }

  const DrawMatrix& path(const std::vector<DrawMatrix>& paths, const std::string& variable) const {
    return paths[static_cast<std::size_t>(system_.index_of(variable))];
  }

  std::vector<Calibration> calibrations_of(const std::string& scenario, const std::string& variable,
                                           const DrawMatrix& home) const {
    const auto found = std::find_if(
        projections_.begin(), projections_.end(),
        [&](const Projection& p) { return p.scenario == scenario && p.variable == variable; });
    AMNOK_CHECK(found != projections_.end(), "{} {}", scenario, variable);
    std::vector<Calibration> result;
    for (Eigen::Index h = 0; h < rows(); ++h) {
      result.push_back(calibrate(home.row(h), found->periods[static_cast<std::size_t>(h)]));
    }
    return result;
  }

  const System& system_;
  const SystemDraws& draws_;
  const std::vector<Projection>& projections_;
  const std::vector<std::string>& variables_;
};

}  // namespace

std::span<const double> live_levels() {
  return kLevels;
}

std::vector<LiveGrid> simulate_live(const Study& study, const StudyData& data, const System& system,
                                    const std::vector<Projection>& projections,
                                    const std::vector<std::string>& variables,
                                    const SimulationSettings& settings) {
  std::vector<LiveGrid> grids;
  if (study.live.empty()) return grids;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  const SystemDraws draws =
      system.draw(settings.seed, 0, std::min(study.run.live_draws, settings.draws));
  const LiveSimulation simulation(system, draws, projections, variables);
  for (const ScenarioSpec& scenario : study.scenarios) {
    const auto& only = settings.scenarios;
    if (!only.empty() && std::find(only.begin(), only.end(), scenario.name) == only.end()) continue;
    LiveGrid grid = empty_grid(study, scenario);
    if (grid.sliders.empty()) continue;
    ProblemList problems;
    const std::vector<SystemInputs> inputs = resolve_positions(
        study, data, system.equations(), grid, {settings.seed, 0, draws.count}, problems);
    problems.throw_if_errors();
    simulation.fill(grid, inputs);
    grids.push_back(std::move(grid));
    if (settings.progress) settings.progress(1);
  }
  return grids;
}

void check_live(const Study& study, const StudyData& data,
                const std::vector<BehaviouralEquation>& equations, ProblemList& problems) {
  for (const ScenarioSpec& scenario : study.scenarios) {
    const LiveGrid grid = empty_grid(study, scenario);
    if (!grid.sliders.empty()) resolve_positions(study, data, equations, grid, {}, problems);
  }
}

}  // namespace amnok
