// Series in a CSV file without a config: wide (date,a,b,...) or long (series,date,value); `t` = 1,
// 2, ... instead of dates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/cli/series_file.h"

namespace amnok {

// What becomes of a file with mistakes in some of its series.
enum class BadSeries {
  refuse,  // every mistake is an InputError
  tell,    // where other series are sound, `trouble` tells
};

// columns: only these of a wide file (or these series of a long one); empty: all. frequency:
// nothing: from the dates. Throws InputError with every problem of the file. The file is read row by
// row: the memory that it takes is 8 bytes a value of a wide file and 12 of a long one while it is
// read, with some air for growth, and 8 bytes a value afterwards.
SeriesFile read_series_file(const std::string& path, const std::vector<std::string>& columns,
                            std::optional<Frequency> frequency, BadSeries bad = BadSeries::refuse);

// A line on standard error about what is left out, if anything is.
void tell_left_out(const SeriesFile& file);

// The same about series with trouble.
void tell_trouble(const SeriesFile& file);

}  // namespace amnok
