// What a scenario's changes come to in numbers.
#pragma once

#include <vector>

#include "engine/scenario/study_data.h"
#include "engine/system/system.h"

namespace amnok {

// `equations` are the study's fitted ones, in its order. Problems, each at its change: a parameter
// that the equation does not have, an event that cannot end, a path without a last known value or
// outside the domain of an expression that uses it, a change that cannot act in the horizon. Where
// an equation is missing from the list (it could not be fitted), what names it is passed over.
SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations,
                              ProblemList& problems);
// The same; throws InputError.
SystemInputs resolve_scenario(const ScenarioSpec& scenario, const Study& study,
                              const StudyData& data,
                              const std::vector<BehaviouralEquation>& equations);

// Whether an event or series enters some equation or identity.
bool is_used(const Study& study, const std::string& name);

}  // namespace amnok
