#include "engine/report/time_axis.h"

#include <catch2/catch.hpp>

namespace amnok {

namespace {

std::vector<std::string> labels(const std::string& first, const std::string& last,
                                Frequency frequency, int most = 5) {
  std::vector<std::string> all;
  double before = -1e9;
  for (const AxisTick& tick :
       time_ticks(*parse_period(first, frequency), *parse_period(last, frequency), most)) {
    CHECK(tick.at > before);
    before = tick.at;
    all.push_back(tick.label);
  }
  return all;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("time axis: years are as long as they are") {
  CHECK(axis_value({Frequency::monthly, 2020 * 12}) == 2020);
  CHECK(axis_value({Frequency::monthly, 2021 * 12}) == 2021);
  CHECK(axis_value(*parse_period("2020-07-02", Frequency::daily)) == Approx(2020.5));
}

TEST_CASE("time axis: months and quarters where they fit, else years") {
  CHECK(labels("2022-01", "2022-05", Frequency::monthly) ==
        Labels{"2022-01", "2022-02", "2022-03", "2022-04", "2022-05"});
  CHECK(labels("2018-04", "2024-03", Frequency::monthly, 6) ==
        Labels{"2019", "2020", "2021", "2022", "2023", "2024"});
  CHECK(labels("2018-04", "2024-03", Frequency::monthly) == Labels{"2020", "2022", "2024"});
  CHECK(labels("2022Q2", "2023Q1", Frequency::quarterly) ==
        Labels{"2022Q2", "2022Q3", "2022Q4", "2023Q1"});
  CHECK(labels("1990", "2030", Frequency::annual) ==
        Labels{"1990", "2000", "2010", "2020", "2030"});
}

TEST_CASE("time axis: days and weeks are dates, not parts of a year") {
  CHECK(labels("2022-03-01", "2022-03-20", Frequency::daily) ==
        Labels{"2022-03-01", "2022-03-08", "2022-03-15"});
  CHECK(labels("2022-01-03", "2022-12-26", Frequency::weekly) ==
        Labels{"2022-04", "2022-07", "2022-10"});
}

TEST_CASE("time axis: numbers of undated runs") {
  CHECK(labels("1", "48", Frequency::undated) == Labels{"10", "20", "30", "40"});
}

}  // namespace amnok
