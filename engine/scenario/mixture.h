// What is to be expected when nobody knows which scenario comes true: the mixture of their
// distributions with the probabilities that the study gives them,
//
//   F(x) = sum_s p_s F_s(x).
//
// Draws are pooled with weights p_s, quantiles are those of the pool: never averages of quantiles.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

inline constexpr const char* kMixture = "mixture";  // its name in result files

// Probabilities of the ensemble's scenarios; empty when some have none or were not simulated.
std::vector<double> scenario_probabilities(const Study& study, const Ensemble& ensemble);

// Weights of the pooled draws, scenario by scenario; empty without probabilities.
VectorXd mixture_weights(const Study& study, const Ensemble& ensemble);

// One a variable, `scenario` = kMixture; empty without probabilities.
std::vector<Projection> mix(const Study& study, const Ensemble& ensemble, int threads);

}  // namespace amnok
