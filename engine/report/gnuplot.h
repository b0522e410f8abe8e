// Pieces of gnuplot scripts and data that all figures share.
#pragma once

#include <cmath>
#include <string>

#include "engine/time/period.h"

namespace amnok {

// gnuplot's single-quoted strings take everything as it is; a quote is written twice.
std::string gnuplot_quoted(const std::string& text);

// A cell of a data file: eight digits, or NaN.
std::string gnuplot_number(double value);

// Two cells: where a period stands on the axis, and its name.
std::string gnuplot_time(Period period);

// What an axis must hold.
class PlotExtent {
 public:
  void see(double value);
  bool empty() const { return low_ > high_; }
  double low() const { return low_; }
  double high() const { return high_; }
  std::string range() const;  // [low:high] with a margin

 private:
  double low_ = INFINITY, high_ = -INFINITY;
};

// `set xtics` for a range of periods, at most `most`.
std::string gnuplot_time_ticks(Period first, Period last, int most);

// gnuplot titles every picture "Gnuplot"; the title is the text that a pointer shows.
void title_svg(const std::string& title, const std::string& path);

}  // namespace amnok
