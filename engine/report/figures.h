// Fan charts and effect charts by gnuplot: an SVG, the script that drew it and the data, side by
// side.
#pragma once

#include <string>
#include <vector>

#include "engine/report/run_folder.h"
#include "engine/report/run_results.h"

namespace amnok {

struct Figure {
  enum class Kind { fans, effect, past };
  Kind kind = Kind::fans;
  std::string name;  // imports | effect.opening | counterfactual.closure
  std::string title;
  std::string caption;
  std::string svg_file;  // figures/imports.svg, in the run folder
  bool drawn = false;
};

// One figure a variable, a panel a scenario: history, realised figures, median, mean and the 30, 60
// and 90 % bands; one an effect, a panel a variable. Without gnuplot, scripts and data are written
// and nothing is drawn.
struct FigureResult {
  std::vector<Figure> figures;
  std::string gnuplot;  // its version
  std::string problem;  // why something was not drawn; empty: all is well
};
FigureResult draw_figures(const RunResults& run, RunFolder& folder);

// The first period of history that a chart shows: twice the horizon before it, or two dozen
// periods.
Period chart_begin(const RunResults& run, const std::string& variable);

}  // namespace amnok
