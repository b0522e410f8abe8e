// Where the width of a band comes from: the variance of a projection split among its sources,
//
//   estimates     parameters, and the state of the past that the data leave open
//   shocks        what the equations cannot explain
//   assumptions   distributions of assumptions and drawn dates
//
// Sources act together, so that each one's share is what it adds to the variance, averaged over all
// orders of adding them (Shapley 1953; Owen 2014, SIAM/ASA J. Uncertain. Quantif. 2, 245-251). The
// shares sum to the variance of the draws.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

inline constexpr std::array<const char*, 3> kUncertaintySources = {"estimates", "shocks",
                                                                   "assumptions"};

struct UncertaintyShare {
  std::string scenario, variable, source;
  std::vector<double> variance;  // by period
  std::vector<double> share;     // of all; NaN where nothing varies
};

// Conditions are left aside: the shares are those before them.
std::vector<UncertaintyShare> split_uncertainty(const Study& study, const StudyData& data,
                                                const System& system,
                                                const SimulationSettings& settings);

}  // namespace amnok
