#include "engine/data/series_source.h"

#include <catch2/catch.hpp>

#include "engine/config/toml.h"
#include "engine/data/dataset.h"
#include "engine/data/event_table.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

struct Loaded {
  LoadedSeries loaded;
  ProblemList problems;
};

Loaded load(const TemporaryFolder& folder, const std::string& table, Frequency frequency) {
  Loaded result;
  const ConfigValue value = parse_toml(table, "t.toml", result.problems);
  const SeriesSource source = make_series_source("x", value, folder.path(), result.problems);
  if (!result.problems.has_errors())
    result.loaded = load_series(source, frequency, result.problems);
  return result;
}

std::string first_problem(const std::string& csv, const std::string& table = "file = 'a.csv'",
                          Frequency frequency = Frequency::monthly) {
  const TemporaryFolder folder;
  folder.write("a.csv", csv);
  const Loaded result = load(folder, table, frequency);
  return result.problems.all().empty() ? "" : format_problem(result.problems.all()[0]);
}

}  // namespace

TEST_CASE("series: gaps in the calendar become missing values") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2020-01,1\n2020-04-01,4\n");
  const Series s = load(folder, "file = 'a.csv'", Frequency::monthly).loaded.series;
  CHECK(s.values.size() == 4);
  CHECK(s.count_missing() == 2);
  CHECK(format_period(s.first) == "2020-01");
  CHECK(s.where(s.first + 3).line == 3);
}

TEST_CASE("series: rows are chosen by their cells") {
  const TemporaryFolder folder;
  folder.write(
      "a.csv",
      "date,city,series,value\n2020-01-05,P,rice,10\n2020-01-05,S,rice,20\n2020-01-06,P,corn,5\n");
  CHECK(load(folder, "file='a.csv'\nwhere={series='rice',city='P'}", Frequency::monthly)
            .loaded.series.values(0) == 10);
  CHECK(load(folder, "file='a.csv'\nwhere={series='rice',city=['P','S']}\naggregate='mean'",
             Frequency::monthly)
            .loaded.series.values(0) == 15);
}

TEST_CASE("series: irregular dates go to the period by the stated rule") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2020-01-05,10\n2020-01-20,30\n2020-01-25,20\n2020-02-10,7\n");
  const auto value = [&](const std::string& rule) {
    return load(folder, "file='a.csv'\naggregate='" + rule + "'", Frequency::monthly)
        .loaded.series.values(0);
  };
  CHECK(value("mean") == 20);
  CHECK(value("median") == 20);
  CHECK(value("first") == 10);
  CHECK(value("last") == 20);
  CHECK(value("sum") == 60);
  CHECK(value("max") == 30);
  CHECK(value("min") == 10);
}

TEST_CASE("series: a quarter with two months is missing, not small") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2020-01,1\n2020-02,2\n2020-03,3\n2020-04,4\n2020-05,5\n");
  const Series s =
      load(folder, "file='a.csv'\naggregate='sum'", Frequency::quarterly).loaded.series;
  CHECK(s.values(0) == 6);
  CHECK(std::isnan(s.values(1)));
}

TEST_CASE("series: the share of a kind of row") {
  const TemporaryFolder folder;
  folder.write(
      "a.csv",
      "date,collector,value\n2020-01-01,A,1\n2020-01-08,B,1\n2020-01-15,A,1\n2020-01-22,A,1\n");
  CHECK(load(folder, "file='a.csv'\nshare={collector='A'}", Frequency::monthly)
            .loaded.series.values(0) == 0.75);
}

TEST_CASE("series: undated observations are counted") {
  const TemporaryFolder folder;
  folder.write("a.csv", "t,value\n1,5\n2,6\n4,8\n");
  const Series s = load(folder, "file='a.csv'", Frequency::undated).loaded.series;
  CHECK(s.values.size() == 4);
  CHECK(std::isnan(s.at({Frequency::undated, 3})));
}

TEST_CASE("series: bad dates and orders are named") {
  CHECK(first_problem("date,value\n2020-13,1\n").find("a.csv:2:1: error: date is `2020-13`") !=
        std::string::npos);
  CHECK(first_problem("date,value\n2020-02,1\n2020-01,2\n").find("dates must ascend") !=
        std::string::npos);
  CHECK(first_problem("date,value\n2020-01,1\n2020-01,2\n").find("stands twice (also in line 2)") !=
        std::string::npos);
  CHECK(first_problem("date,value\n2020-01-03,1\n2020-01-09,2\n").find("holds 2 observations") !=
        std::string::npos);
  CHECK(first_problem("date,value\n2020,1\n").find("more than one period") != std::string::npos);
}

TEST_CASE("series: columns that are not there name the nearest") {
  CHECK(first_problem("date,value\n2020-01,1\n", "file='a.csv'\ncolumn='vlaue'")
            .find("did you mean `value`?") != std::string::npos);
  CHECK(first_problem("date,value\n2020-01,1\n", "file='b.csv'").find("cannot read") !=
        std::string::npos);
  CHECK(first_problem("date,value\n2020-01,\n").find("has no value") != std::string::npos);
}

TEST_CASE("dataset: grades become measurement standard deviations") {
  const TemporaryFolder folder;
  folder.write(
      "dataset.toml",
      "title='t'\nsource='s'\nlicence='l'\nvintage='2020'\n[columns.v]\nunit='USD "
      "mn'\nquality='q'\n"
      "[quality.A]\nmeaning='good'\nsd_pct=1\n[quality.R]\nmeaning='rounded'\nrounded=true\n");
  folder.write("a.csv", "date,v,q\n2020-01,200,A\n2020-02,240,R\n2020-03,278,R\n");
  const Series s = load(folder, "file='a.csv'\ncolumn='v'", Frequency::monthly).loaded.series;
  CHECK(s.unit == "USD mn");
  CHECK(s.measurement_sd(0) == Approx(2));
  CHECK(s.measurement_sd(1) == Approx(10 / std::sqrt(12.0)));
  CHECK(s.measurement_sd(2) == Approx(1 / std::sqrt(12.0)));
  CHECK(load(folder, "file='a.csv'\ncolumn='v'\nexact=true", Frequency::monthly)
            .loaded.series.measurement_sd.size() == 0);
}

TEST_CASE("dataset: an unknown grade is named with its line") {
  const TemporaryFolder folder;
  folder.write("dataset.toml",
               "title='t'\nsource='s'\nlicence='l'\nvintage='2020'\n[quality.A]\nmeaning='x'\n");
  folder.write("a.csv", "date,v,q\n2020-01,200,Z\n");
  const Loaded result = load(folder, "file='a.csv'\ncolumn='v'\nquality='q'", Frequency::monthly);
  REQUIRE(result.problems.has_errors());
  CHECK(format_problem(result.problems.all()[0]).find("a.csv:2:13: error: q is `Z`") !=
        std::string::npos);
}

TEST_CASE("sums: a published quarter less a known month is a sum over the rest") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2020-03,18\n2020-04,20\n");
  folder.write("s.csv", "start,end,series,value\n2020-01,2020-03,m,215\n2020-01,2020-04,m,235\n");
  const Series s =
      load(folder, "file='a.csv'\naggregates='s.csv'\naggregates_series='m'", Frequency::monthly)
          .loaded.series;
  REQUIRE(s.sums.size() == 1);  // the second says nothing new
  CHECK(s.sums[0].value == 197);
  REQUIRE(s.sums[0].parts.size() == 2);
  CHECK(format_period(s.sums[0].parts[1]) == "2020-02");
}

TEST_CASE("sums: one whose parts are known is compared with them") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2020-01,10\n2020-02,20\n");
  folder.write("s.csv", "start,end,series,value\n2020-01,2020-02,m,50\n");
  const LoadedSeries loaded =
      load(folder, "file='a.csv'\naggregates='s.csv'\naggregates_series='m'", Frequency::monthly)
          .loaded;
  CHECK(loaded.series.sums.empty());
  REQUIRE(loaded.notes.size() == 1);
  CHECK(loaded.notes[0].find("its parts sum to 30") != std::string::npos);
}

TEST_CASE("events: the calendar of this repository reads without a problem") {
  ProblemList problems;
  const auto events = read_events(source_path("data/events/events.csv"), problems);
  CHECK(problems.all().empty());
  CHECK(events.size() == 48);
}

TEST_CASE("events: bad rows are named") {
  const TemporaryFolder folder;
  ProblemList problems;
  read_events(
      folder.write("e.csv", "id,date,end_date\na,2020-01-01,2019-01-01\na,2020-01-01,\nb,never,\n"),
      problems);
  REQUIRE(problems.all().size() == 3);
  CHECK(problems.all()[0].message == "event `a` ends before it starts");
  CHECK(problems.all()[1].message == "event id `a` stands twice");
  CHECK(problems.all()[2].message.find("must be a date") != std::string::npos);
}

TEST_CASE("series: a text that no row holds is refused, with the nearest one") {
  const std::string csv = "date,value,collector\n2020-01,1,ASIAPRESS\n2020-02,2,Daily NK\n";
  for (const char* table : {"file = 'a.csv'\nshare = { collector = 'ASIAPRES' }",
                            "file = 'a.csv'\nwhere = { collector = 'ASIAPRES' }"}) {
    const std::string found = first_problem(csv, table);
    INFO(found);
    CHECK(found.find("data.x: no row of ") != std::string::npos);
    CHECK(found.find("has collector = \"ASIAPRES\"") != std::string::npos);
    CHECK(found.find("did you mean `ASIAPRESS`?") != std::string::npos);
  }
}

TEST_CASE("series: incomplete periods have a note that says the rule") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2020-01,1\n2020-02,2\n2020-03,3\n2020-04,4\n2020-05,5\n");
  const LoadedSeries sum =
      load(folder, "file = 'a.csv'\naggregate = 'sum'", Frequency::quarterly).loaded;
  REQUIRE(sum.notes.size() == 1);
  CHECK(sum.notes[0].find("2020Q2 (2 of 3)") != std::string::npos);
  CHECK(sum.notes[0].find("left out") != std::string::npos);
  CHECK(std::isnan(sum.series.values(1)));
  const LoadedSeries mean =
      load(folder, "file = 'a.csv'\naggregate = 'mean'", Frequency::quarterly).loaded;
  REQUIRE(mean.notes.size() == 1);
  CHECK(mean.notes[0].find("rests on the observations that are there") != std::string::npos);
  CHECK(mean.series.values(1) == 4.5);
}

TEST_CASE("series: an unknown column is said before what hangs on it") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,exports_usd\n2020-01,1\n");
  folder.write("sums.csv", "start,end,series,value\n");
  const Loaded result = load(
      folder, "file = 'a.csv'\ncolumn = 'export_usd'\naggregates = 'sums.csv'", Frequency::monthly);
  REQUIRE(result.problems.all().size() == 1);
  const std::string text = format_problem(result.problems.all()[0]);
  CHECK(text.find("t.toml:2:10: error: data.x.column is \"export_usd\"") == 0);
  CHECK(text.find("did you mean `exports_usd`?") != std::string::npos);
}

TEST_CASE("series: a sum is a flow, and dataset.toml may say what a column is") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value,p\n2020-01,1,2\n");
  ProblemList problems;
  const auto kind = [&](const std::string& table) {
    return make_series_source("x", parse_toml(table, "t.toml", problems), folder.path(), problems)
        .kind;
  };
  CHECK(kind("file = 'a.csv'") == SeriesKind::unknown);
  CHECK(kind("file = 'a.csv'\naggregate = 'sum'") == SeriesKind::flow);
  CHECK(kind("file = 'a.csv'\naggregate = 'sum'\nkind = 'stock'") == SeriesKind::stock);
  folder.write("dataset.toml",
               "title = 'a'\nsource = 'b'\nlicence = 'c'\nvintage = 'd'\n[columns.p]\nkind = "
               "'price'\n");
  CHECK(kind("file = 'a.csv'\ncolumn = 'p'") == SeriesKind::price);
  CHECK_FALSE(problems.has_errors());
}

TEST_CASE("series: a published sum of a part of a year is no figure of the year") {
  const TemporaryFolder folder;
  folder.write("a.csv", "date,value\n2010,\n2011,120\n2012,\n2013,90\n");
  folder.write(
      "s.csv",
      "start,end,series,value\n2010-01-01,2010-05-01,m,727\n2012-01-01,2012-12-01,m,100\n");
  const std::string table = "file='a.csv'\naggregates='s.csv'\naggregates_series='m'";
  const LoadedSeries annual = load(folder, table, Frequency::annual).loaded;
  REQUIRE(annual.series.sums.size() == 1);
  CHECK(annual.series.sums[0].value == 100);
  REQUIRE(!annual.notes.empty());
  CHECK_THAT(annual.notes.back(), Catch::Contains("1 published sum of x begin or end inside"));
  folder.write("q.csv", "date,value\n2010Q1,\n2010Q2,5\n2012Q1,\n");
  const LoadedSeries quarterly =
      load(folder, "file='q.csv'\naggregates='s.csv'\naggregates_series='m'", Frequency::quarterly)
          .loaded;
  for (const TemporalSum& sum : quarterly.series.sums) CHECK(sum.value != 722);
}

}  // namespace amnok
