#include "engine/scenario/mixture.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>

namespace amnok {

std::vector<double> scenario_probabilities(const Study& study, const Ensemble& ensemble) {
  std::vector<double> result;
  if (ensemble.scenarios.size() != study.scenarios.size() || study.scenarios.size() < 2) return {};
  for (const std::string& name : ensemble.scenarios) {
    const ScenarioSpec& scenario = *study.scenario(name);
    if (!scenario.probability) return {};
    result.push_back(*scenario.probability);
  }
  return result;
}

VectorXd mixture_weights(const Study& study, const Ensemble& ensemble) {
  const std::vector<double> probabilities = scenario_probabilities(study, ensemble);
  const auto count = static_cast<Eigen::Index>(ensemble.draws);
  const auto scenarios = static_cast<Eigen::Index>(probabilities.size());
  VectorXd weights(count * scenarios);
  for (Eigen::Index s = 0; s < scenarios; ++s) {
    const auto i = static_cast<std::size_t>(s);
    const VectorXd& own = ensemble.weights[i];
    weights.segment(s * count, count) =
        own.size() > 0 ? VectorXd(probabilities[i] * own)
                       : VectorXd::Constant(count, probabilities[i] / static_cast<double>(count));
  }
  return weights;
}

std::vector<Projection> mix(const Study& study, const Ensemble& ensemble, int threads) {
  const VectorXd weights = mixture_weights(study, ensemble);
  if (weights.size() == 0) return {};
  const auto count = static_cast<Eigen::Index>(ensemble.draws);
  const auto scenarios = static_cast<Eigen::Index>(ensemble.scenarios.size());
  std::vector<Projection> result;
  const auto horizon = static_cast<std::size_t>(ensemble.horizon.count);
  for (const std::string& variable : ensemble.variables) {
    result.push_back({kMixture, variable, std::vector<Distribution>(horizon)});
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(threads));
  tbb::parallel_for(std::size_t{0}, result.size() * horizon, [&](std::size_t cell) {
    const std::size_t v = cell / horizon, h = cell % horizon;
    Eigen::RowVectorXd pooled(count * scenarios);
    for (Eigen::Index s = 0; s < scenarios; ++s) {
      pooled.segment(s * count, count) =
          ensemble.paths[static_cast<std::size_t>(s)][v].row(static_cast<Eigen::Index>(h));
    }
    result[v].periods[h] = summarise(pooled, weights, ensemble.scheme());
  });
  return result;
}

}  // namespace amnok
