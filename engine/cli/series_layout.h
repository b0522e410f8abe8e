// How a CSV file of series is laid out, and which frequency its dates have.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/time/period.h"

namespace amnok {

// Wide: a column of the time and one a series. Long: series, time, value. Capitals do not matter
// in `series`, `date` and `value`.
struct SeriesLayout {
  bool is_long = false;
  std::size_t time = 0;             // the column `date`, else `t`, else the first that is free
  std::size_t name = 0, value = 0;  // of a long file
};

SeriesLayout series_layout(const std::vector<std::string>& header);

// "\"x\" is not a monthly period"
std::string no_period_text(const std::string& text, Frequency frequency);

// The widest step that all dates are multiples of, date by date in the order of the file.
class FrequencyGuess {
 public:
  // The column's name: `t` counts observations.
  explicit FrequencyGuess(const std::string& time_name);
  // `parsed` is parse_date(text); texts that are neither dates nor numbers say nothing.
  void add(std::string_view text, const std::optional<ParsedDate>& parsed);
  Frequency frequency() const;

 private:
  std::optional<Frequency> told_;  // by a way of writing that leaves no choice
  std::int64_t months_ = 0, days_ = 0;
  bool first_days_ = true;
  std::optional<Date> before_;
};

}  // namespace amnok
