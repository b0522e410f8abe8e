#include "engine/report/time_axis.h"

#include <fmt/format.h>

#include <algorithm>

namespace amnok {

namespace {

double date_value(Date date) {
  const auto begin = days_since_1970({date.year, 1, 1});
  const auto length = days_since_1970({date.year + 1, 1, 1}) - begin;
  return date.year +
         static_cast<double>(days_since_1970(date) - begin) / static_cast<double>(length);
}

// First days of months that are a multiple of `step` since year 0.
std::vector<AxisTick> month_ticks(Date first, Date last, int step, bool quarters) {
  std::vector<AxisTick> ticks;
  for (int month = first.year * 12 / step * step; month <= last.year * 12 + last.month - 1;
       month += step) {
    const Date date{month / 12, month % 12 + 1, 1};
    if (date < first || date > last) continue;
    std::string label = fmt::format("{}", date.year);
    if (step % 12 != 0) {
      label +=
          quarters ? fmt::format("Q{}", date.month / 3 + 1) : fmt::format("-{:02}", date.month);
    }
    ticks.push_back({date_value(date), label});
  }
  return ticks;
}

std::vector<AxisTick> day_ticks(Date first, Date last, int step) {
  std::vector<AxisTick> ticks;
  for (auto day = days_since_1970(first); day <= days_since_1970(last); day += step) {
    const Date date = date_from_days(day);
    ticks.push_back({date_value(date), format_date(date)});
  }
  return ticks;
}

std::vector<AxisTick> number_ticks(std::int64_t first, std::int64_t last, int most) {
  std::int64_t step = 1;
  for (std::int64_t power = 1; (last - first) / step + 1 > most; power *= 10) {
    for (std::int64_t factor : {1, 2, 5}) {
      step = power * factor;
      if ((last - first) / step + 1 <= most) break;
    }
  }
  std::vector<AxisTick> ticks;
  for (std::int64_t n = first; n <= last; ++n) {
    if (n % step == 0) ticks.push_back({static_cast<double>(n), fmt::format("{}", n)});
  }
  return ticks;
}

}  // namespace

double axis_value(Period period) {
  if (period.frequency == Frequency::undated) return static_cast<double>(period.ordinal);
  return date_value(first_day(period));
}

std::vector<AxisTick> time_ticks(Period first, Period last, int most) {
  if (first.frequency == Frequency::undated) {
    return number_ticks(first.ordinal, last.ordinal, most);
  }
  const Date begin = first_day(first), end = first_day(last);
  const auto fits = [&](const std::vector<AxisTick>& ticks) {
    return static_cast<int>(ticks.size()) <= most;
  };
  // Days, then months and quarters, then years; the finest that fits.
  const auto days = days_since_1970(end) - days_since_1970(begin);
  const bool fine = first.frequency == Frequency::weekly || first.frequency == Frequency::daily;
  if (fine && days < 31 * most / 2) {
    for (int step : {1, 2, 7, 14, 28}) {
      const std::vector<AxisTick> ticks = day_ticks(begin, end, step);
      // A whole date takes the room of two shorter labels.
      if (static_cast<int>(ticks.size()) <= std::max(most * 3 / 5, 1)) return ticks;
    }
  }
  const int finest = first.frequency == Frequency::annual ? 12 : 1;
  const bool quarters = first.frequency == Frequency::quarterly;
  for (int step : {1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400}) {
    if (step < finest || (quarters && step < 3)) continue;
    const std::vector<AxisTick> ticks = month_ticks(begin, end, step, quarters);
    if (fits(ticks)) return ticks;
  }
  return {};
}

}  // namespace amnok
