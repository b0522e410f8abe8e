// Draws of a scenario given what its conditions say of the future.
//
// Equations, g(e) + u = v with g left less right, e ~ N(0, S) the shocks of a draw (given its
// parameters and its past) and u ~ N(0, W) the errors of soft conditions: with J the derivative of g
// at e = 0,
//
//   e = m + S J' t,   u = n + W t,   t ~ N(0, (J S J' + W)^-1) independent of (m, n),
//
// for any g. A draw keeps its m and n, and t becomes the solution t* of its equations; it counts with
//
//   w = p(t*) / |det d(g + u) / dt|,
//
// which makes the weighted draws those of the conditional distribution. Where g is linear in the
// shocks, t* does not depend on them, the move is Matheron's rule,
//
//   e* = e + S J'(J S J' + W)^-1 (v - g(e) - u)
//
// (Hoffman & Ribak 1991, ApJ 380, L5; the path has the moments of Doan, Litterman & Sims 1984,
// Econometric Reviews 3), and the weight is the density that the draw's parameters give to v. A
// condition x = v on a variable that is explained in logarithms (or roots) is taken in those, where
// it is linear. Where equations have several solutions, one of them is found. Draws without one have
// no weight.
//
// Inequalities: draws that violate one have no weight.
#pragma once

#include <vector>

#include "engine/scenario/scenario_resolver.h"

namespace amnok {

// Below so many effective draws nothing is reported of a scenario.
double least_effective_draws(int draws);

// A condition in one period of the horizon.
struct PeriodCondition {
  const Condition* condition = nullptr;
  const Change* change = nullptr;
  int h = 0;
  bool is_equation() const { return condition->relation.relation == "="; }
};
// In the order of the scenario, then of time.
std::vector<PeriodCondition> conditions_of(const ScenarioSpec& scenario,
                                           const PeriodRange& horizon);

struct ConditionedPaths {
  std::vector<DrawMatrix> paths;  // of System::simulate
  VectorXd log_weights;           // R, up to a constant; -inf: the draw is out
  int unsolved = 0;               // draws that could not be brought to their equations
  // Of the equations, by draw: d'(J S J' + W)^-1 d, d how far the forecast is from v.
  VectorXd distance;
};

// Throws InputError where nothing uncertain moves a condition, conditions contradict each other, or
// shocks are not gaussian.
ConditionedPaths simulate_conditioned(const System& system, const SystemDraws& draws,
                                      const SystemInputs& inputs,
                                      const std::vector<PeriodCondition>& conditions);

// Weights that sum to one. Throws InputError, at `where`, when too few draws are left.
VectorXd normalised_weights(const VectorXd& log_weights, const SourceRange& where,
                            const std::string& scenario);

}  // namespace amnok
