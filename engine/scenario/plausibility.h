// How far a scenario's judgements lie from what its equations expect.
//
// Add-factors, targets and fixed paths are what shocks would have done: with e_t the shocks of the
// equations they act on that would bring about the scenario's path at the estimates, in standard
// deviations, and C their correlation,
//
//   q = sum_t e_t' C^-1 e_t,
//
// plus, for conditions that are equations, their squared Mahalanobis distance. Under the equations q
// is chi-squared with as many degrees of freedom as there are judged values, so that a small tail
// probability says that the scenario asks for an unusual run of shocks ("modest interventions":
// Leeper & Zha 2003, J. Monetary Econ. 50, 1673-1700). Events, paths of exogenous series and
// parameters are not in q: the equations have no opinion on them.
#pragma once

#include "engine/scenario/scenario_simulator.h"

namespace amnok {

struct Plausibility {
  double distance = 0;  // q
  int df = 0;           // 0: nothing is judged
  double p_value = 1;   // chi-squared tail
  double largest = 0;   // the largest shock, in standard deviations
  std::string where;    // its equation and period
  std::string words() const;
};

Plausibility plausibility(const ScenarioSimulator& simulator, const System& system);

}  // namespace amnok
