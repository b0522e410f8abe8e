// What no draw of a scenario could meet, found before anything is simulated: conditions and fixes
// that contradict each other in a period, and values that the transform of an equation's target
// does not have (a logarithm is never that of -1).
#pragma once

#include <vector>

#include "engine/study/study_data.h"
#include "engine/system/system.h"

namespace amnok {

void check_feasible(const ScenarioSpec& scenario, const PeriodRange& horizon,
                    const std::vector<BehaviouralEquation>& equations, ProblemList& problems);

}  // namespace amnok
