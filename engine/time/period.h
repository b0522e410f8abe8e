// Integer time. A period is a frequency and a count of such periods since a fixed origin, so that
// all arithmetic is integer arithmetic; mixing frequencies is a broken contract.
//
//   annual     years since year 0              2022
//   quarterly  quarters since 0000Q1           2022Q3
//   monthly    months since 0000-01            2022-09
//   weekly     weeks (Monday to Sunday) since the week of 1969-12-29       2022-09-05 (its Monday)
//   daily      days since 1970-01-01           2022-09-05
//   undated    observation numbers 1, 2, ...   17
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace amnok {

enum class Frequency { annual, quarterly, monthly, weekly, daily, undated };

std::string_view frequency_name(Frequency frequency);
std::optional<Frequency> parse_frequency(std::string_view name);

// Observations a year that make a season: 1, 4, 12, 52, 7 (a week of days), 1.
int season_length(Frequency frequency);

// A calendar day; the input side of irregular data.
struct Date {
  int year = 0, month = 1, day = 1;
  auto operator<=>(const Date&) const = default;
};
std::int64_t days_since_1970(Date date);
Date date_from_days(std::int64_t days);
std::string format_date(Date date);  // 2022-09-05

struct Period {
  Frequency frequency = Frequency::undated;
  std::int64_t ordinal = 0;

  auto operator<=>(const Period&) const = default;
};

Period operator+(Period period, std::int64_t steps);
Period operator-(Period period, std::int64_t steps);
std::int64_t operator-(Period a, Period b);  // steps from b to a

Period period_of(Date date, Frequency frequency);  // the period that holds the day
Date first_day(Period period);                     // not for undated periods
Date last_day(Period period);
int season_index(Period period);  // 0-based place in the year: month 0..11, quarter 0..3; else 0
int year_of(Period period);       // undated: 0
std::string format_period(Period period);

// How a date was written says how much of it is known.
enum class DateForm { year, quarter, month, week, day };
struct ParsedDate {
  DateForm form = DateForm::day;
  Date first;  // the first day of the year, quarter, month, week or the day itself
  Date last;
};
// `2022`, `2022Q3`, `2022-09`, `2022-09-05`, `2022W36`; nothing when it is none of these.
std::optional<ParsedDate> parse_date(std::string_view text);

// A period as a user writes it for a given frequency. A finer date is taken into the period that
// holds it ("2022-09-15" is 2022-09 monthly); a coarser one is refused, because it would be a
// guess.
std::optional<Period> parse_period(std::string_view text, Frequency frequency);

// `count` periods from `first` on.
struct PeriodRange {
  Period first;
  std::int64_t count = 0;

  Period last() const { return first + (count - 1); }
  Period operator[](std::int64_t i) const { return first + i; }
  bool contains(Period period) const;
  std::int64_t index_of(Period period) const;  // may lie outside [0, count)
  bool operator==(const PeriodRange&) const = default;
};
PeriodRange range_between(Period first, Period last);  // both ends included
std::string format_range(const PeriodRange& range);    // 2016-01..2022-03

}  // namespace amnok
