#include "engine/time/period.h"

#include <catch2/catch.hpp>

#include "engine/base/check.h"

namespace amnok {

namespace {

Period monthly(const std::string& text) {
  return *parse_period(text, Frequency::monthly);
}

}  // namespace

TEST_CASE("period: 2020Q4 + 1 is 2021Q1") {
  CHECK(format_period(*parse_period("2020Q4", Frequency::quarterly) + 1) == "2021Q1");
  CHECK(format_period(*parse_period("2020Q1", Frequency::quarterly) - 1) == "2019Q4");
}

TEST_CASE("period: months count across years") {
  CHECK(monthly("2022-03") - monthly("2016-07") == 68);
  CHECK(format_period(monthly("2021-12") + 1) == "2022-01");
  CHECK(format_period(monthly("2022-01") - 13) == "2020-12");
}

TEST_CASE("period: every frequency prints what it reads") {
  const std::pair<Frequency, const char*> cases[] = {
      {Frequency::annual, "2020"},       {Frequency::quarterly, "2020Q3"},
      {Frequency::monthly, "2020-02"},   {Frequency::daily, "2020-02-29"},
      {Frequency::weekly, "2020-02-24"}, {Frequency::undated, "17"}};
  for (const auto& [frequency, text] : cases) {
    CHECK(format_period(*parse_period(text, frequency)) == text);
  }
}

TEST_CASE("period: a finer date falls into its period, a coarser one is refused") {
  CHECK(format_period(*parse_period("2022-09-15", Frequency::monthly)) == "2022-09");
  CHECK(format_period(*parse_period("2022-09-15", Frequency::quarterly)) == "2022Q3");
  CHECK_FALSE(parse_period("2022", Frequency::monthly));
  CHECK_FALSE(parse_period("2022Q3", Frequency::monthly));
}

TEST_CASE("period: a quarter or week may have a dash before its letter") {
  CHECK(format_period(*parse_period("2000-Q1", Frequency::quarterly)) == "2000Q1");
  CHECK(format_period(*parse_period("2000-q4", Frequency::quarterly)) == "2000Q4");
  CHECK(parse_date("2021-W01")->first == parse_date("2021W01")->first);
  for (const char* text : {"2000--Q1", "2000-Q5", "2000-Q", "2000-", "2000-W54"}) {
    INFO(text);
    CHECK_FALSE(parse_date(text));
  }
}

TEST_CASE("period: impossible dates are not dates") {
  for (const char* text : {"2022-13", "2021-02-29", "2022Q5", "22-01", "2022-1", "", "2022-01-01x",
                           "abcd", "2022W54", "2021W53"}) {
    INFO(text);
    CHECK_FALSE(parse_date(text));
  }
  CHECK(parse_date("2020-02-29"));
}

TEST_CASE("period: ISO weeks start on Monday, week 1 holds 4 January") {
  CHECK(format_date(parse_date("2021W01")->first) == "2021-01-04");
  CHECK(format_date(parse_date("2020W53")->first) == "2020-12-28");
  CHECK(format_period(period_of({2022, 9, 11}, Frequency::weekly)) == "2022-09-05");
}

TEST_CASE("period: days before 1970 work") {
  CHECK(days_since_1970({1969, 12, 31}) == -1);
  CHECK(format_date(date_from_days(-1)) == "1969-12-31");
  CHECK(format_period(period_of({1949, 1, 1}, Frequency::weekly)) == "1948-12-27");
}

TEST_CASE("period: mixing frequencies is a broken contract") {
  CHECK_THROWS_AS((void)(monthly("2022-03") - *parse_period("2022", Frequency::annual)),
                  ContractError);
}

TEST_CASE("period: ranges") {
  const PeriodRange range = range_between(monthly("2016-01"), monthly("2016-12"));
  CHECK(range.count == 12);
  CHECK(range.contains(monthly("2016-06")));
  CHECK_FALSE(range.contains(monthly("2017-01")));
  CHECK(format_range(range) == "2016-01..2016-12");
  CHECK(season_index(monthly("2016-03")) == 2);
  CHECK(year_of(monthly("2016-03")) == 2016);
}

TEST_CASE("period: first and last day") {
  CHECK(format_date(last_day(monthly("2020-02"))) == "2020-02-29");
  CHECK(format_date(first_day(*parse_period("2020Q2", Frequency::quarterly))) == "2020-04-01");
}

}  // namespace amnok
