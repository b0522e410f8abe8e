// Fan charts by gnuplot: an SVG, the script that drew it and the data, side by side.
#pragma once

#include <string>
#include <vector>

#include "engine/report/run_folder.h"
#include "engine/report/run_results.h"

namespace amnok {

struct Figure {
  std::string name;  // imports
  std::string title;
  std::string svg_file;  // figures/imports.svg, in the run folder
  bool drawn = false;
};

// One figure a variable, a panel a scenario: history, realised figures, median, mean and the 30, 60
// and 90 % bands. Without gnuplot, scripts and data are written and nothing is drawn.
struct FigureResult {
  std::vector<Figure> figures;
  std::string problem;  // why nothing was drawn; empty: all is well
};
FigureResult draw_figures(const RunResults& run, RunFolder& folder);

}  // namespace amnok
