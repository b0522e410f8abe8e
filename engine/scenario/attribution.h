// An effect split among the changes in which two scenarios differ: each change's contribution is
// what it adds to the mean, averaged over all orders in which the changes can be made (Shapley 1953;
// for models Sundararajan & Najmi 2020),
//
//   phi_i = sum over S without i of  |S|! (k - |S| - 1)! / k!  (v(S + i) - v(S)),
//
// with v(S) the mean path with the changes S made and the others not. Contributions sum to the
// effect's mean exactly. All 2^k combinations are simulated with the same draws.
//
// Changes of one kind and subject (two paths of one series) count as one. Assumptions are no
// changes: they stand behind the changes that name them.
#pragma once

#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

inline constexpr int kMaxAttributed = 8;  // changes that are told apart

struct Contribution {
  std::string effect, kind, subject, detail, variable;
  std::vector<double> mean, mc_error;  // by period
};

// Of every effect that asks for it, by effect, then change, then variable.
std::vector<Contribution> attribute_effects(const Study& study, const StudyData& data,
                                            const System& system,
                                            const SimulationSettings& settings);

}  // namespace amnok
