// dataset.toml: what a data folder holds, where it comes from and how good it is.
//
//   title = "..."   source = "..."   licence = "..."   vintage = "2026-06"
//   [columns.china_exports_usd_mn]     # facts that every config can then leave out
//   description = "..."   unit = "USD mn"   kind = "flow"   quality = "quality_exports"
//   sums = "cumulative.csv"   sums_series = "china_exports_to_dprk"
//   [quality.B]                        # what a grade means as a measurement standard deviation
//   meaning = "derived from a stated rate"   sd_pct = 0.3      # or sd = 0.05, or rounded = true
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/input_error.h"
#include "engine/config/schema.h"
#include "engine/data/series.h"

namespace amnok {

// sd of a figure x: `sd` + sd_pct / 100 |x|, or, when rounded, u / sqrt(12) with u the unit of the
// last digit that is not zero (240 is rounded to tens, 278 to ones).
struct QualityGrade {
  std::string meaning;
  double sd = 0;
  double sd_pct = 0;
  bool rounded = false;

  double standard_deviation(double value) const;
};

struct ColumnInfo {
  std::string description, unit, quality, sums, sums_series;
  SeriesKind kind = SeriesKind::unknown;
};

struct Dataset {
  std::string folder, title, source, licence, vintage, note;
  std::map<std::string, ColumnInfo> columns;
  std::map<std::string, QualityGrade> grades;
};

Option series_kind_option();  // of columns, series and identities

const Schema& dataset_schema();

// The dataset.toml beside `csv_file`; nothing when there is none.
std::optional<Dataset> find_dataset(const std::string& csv_file, ProblemList& problems);

}  // namespace amnok
