// Everything that a run says of its simulated paths.
//
// A run of many draws is made in parts of kPartDraws, each with a seed of its own, so that memory
// does not grow with the number of draws. What is said of the whole is the mean of the parts,
// weighted by their draws; of a quantile that is an estimate whose bias, of the order of 1 / kPartDraws,
// is far below its Monte-Carlo error. The errors of parts, which are independent, are combined.
#pragma once

#include <vector>

#include "engine/scenario/annual.h"
#include "engine/scenario/attribution.h"
#include "engine/scenario/effect.h"
#include "engine/scenario/mixture.h"
#include "engine/scenario/question.h"
#include "engine/scenario/uncertainty.h"

namespace amnok {

inline constexpr int kPartDraws = 20000;

struct SimulatedResults {
  std::vector<std::string> scenarios;  // simulated, in order
  std::vector<std::string> variables;  // shown, in order
  std::vector<Projection> projections;
  std::vector<SimulatedPaths> paths;  // of the first part; empty: not asked for
  std::vector<UndefinedProjection> undefined;
  std::vector<EffectPath> effects;
  std::vector<Projection> mixture;        // of all scenarios; empty without probabilities
  std::vector<ScenarioAccount> accounts;  // by scenario
  std::vector<Contribution> attribution;
  std::vector<UncertaintyShare> uncertainty;
  Answers answers;
  std::vector<AnnualPath> annual;  // of the shown variables
};

// `observed` as recorded (annual.h).
SimulatedResults simulate_results(const Study& study, const StudyData& data, const System& system,
                                  const Frame& observed, const SimulationSettings& settings);

// Draws by part: one part up to twice kPartDraws, else as many as are needed.
std::vector<int> parts_of(int draws);
// The results of parts as one; weights add up to one.
SimulatedResults pooled(std::vector<SimulatedResults> parts, const std::vector<double>& weights,
                        const PeriodRange& horizon);

}  // namespace amnok
