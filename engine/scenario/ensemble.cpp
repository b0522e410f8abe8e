#include "engine/scenario/ensemble.h"

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "engine/base/check.h"
#include "engine/scenario/scenario_resolver.h"

namespace amnok {

namespace {

constexpr int kBlock = 500;  // draws simulated together: their rows stay in cache
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

std::vector<SimulatedPaths> first_paths(const Ensemble& ensemble,
                                        const std::vector<std::string>& variables, int count) {
  std::vector<SimulatedPaths> paths;
  if (count <= 0) return paths;
  for (const std::string& scenario : ensemble.scenarios) {
    for (const std::string& variable : variables) {
      const DrawMatrix& all = ensemble.at(scenario, variable);
      const Eigen::Index columns = std::min<Eigen::Index>(count, all.cols());
      paths.push_back({scenario, variable, all.leftCols(columns)});
    }
  }
  return paths;
}

Ensemble simulate_scenarios(const Study& study, const StudyData& data, const System& system,
                            const SimulationSettings& settings) {
  Ensemble ensemble;
  ensemble.variables = system.variables();
  ensemble.horizon = system.horizon();
  ensemble.draws = settings.draws;
  std::vector<SystemInputs> inputs;
  ProblemList problems;
  for (const ScenarioSpec& scenario : study.scenarios) {
    const auto& only = settings.scenarios;
    if (!only.empty() && std::find(only.begin(), only.end(), scenario.name) == only.end()) continue;
    ensemble.scenarios.push_back(scenario.name);
    try {
      inputs.push_back(resolve_scenario(scenario, study, data, system.equations()));
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  }
  problems.throw_if_errors();
  ensemble.paths.resize(inputs.size());
  for (auto& scenario : ensemble.paths) {
    for (std::size_t v = 0; v < ensemble.variables.size(); ++v) {
      scenario.emplace_back(ensemble.horizon.count, settings.draws);
    }
  }
  const int blocks = (settings.draws + kBlock - 1) / kBlock;
  std::atomic<int> done = 0;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  tbb::parallel_for(0, blocks, [&](int block) {
    const int first = block * kBlock, count = std::min(kBlock, settings.draws - first);
    const SystemDraws draws = system.draw(settings.seed, first, count);
    for (std::size_t s = 0; s < inputs.size(); ++s) {
      const std::vector<DrawMatrix> paths = system.simulate(draws, inputs[s]);
      for (std::size_t v = 0; v < paths.size(); ++v) {
        ensemble.paths[s][v].middleCols(first, count) = paths[v];
      }
    }
    const int finished = ++done;
    if (settings.progress) settings.progress(static_cast<double>(finished) / blocks);
  });
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
      while (same < s && (row(same).array() != row(s).array()).any()) ++same;
      projections[s * variables + v].periods[h] =
          same < s ? projections[same * variables + v].periods[h] : summarise(row(s));
    }
  });
  return projections;
}

}  // namespace amnok
