// Figures of breaks by gnuplot: an SVG, the script that drew it and its data, side by side.
//
//   NAME.breaks  the series, the fit of each segment, date sets as bands, events as ticks
//   NAME.f       F of a break at each date with the critical value of its maximum
//   NAME.cusum   cumulated residuals with their boundary
//   NAME.monitoring   cumulated residuals from the history's coefficients, when monitored
#pragma once

#include <map>
#include <string>

#include "engine/data/series.h"
#include "engine/model/fit_result.h"
#include "engine/model/target.h"
#include "engine/report/run_folder.h"
#include "engine/time/event.h"

namespace amnok {

struct BreakFigureInput {
  const FitResult& fit;  // of structural_break, with its paths
  const Series& observed;
  const Transform& transform;
  const std::map<std::string, EventActivity>& events;  // empty: none
};

// Writes to figures/ of the folder. What was not drawn and why; empty: all is well.
std::string draw_break_figures(const BreakFigureInput& input, RunFolder& folder);

}  // namespace amnok
