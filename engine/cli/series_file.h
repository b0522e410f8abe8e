// What a CSV file of series holds.
#pragma once

#include <string>
#include <vector>

#include "engine/data/series.h"

namespace amnok {

struct SeriesFile {
  Frequency frequency = Frequency::undated;
  std::vector<Series> series;  // in the order of the file, each from its first to its last value
  // What is wrong with a series, which then has no values; "": nothing. As many as series.
  std::vector<std::string> trouble;
  std::vector<std::string> left_out;  // columns of text: sources, notes, grades
};

}  // namespace amnok
