// What a scenario's changes come to in numbers.
#pragma once

#include <vector>

#include "engine/study/study_data.h"
#include "engine/system/system.h"

namespace amnok {

// The draws for which a scenario is resolved: assumptions and drawn dates have a value in each.
// count 0: one solution at the means of assumptions, drawn dates at their mean.
struct DrawBlock {
  std::uint64_t seed = 0;
  int first = 0, count = 0;
};

// `equations` are the study's fitted ones, in its order. Problems, each at its change: a parameter
// that the equation does not have, an event that cannot end, a path without a last known value or
// outside the domain of an expression that uses it, a change that cannot act in the horizon. Where
// an equation is missing from the list (it could not be fitted), what names it is passed over.
// Conditions and targets are left to conditioning.h and target_solver.h.
SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations,
                              ProblemList& problems, const DrawBlock& block = {});
// The same; throws InputError.
SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations,
                              const DrawBlock& block = {});

// Whether anything of its inputs differs between draws.
bool has_drawn_inputs(const ScenarioSpec& scenario, const Study& study);

// Whether an event or series enters some equation or identity.
bool is_used(const Study& study, const std::string& name);

}  // namespace amnok
