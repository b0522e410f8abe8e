// Figures of counterfactuals: what was and what would have been, the difference period by period,
// and added up; with the script that drew them and the data.
#pragma once

#include "engine/report/figures.h"
#include "engine/report/run_folder.h"
#include "engine/report/run_results.h"

namespace amnok {

// What their time axis shows: some of what came before the event, and all after it.
PeriodRange counterfactual_axis(const StudyCounterfactual& found);

// figures/counterfactual.NAME.{svg,gp,dat} of each that is usable, added to the figures of a run
// with what kept them from being drawn.
void draw_counterfactual_figures(const RunResults& run, RunFolder& folder, FigureResult& figures);

}  // namespace amnok
