// The facts of a run, for sentences: recorded figures, projections by period and year, effects,
// coefficients. Effects that are exactly zero are left out.
#pragma once

#include <vector>

#include "engine/report/document.h"
#include "engine/report/run_results.h"

namespace amnok {

std::vector<Fact> run_facts(const RunResults& run);

}  // namespace amnok
