#include "engine/scenario/ensemble.h"

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "engine/base/check.h"
#include "engine/base/memory.h"
#include "engine/scenario/scenario_simulator.h"

namespace amnok {

namespace {

// Columns that stand for `count` draws of weights: the r-th is the one at (r + 1/2) / count of their
// sum (Kitagawa 1996, J. Comput. Graph. Statist. 5, 1-25).
std::vector<Eigen::Index> resampled(const VectorXd& weights, Eigen::Index count) {
  std::vector<Eigen::Index> columns;
  double sum = 0;
  for (Eigen::Index r = 0; r < weights.size(); ++r) {
    sum += weights(r);
    while (std::ssize(columns) < count &&
           (static_cast<double>(columns.size()) + 0.5) / static_cast<double>(count) < sum) {
      columns.push_back(r);
    }
  }
  while (std::ssize(columns) < count) columns.push_back(weights.size() - 1);
  return columns;
}

}  // namespace

std::size_t thread_count(int wanted) {
  return wanted > 0 ? static_cast<std::size_t>(wanted)
                    : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

const DrawMatrix& Ensemble::at(std::string_view scenario, std::string_view variable) const {
  const auto s = std::find(scenarios.begin(), scenarios.end(), scenario) - scenarios.begin();
  const auto v = std::find(variables.begin(), variables.end(), variable) - variables.begin();
  AMNOK_CHECK(s < std::ssize(scenarios) && v < std::ssize(variables), "{} {}", scenario, variable);
  return paths[static_cast<std::size_t>(s)][static_cast<std::size_t>(v)];
}

const VectorXd& Ensemble::weights_of(std::string_view scenario) const {
  const auto s = std::find(scenarios.begin(), scenarios.end(), scenario) - scenarios.begin();
  AMNOK_CHECK(s < std::ssize(scenarios), "{}", scenario);
  return weights[static_cast<std::size_t>(s)];
}

std::vector<SimulatedPaths> first_paths(const Ensemble& ensemble,
                                        const std::vector<std::string>& variables, int count) {
  std::vector<SimulatedPaths> paths;
  if (count <= 0) return paths;
  for (const std::string& scenario : ensemble.scenarios) {
    for (const std::string& variable : variables) {
      const DrawMatrix& all = ensemble.at(scenario, variable);
      const Eigen::Index columns = std::min<Eigen::Index>(count, all.cols());
      const VectorXd& weights = ensemble.weights_of(scenario);
      if (weights.size() == 0) {
        paths.push_back({scenario, variable, all.leftCols(columns)});
      } else {
        paths.push_back({scenario, variable, all(Eigen::all, resampled(weights, columns))});
      }
    }
  }
  return paths;
}

namespace {

// The scenarios to be simulated, their problems collected.
std::vector<ScenarioSimulator> simulators_of(const Study& study, const StudyData& data,
                                             const System& system,
                                             const std::vector<std::string>& only) {
  std::vector<ScenarioSimulator> result;
  ProblemList problems;
  for (const ScenarioSpec& scenario : study.scenarios) {
    if (!only.empty() && std::find(only.begin(), only.end(), scenario.name) == only.end()) continue;
    result.emplace_back(scenario, study, data, system, problems);
  }
  problems.throw_if_errors();
  return result;
}

}  // namespace

Ensemble simulate_scenarios(const Study& study, const StudyData& data, const System& system,
                            const SimulationSettings& settings,
                            std::vector<ScenarioAccount>* accounts) {
  std::vector<ScenarioSimulator> simulators =
      simulators_of(study, data, system, settings.scenarios);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  const BlockLoop loop = [](int blocks, const std::function<void(int)>& work) {
    tbb::parallel_for(0, blocks, work);
  };
  Ensemble ensemble;
  ensemble.variables = system.variables();
  ensemble.horizon = system.horizon();
  ensemble.draws = settings.draws;
  ensemble.sampling = sampling_of(settings.seed);
  ensemble.paths.resize(simulators.size());
  ensemble.weights.resize(simulators.size());
  std::vector<VectorXd> log_weights(simulators.size());
  prefer_large_pages(sizeof(double) * simulators.size() * ensemble.variables.size() *
                     static_cast<std::size_t>(ensemble.horizon.count * settings.draws));
  for (std::size_t s = 0; s < simulators.size(); ++s) {
    ensemble.scenarios.push_back(simulators[s].scenario().name);
    simulators[s].solve_targets(settings.seed, settings.draws, loop);
    for (std::size_t v = 0; v < ensemble.variables.size(); ++v) {
      ensemble.paths[s].emplace_back(ensemble.horizon.count, settings.draws);
    }
    if (simulators[s].is_conditioned()) log_weights[s].resize(settings.draws);
  }
  const int blocks = (settings.draws + kDrawBlock - 1) / kDrawBlock;
  std::atomic<int> done = 0;
  std::vector<std::atomic<int>> unsolved(simulators.size());
  loop(blocks, [&](int block) {
    const int first = block * kDrawBlock, count = std::min(kDrawBlock, settings.draws - first);
    const SystemDraws draws = system.draw(settings.seed, first, count);
    for (std::size_t s = 0; s < simulators.size(); ++s) {
      const ConditionedPaths simulated = simulators[s].simulate(draws);
      for (std::size_t v = 0; v < simulated.paths.size(); ++v) {
        ensemble.paths[s][v].middleCols(first, count) = simulated.paths[v];
      }
      if (simulators[s].is_conditioned()) {
        log_weights[s].segment(first, count) = simulated.log_weights;
        unsolved[s] += simulated.unsolved;
      }
    }
    const int finished = ++done;
    if (settings.progress) settings.progress(static_cast<double>(finished) / blocks);
  });
  ProblemList problems;
  for (std::size_t s = 0; s < simulators.size(); ++s) {
    if (!simulators[s].is_conditioned()) continue;
    try {
      ensemble.weights[s] = normalised_weights(log_weights[s], simulators[s].conditions_where(),
                                               simulators[s].scenario().name);
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  }
  problems.throw_if_errors();
  if (accounts == nullptr) return ensemble;
  for (std::size_t s = 0; s < simulators.size(); ++s) {
    ScenarioAccount account{ensemble.scenarios[s], plausibility(simulators[s], system),
                            simulators[s].targets()};
    account.conditioned = simulators[s].is_conditioned();
    account.effective_draws =
        account.conditioned ? effective_draws(ensemble.weights[s]) : settings.draws;
    account.unsolved = unsolved[s];
    accounts->push_back(std::move(account));
  }
  return ensemble;
}

std::vector<UndefinedProjection> undefined_projections(const std::vector<Projection>& projections,
                                                       const PeriodRange& horizon) {
  std::vector<UndefinedProjection> result;
  for (const Projection& projection : projections) {
    UndefinedProjection undefined{projection.scenario, projection.variable, {}, 0, 0};
    for (std::size_t h = 0; h < projection.periods.size(); ++h) {
      const double share = projection.periods[h].undefined;
      if (share == 0) continue;
      if (undefined.periods++ == 0) undefined.first = horizon[static_cast<std::int64_t>(h)];
      undefined.share = std::max(undefined.share, share);
    }
    if (undefined.periods > 0) result.push_back(undefined);
  }
  return result;
}

std::vector<Projection> project(const Ensemble& ensemble, int threads) {
  std::vector<Projection> projections;
  const auto horizon = static_cast<std::size_t>(ensemble.horizon.count);
  const std::size_t variables = ensemble.variables.size();
  for (const std::string& scenario : ensemble.scenarios) {
    for (const std::string& variable : ensemble.variables) {
      projections.push_back({scenario, variable, std::vector<Distribution>(horizon)});
    }
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(threads));
  tbb::parallel_for(std::size_t{0}, variables * horizon, [&](std::size_t cell) {
    const std::size_t v = cell / horizon, h = cell % horizon;
    const auto row = [&](std::size_t s) {
      return ensemble.paths[s][v].row(static_cast<Eigen::Index>(h));
    };
    for (std::size_t s = 0; s < ensemble.scenarios.size(); ++s) {
      // Where a scenario changes nothing, its draws are those of an earlier one.
      std::size_t same = 0;
      const auto alike = [&] {
        return ensemble.weights[same].size() == 0 && ensemble.weights[s].size() == 0 &&
               (row(same).array() == row(s).array()).all();
      };
      while (same < s && !alike()) ++same;
      projections[s * variables + v].periods[h] =
          same < s ? projections[same * variables + v].periods[h]
                   : summarise(row(s), ensemble.weights[s], ensemble.scheme());
    }
  });
  return projections;
}

}  // namespace amnok
