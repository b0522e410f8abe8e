// One scenario over blocks of draws: its inputs with everything that is drawn or solved for, its
// paths, and the weights that its conditions give them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/scenario/conditioning.h"

namespace amnok {

inline constexpr int kDrawBlock = 125;  // draws simulated together: their rows stay in cache

// What a target's instrument came to.
struct TargetSolution {
  std::string variable, instrument;
  Period at;
  double value = 0;
  double add_factor = 0;            // of every period of the change, in model units
  double mean = kMissing;           // of the variable, with it
  std::vector<double> multipliers;  // d mean / d add-factor, of each target of the scenario
};

// Runs `work(block)` for every block; may run them in parallel.
using BlockLoop = std::function<void(int blocks, const std::function<void(int)>& work)>;

class ScenarioSimulator {
 public:
  // Problems of the scenario are added.
  ScenarioSimulator(const ScenarioSpec& scenario, const Study& study, const StudyData& data,
                    const System& system, ProblemList& problems);

  const ScenarioSpec& scenario() const { return *scenario_; }
  const Study& study() const { return *study_; }
  bool is_conditioned() const { return !conditions_.empty(); }
  const std::vector<PeriodCondition>& conditions() const { return conditions_; }
  SourceRange conditions_where() const;

  SystemInputs inputs(const DrawBlock& block) const;
  ConditionedPaths simulate(const SystemDraws& draws) const;

  // Newton's method on the means over all draws, with Broyden's updates: the add-factors with which
  // every target is met to 1e-10 of its size. Throws InputError where an instrument moves nothing.
  void solve_targets(std::uint64_t seed, int draws, const BlockLoop& loop);
  const std::vector<TargetSolution>& targets() const { return targets_; }

 private:
  struct Instrument {
    const Change* change = nullptr;
    const HitTarget* target = nullptr;
    std::size_t equation = 0;
    int h = 0;  // the target's period
    int variable = 0;
  };
  VectorXd means(const VectorXd& add_factors, std::uint64_t seed, int draws,
                 const BlockLoop& loop) const;
  void add(const VectorXd& add_factors, SystemInputs& inputs) const;
  void find_instruments(ProblemList& problems);

  const ScenarioSpec* scenario_;
  const Study* study_;
  const StudyData* data_;
  const System* system_;
  bool drawn_ = false;
  SystemInputs shared_;  // where nothing is drawn
  std::vector<PeriodCondition> conditions_;
  std::vector<Instrument> instruments_;
  VectorXd add_factors_;  // of the instruments
  std::vector<TargetSolution> targets_;
};

}  // namespace amnok
