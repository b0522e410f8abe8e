// Where a series comes from, and reading it: cells to periods, irregular dates to the run's
// frequency, quality grades to measurement errors, published sums to temporal aggregates.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/input_error.h"
#include "engine/config/schema.h"
#include "engine/data/series.h"

namespace amnok {

// How several observations of one period become one.
enum class Aggregation { none, sum, mean, median, first, last, min, max };

struct SeriesSource {
  std::string name;         // as the config calls it
  std::string label;        // for tables; empty: the name
  std::string file;         // resolved path
  std::string column;       // the value column
  std::string date_column;  // empty: `date`, else `t`, else the first column
  // Rows taken: each named column must hold one of the texts.
  std::vector<std::pair<std::string, std::vector<std::string>>> rows;
  // When set, the value is the share of the period's rows in which this column holds this text.
  std::optional<std::pair<std::string, std::string>> share;
  std::string unit, quality, sums_file, sums_series;
  SeriesKind kind = SeriesKind::unknown;
  std::string dataset_file;  // the dataset.toml that facts came from; empty: none
  bool exact = false;        // ignore the quality grades
  Aggregation aggregation = Aggregation::none;
  SourceRange where, column_where, share_where;
};

// The table [data.NAME]; `aggregates` is the sketch's name of sums_file.
const Schema& series_source_schema();

// Facts that the table leaves out come from the dataset.toml beside the file. `base` is the folder
// that relative paths start from.
SeriesSource make_series_source(const std::string& name, const ConfigValue& table,
                                const std::string& base, ProblemList& problems);

// What reading found that an analyst should know, though nothing is wrong.
struct LoadedSeries {
  Series series;
  std::vector<std::string> notes;
};

// The cell of a series' value in a line of its file, for messages that point at it.
SourceRange cell_place(const SeriesSource& source, int line);

// Every problem is added with file:line. The series runs from its first to its last observation.
LoadedSeries load_series(const SeriesSource& source, Frequency frequency, ProblemList& problems);

}  // namespace amnok
