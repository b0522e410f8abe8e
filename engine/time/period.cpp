#include "engine/time/period.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

constexpr std::array<std::string_view, 6> kFrequencyNames = {"annual", "quarterly", "monthly",
                                                             "weekly", "daily",     "undated"};

// 1969-12-29, the Monday of the week of 1970-01-01, as days since 1970-01-01.
constexpr std::int64_t kFirstMonday = -3;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return q * b > a ? q - 1 : q;
}

std::optional<int> digits(std::string_view text, std::size_t count) {
  if (text.size() != count) return std::nullopt;
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

int days_in_month(int year, int month) {
  const std::chrono::year_month_day_last last{
      std::chrono::year{year},
      std::chrono::month_day_last{std::chrono::month{static_cast<unsigned>(month)}}};
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

}  // namespace

std::string_view frequency_name(Frequency frequency) {
  return kFrequencyNames[static_cast<std::size_t>(frequency)];
}

std::optional<Frequency> parse_frequency(std::string_view name) {
  for (std::size_t i = 0; i < kFrequencyNames.size(); ++i) {
    if (kFrequencyNames[i] == name) return static_cast<Frequency>(i);
  }
  return std::nullopt;
}

int season_length(Frequency frequency) {
  switch (frequency) {
    case Frequency::quarterly:
      return 4;
    case Frequency::monthly:
      return 12;
    case Frequency::weekly:
      return 52;
    case Frequency::daily:
      return 7;
    case Frequency::annual:
    case Frequency::undated:
      break;
  }
  return 1;
}

std::int64_t days_since_1970(Date date) {
  const std::chrono::sys_days days{std::chrono::year_month_day{
      std::chrono::year{date.year}, std::chrono::month{static_cast<unsigned>(date.month)},
      std::chrono::day{static_cast<unsigned>(date.day)}}};
  return days.time_since_epoch().count();
}

Date date_from_days(std::int64_t days) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

std::string format_date(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

Period operator+(Period period, std::int64_t steps) {
  return {period.frequency, period.ordinal + steps};
}

Period operator-(Period period, std::int64_t steps) {
  return {period.frequency, period.ordinal - steps};
}

std::int64_t operator-(Period a, Period b) {
  AMNOK_CHECK(a.frequency == b.frequency, "periods {} and {}", format_period(a), format_period(b));
  return a.ordinal - b.ordinal;
}

Period period_of(Date date, Frequency frequency) {
  switch (frequency) {
    case Frequency::annual:
      return {frequency, date.year};
    case Frequency::quarterly:
      return {frequency, date.year * 4 + (date.month - 1) / 3};
    case Frequency::monthly:
      return {frequency, date.year * 12 + date.month - 1};
    case Frequency::weekly:
      return {frequency, floor_div(days_since_1970(date) - kFirstMonday, 7)};
    case Frequency::daily:
      return {frequency, days_since_1970(date)};
    case Frequency::undated:
      break;
  }
  AMNOK_CHECK(frequency != Frequency::undated, "a date has no undated period");
  return {};
}

Date first_day(Period period) {
  const auto n = period.ordinal;
  switch (period.frequency) {
    case Frequency::annual:
      return {static_cast<int>(n), 1, 1};
    case Frequency::quarterly:
      return {static_cast<int>(floor_div(n, 4)), static_cast<int>(n - floor_div(n, 4) * 4) * 3 + 1,
              1};
    case Frequency::monthly:
      return {static_cast<int>(floor_div(n, 12)), static_cast<int>(n - floor_div(n, 12) * 12) + 1,
              1};
    case Frequency::weekly:
      return date_from_days(n * 7 + kFirstMonday);
    case Frequency::daily:
      return date_from_days(n);
    case Frequency::undated:
      break;
  }
  AMNOK_CHECK(period.frequency != Frequency::undated, "an undated period has no day");
  return {};
}

Date last_day(Period period) {
  return date_from_days(days_since_1970(first_day(period + 1)) - 1);
}

int season_index(Period period) {
  switch (period.frequency) {
    case Frequency::quarterly:
      return static_cast<int>(period.ordinal - floor_div(period.ordinal, 4) * 4);
    case Frequency::monthly:
      return static_cast<int>(period.ordinal - floor_div(period.ordinal, 12) * 12);
    case Frequency::daily:
      return static_cast<int>(period.ordinal - kFirstMonday -
                              floor_div(period.ordinal - kFirstMonday, 7) * 7);
    case Frequency::weekly: {
      const Date monday = first_day(period);
      return static_cast<int>((days_since_1970(monday) - days_since_1970({monday.year, 1, 1})) / 7);
    }
    case Frequency::annual:
    case Frequency::undated:
      break;
  }
  return 0;
}

int year_of(Period period) {
  return period.frequency == Frequency::undated ? 0 : first_day(period).year;
}

std::string format_period(Period period) {
  switch (period.frequency) {
    case Frequency::annual:
      return fmt::format("{:04}", period.ordinal);
    case Frequency::quarterly: {
      const auto year = floor_div(period.ordinal, 4);
      return fmt::format("{:04}Q{}", year, period.ordinal - year * 4 + 1);
    }
    case Frequency::monthly: {
      const auto year = floor_div(period.ordinal, 12);
      return fmt::format("{:04}-{:02}", year, period.ordinal - year * 12 + 1);
    }
    case Frequency::weekly:
    case Frequency::daily:
      return format_date(first_day(period));
    case Frequency::undated:
      break;
  }
  return fmt::format("{}", period.ordinal);
}

std::optional<ParsedDate> parse_date(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  const auto year = digits(text.substr(0, 4), 4);
  if (!year) return std::nullopt;
  std::string_view rest = text.substr(4);
  // 2022-Q3 and 2022-W36 are 2022Q3 and 2022W36.
  const bool dashed = rest.size() > 1 && rest[0] == '-' && (rest[1] < '0' || rest[1] > '9');
  if (dashed) rest.remove_prefix(1);
  if (dashed && rest[0] == '-') return std::nullopt;
  const auto span = [&](DateForm form, Date first, Date last) {
    return ParsedDate{form, first, last};
  };
  if (rest.empty()) return span(DateForm::year, {*year, 1, 1}, {*year, 12, 31});
  if ((rest[0] == 'Q' || rest[0] == 'q') && rest.size() == 2) {
    const auto quarter = digits(rest.substr(1), 1);
    if (!quarter || *quarter < 1 || *quarter > 4) return std::nullopt;
    const int month = *quarter * 3;
    return span(DateForm::quarter, {*year, month - 2, 1},
                {*year, month, days_in_month(*year, month)});
  }
  if ((rest[0] == 'W' || rest[0] == 'w') && rest.size() == 3) {
    const auto week = digits(rest.substr(1), 2);
    if (!week || *week < 1 || *week > 53) return std::nullopt;
    // ISO 8601: week 1 holds 4 January.
    const std::int64_t january4 = days_since_1970({*year, 1, 4});
    const std::int64_t monday = floor_div(january4 - kFirstMonday, 7) * 7 + kFirstMonday;
    const std::int64_t first = monday + (*week - 1) * 7;
    if (*week == 53 && date_from_days(first + 3).year != *year) return std::nullopt;
    return span(DateForm::week, date_from_days(first), date_from_days(first + 6));
  }
  if (rest[0] != '-' || (rest.size() != 3 && rest.size() != 6)) return std::nullopt;
  const auto month = digits(rest.substr(1, 2), 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  if (rest.size() == 3) {
    return span(DateForm::month, {*year, *month, 1}, {*year, *month, days_in_month(*year, *month)});
  }
  const auto day = digits(rest.substr(4), 2);
  if (rest[3] != '-' || !day || *day < 1 || *day > days_in_month(*year, *month)) {
    return std::nullopt;
  }
  return span(DateForm::day, {*year, *month, *day}, {*year, *month, *day});
}

std::optional<Period> parse_period(std::string_view text, Frequency frequency) {
  if (frequency == Frequency::undated) {
    const auto number = parse_integer(text);
    if (!number) return std::nullopt;
    return Period{frequency, *number};
  }
  const auto date = parse_date(text);
  if (!date) return std::nullopt;
  const Period first = period_of(date->first, frequency);
  if (first != period_of(date->last, frequency)) return std::nullopt;
  return first;
}

bool PeriodRange::contains(Period period) const {
  const std::int64_t i = index_of(period);
  return i >= 0 && i < count;
}

std::int64_t PeriodRange::index_of(Period period) const {
  return period - first;
}

PeriodRange range_between(Period first, Period last) {
  return {first, last - first + 1};
}

std::string format_range(const PeriodRange& range) {
  if (range.count <= 0) return "(empty)";
  return format_period(range.first) + ".." + format_period(range.last());
}

}  // namespace amnok
