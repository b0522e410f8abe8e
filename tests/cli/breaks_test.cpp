// amnok breaks: what changed in the series of a CSV file, in words, JSON and figures.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/stats/random_stream.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

const std::string kTrade = "data/china_dprk_trade/monthly.csv";
const std::string kCalendar = "data/events/events.csv";

// 96 months from 2012-01 with a shift of the mean in 2016-01; unit variance.
std::string shifted(double shift) {
  std::vector<double> e(96);
  fill_normals({12, Purpose::simulation, 3}, 4, e);
  std::string text = "date,a\n";
  for (int t = 0; t < 96; ++t) {
    text += fmt::format("{}-{:02},{:.6f}\n", 2012 + t / 12, 1 + t % 12,
                        20 + (t >= 48 ? shift : 0) + e[static_cast<std::size_t>(t)]);
  }
  return text;
}

}  // namespace

TEST_CASE("breaks: a shift is dated, sized and called lasting", "[program]") {
  const TemporaryFolder folder;
  const ProgramResult run = run_program("breaks " + folder.write("a.csv", shifted(5)));
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Contains("Verdict: 1 break"));
  CHECK_THAT(run.out, Catch::Contains("between 2015-1"));  // the shift is in 2016-01
  CHECK_THAT(run.out, Catch::Contains("lasting: P(permanent)"));
}

TEST_CASE("breaks: without permanence a break is still counted, dated and sized", "[program]") {
  const TemporaryFolder folder;
  const ProgramResult run =
      run_program("breaks " + folder.write("a.csv", shifted(5)) + " --no-permanence");
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Contains("Verdict: 1 break; persistent errors") &&
                          Catch::Contains("1. between 2015-1") && Catch::Contains("size: ") &&
                          !Catch::Contains("P(permanent)"));
}

TEST_CASE("breaks: a series without a break has none", "[program]") {
  const TemporaryFolder folder;
  const ProgramResult run =
      run_program("breaks " + folder.write("a.csv", shifted(0)) + " --out " + folder.path() + "/o");
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Contains("Verdict: no break"));
  CHECK_THAT(run.out, !Catch::Contains("P(permanent)"));
  CHECK(folder.has("o/figures/a.breaks.gp"));
  CHECK_THAT(folder.read("o/figures/a.breaks.gp"),
             Catch::Contains("fit without a break") && !Catch::Contains("date set of a break"));
}

TEST_CASE("breaks: JSON has the tables, and is the same again", "[program]") {
  const TemporaryFolder folder;
  const std::string arguments = "breaks " + folder.write("a.csv", shifted(5)) + " --json -";
  const ProgramResult run = run_program(arguments);
  REQUIRE(run.exit_code == 0);
  const Json fit = Json::parse(run.out)["models"]["a"];
  CHECK(fit["plugin"] == "structural_break");
  CHECK(fit["tables"].contains("permanence"));
  CHECK(fit["tables"].contains("break_effects"));
  CHECK(run.out == run_program(arguments).out);
}

TEST_CASE("breaks: a folder holds summary, JSON, data and scripts of figures", "[program]") {
  const TemporaryFolder folder;
  const std::string arguments = "breaks " + folder.write("a.csv", shifted(5)) +
                                " --monitor 2015-01 --out " + folder.path() + "/o";
  REQUIRE(run_program(arguments).exit_code == 0);
  for (const char* name : {"summary.txt", "fits.json", "figures/a.breaks.dat", "figures/a.f.gp",
                           "figures/a.cusum.gp", "figures/a.monitoring.gp"}) {
    INFO(name);
    CHECK(folder.has("o/" + std::string(name)));
  }
  CHECK_THAT(folder.read("o/summary.txt"), Catch::Contains("left its boundary"));
  CHECK(run_program(arguments).exit_code == 2);  // not over an earlier one
  CHECK(run_program(arguments + " --force").exit_code == 0);
}

TEST_CASE("breaks: --further-tests asks for other kinds of breaks", "[program]") {
  const TemporaryFolder folder;
  const std::string arguments = "breaks " + folder.write("a.csv", shifted(0));
  CHECK_THAT(run_program(arguments).out, !Catch::Contains("persistence"));
  const ProgramResult run = run_program(arguments + " --further-tests");
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Contains("does the variance of the errors change? no sign") &&
                          Catch::Contains("does the persistence change?") &&
                          Catch::Contains("Perron-Yabu, slope"));
  const Json tables = Json::parse(
      run_program(arguments + " --further-tests --json -").out)["models"]["a"]["tables"];
  for (const char* name : {"further_tests", "variance_tests", "persistence_tests", "trend_tests"}) {
    CHECK(tables.contains(name));
  }
}

TEST_CASE("breaks: bad options are told in words", "[program]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.csv", shifted(5));
  const auto refuses = [&](const std::string& options, const std::string& words) {
    const ProgramResult run = run_program("breaks " + file + " " + options);
    INFO(options << "\n" << run.err);
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.err, Catch::Contains(words));
  };
  refuses("--trim 0.9", "trim is 0.9");
  refuses("--trim nan", "trim is nan, but must be a number in [0.01, 0.45]");
  refuses("--level 0.07", "level is 0.07");
  refuses("--breaks often", "breaks is");
  refuses("--transform cube", "--transform is cube, but must be level, log or sqrt");
  refuses("--column b", "--column b is not a series");
  refuses("--regressors b", "b is not a series");
  refuses("--regressors a", "every series");
  refuses("--frequency hourly", "--frequency is hourly");
  refuses("--monitor 2031-01", "monitor is 2031-01, but must be a period after 2012-01");
  refuses("--monitor 2012-02", "monitor is 2012-02, which has 1 observation before it, but must");
  refuses("--events nowhere.csv", "nowhere.csv");
}

TEST_CASE("breaks: a logarithm of what is not above zero names the month", "[program]") {
  const TemporaryFolder folder;
  const ProgramResult run =
      run_program("breaks " + folder.write("a.csv", "date,a\n2012-01,1\n2012-02,0\n2012-03,2\n") +
                  " --transform log");
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, Catch::Contains("a is 0 in 2012-02, but must be above zero"));
}

TEST_CASE("breaks: China-DPRK trade tells the sanctions and the closure without being told",
          "[program]") {
  const ProgramResult run =
      run_program("breaks " + kTrade +
                  " --column china_imports_usd_mn --transform sqrt --trim 0.1 "
                  "--events " +
                  kCalendar + " --json -");
  INFO(run.err);
  REQUIRE(run.exit_code == 0);
  const Json tables = Json::parse(run.out)["models"]["china_imports_usd_mn"]["tables"];
  const std::string text = tables["break_events"].dump();
  CHECK_THAT(text, Catch::Contains("unscr_2397"));
  CHECK_THAT(text, Catch::Contains("border_closure"));
}

TEST_CASE("breaks: a step without noise is one lasting break by every criterion", "[program]") {
  const TemporaryFolder folder;
  std::string csv = "date,a\n";
  for (int t = 0; t < 120; ++t) {
    csv += fmt::format("{}-{:02},{}\n", 2005 + t / 12, 1 + t % 12, t < 100 ? 10 : 15);
  }
  const ProgramResult run =
      run_program("breaks " + folder.write("a.csv", csv) + " --settle --further-tests");
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.out, Catch::Contains("Verdict: 1 break\n") &&
                          Catch::Contains("lasting: P(permanent) 1.00 [1.00, 1.00], half-life "
                                          "never reached") &&
                          Catch::Contains("level shift has weight 1.00") &&
                          Catch::Contains("settled after: decided: there is no noise") &&
                          Catch::Contains("does the trend break? not run: the regression fits "
                                          "exactly"));
  CHECK_THAT(run.out, !Catch::Contains("decay"));
}

TEST_CASE("breaks: what was not looked for is not said to be absent", "[program]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.csv", shifted(5));
  CHECK_THAT(run_program("breaks " + file + " --max-breaks 0").out,
             Catch::Contains("Verdict: no break was looked for\n") &&
                 Catch::Contains("note: no break was looked for (max_breaks = 0)"));
  const std::string old = folder.write(
      "old.csv", "id,date,end_date,kind,direction,name\nold,1990-01-01,,sanction,restrict,Old\n");
  CHECK_THAT(run_program("breaks " + file + " --no-permanence --events " + old).out,
             Catch::Contains("note: no event of the calendar lies in 2012-01..2019-12") &&
                 !Catch::Contains("random calendars"));
}

TEST_CASE("breaks: a line that is taken for a level is told as one", "[program]") {
  const TemporaryFolder folder;
  std::vector<double> e(96);
  fill_normals({12, Purpose::simulation, 3}, 5, e);
  std::string csv = "date,a\n";
  for (int t = 0; t < 96; ++t) {
    csv += fmt::format("{}-{:02},{:.6f}\n", 2012 + t / 12, 1 + t % 12,
                       0.2 * t + e[static_cast<std::size_t>(t)]);
  }
  const std::string file = folder.write("a.csv", csv);
  CHECK_THAT(run_program("breaks " + file + " --no-permanence").out,
             Catch::Contains("a straight line without a break has a lower BIC") &&
                 Catch::Contains("take trend = true"));
  CHECK_THAT(run_program("breaks " + file + " --no-permanence --trend").out,
             Catch::Contains("Verdict: no break") && !Catch::Contains("straight line"));
}

TEST_CASE("breaks: numbers without a square are refused, not searched", "[program]") {
  const TemporaryFolder folder;
  std::string csv = "date,a\n";
  for (int t = 0; t < 40; ++t) csv += fmt::format("{},{}e300\n", 1980 + t, 1 + t % 7);
  const ProgramResult run = run_program("breaks " + folder.write("a.csv", csv));
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, Catch::Contains("a reaches 7e+300, but its squares must be numbers"));
}

TEST_CASE("breaks: a constant series is refused", "[program]") {
  TemporaryFolder folder;
  std::string csv = "date,v\n";
  for (int t = 0; t < 40; ++t) csv += std::to_string(1980 + t) + ",7\n";
  const ProgramResult result = run_program("breaks " + folder.write("c.csv", csv));
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::Contains("v is 7 in every period, but must vary to have a break"));
}

}  // namespace amnok
