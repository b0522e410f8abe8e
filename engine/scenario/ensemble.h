// Simulated paths of every scenario, and what is said of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/scenario/distribution.h"
#include "engine/scenario/plausibility.h"
#include "engine/study/estimation.h"

namespace amnok {

struct Ensemble {
  std::vector<std::string> scenarios, variables;
  PeriodRange horizon;
  int draws = 0;
  Sampling sampling = Sampling::independent;
  std::vector<std::vector<DrawMatrix>> paths;  // [scenario][variable], H x R, paired by column
  std::vector<VectorXd> weights;  // of the draws, by scenario, summing to one; empty: all alike

  const DrawMatrix& at(std::string_view scenario, std::string_view variable) const;
  const VectorXd& weights_of(std::string_view scenario) const;
  DrawScheme scheme() const { return {sampling, draws}; }
};

// What a scenario's judgements and conditions came to.
struct ScenarioAccount {
  std::string scenario;
  Plausibility plausibility;
  std::vector<TargetSolution> targets;
  bool conditioned = false;
  double effective_draws = 0;
  int unsolved = 0;  // draws that could not be brought to the conditions
};

// The first draws of a variable in a scenario; the same column is the same draw everywhere.
struct SimulatedPaths {
  std::string scenario, variable;
  DrawMatrix values;  // H x N
};
// Of a scenario with conditions, draws as often as their weights say (systematic resampling).
std::vector<SimulatedPaths> first_paths(const Ensemble& ensemble,
                                        const std::vector<std::string>& variables, int count);

struct SimulationSettings {
  int draws = 10000;
  std::uint64_t seed = 1;
  int threads = 0;                     // 0: as many as the machine has
  std::vector<std::string> scenarios;  // empty: all
  // Called now and then with the share done; may be empty.
  std::function<void(double)> progress{};
};

// The same numbers for any number of threads: every block of draws has its own counters. Accounts are
// filled in when they are asked for.
Ensemble simulate_scenarios(const Study& study, const StudyData& data, const System& system,
                            const SimulationSettings& settings,
                            std::vector<ScenarioAccount>* accounts = nullptr);

struct Projection {
  std::string scenario, variable;
  std::vector<Distribution> periods;  // one a period of the horizon
};
std::vector<Projection> project(const Ensemble& ensemble, int threads);

std::size_t thread_count(int wanted);  // 0: as many as the machine has

// Projections that are not defined in some draws (the logarithm of a negative path).
struct UndefinedProjection {
  std::string scenario, variable;
  Period first;      // where it begins
  int periods = 0;   // how many
  double share = 0;  // of draws, the largest of any period
};
std::vector<UndefinedProjection> undefined_projections(const std::vector<Projection>& projections,
                                                       const PeriodRange& horizon);

}  // namespace amnok
