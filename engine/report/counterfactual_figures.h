// Figures of counterfactuals: what was and what would have been, the difference period by period,
// and added up; with the script that drew them and the data.
#pragma once

#include <string>

#include "engine/report/run_folder.h"
#include "engine/report/run_results.h"

namespace amnok {

// figures/counterfactual.NAME.{svg,gp,dat} of each that is usable. Returns why something was not
// drawn; empty: all is well.
std::string draw_counterfactual_figures(const RunResults& run, RunFolder& folder);

}  // namespace amnok
