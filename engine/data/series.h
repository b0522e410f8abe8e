// A time series, and several on one range.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/base/source_range.h"
#include "engine/time/period.h"

namespace amnok {

// A published sum over several periods whose parts are not all known: sum of x_t over `parts` =
// value, with a measurement standard deviation. It is observed in the last part.
struct TemporalSum {
  std::vector<Period> parts;  // ascending
  double value = 0;
  double sd = 0;
  std::string origin;  // how it came about: "2020-01..2020-03 less 2020-03"
  SourceRange where;
};

// What the figures are: a quantity per period, a level, or a price.
enum class SeriesKind { unknown, flow, stock, price };
SeriesKind parse_series_kind(std::string_view text);  // anything else: unknown

struct Series {
  std::string name;
  std::string unit;
  Period first;
  VectorXd values;                // NaN: missing
  VectorXd measurement_sd;        // empty: all values exact; else same length, 0 where exact
  std::vector<TemporalSum> sums;  // temporal aggregates
  std::string file;               // where it was read from; empty: computed
  std::vector<int> lines;         // line of each value in that file, 0 where none; may be empty

  PeriodRange range() const { return {first, values.size()}; }
  double at(Period period) const;  // NaN outside the range
  int count_missing() const;
  SourceRange where(Period period) const;         // file:line of a value
  Series window(const PeriodRange& range) const;  // NaN outside; sums wholly inside are kept
};

// Named series on one range.
class Frame {
 public:
  Frame() = default;
  explicit Frame(PeriodRange range) : range_(range) {}

  const PeriodRange& range() const { return range_; }
  const std::vector<Series>& series() const { return series_; }
  const Series* find(std::string_view name) const;
  const Series& get(std::string_view name) const;
  std::vector<std::string> names() const;
  void add(Series series);  // windowed to the range; a series of that name is replaced

 private:
  PeriodRange range_;
  std::vector<Series> series_;
};

}  // namespace amnok
