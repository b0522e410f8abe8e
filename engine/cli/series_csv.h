// Series in a CSV file without a config: wide (date,a,b,...) or long (series,date,value); `t` = 1,
// 2, ... instead of dates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/data/series.h"

namespace amnok {

struct SeriesFile {
  Frequency frequency = Frequency::undated;
  std::vector<Series> series;  // in the order of the file, each from its first to its last value
  std::vector<std::string> left_out;  // columns of text: sources, notes, grades
};

// columns: only these of a wide file (or these series of a long one); empty: all. frequency:
// nothing: from the dates. Throws InputError with every problem of the file.
SeriesFile read_series_file(const std::string& path, const std::vector<std::string>& columns,
                            std::optional<Frequency> frequency);

// A line on standard error about what is left out, if anything is.
void tell_left_out(const SeriesFile& file);

}  // namespace amnok
