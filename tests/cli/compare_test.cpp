#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

void run(const StudyFixture& fixture, const std::string& config, const std::string& folder) {
  const ProgramResult result =
      run_program("run " + config + " -q -o " + folder, fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
}

Json compared(const StudyFixture& fixture, const std::string& arguments) {
  const ProgramResult result =
      run_program("compare " + arguments + " --json -", fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  return Json::parse(result.out);
}

const Json* find(const Json& list, const std::string& key, const std::string& value) {
  for (const Json& item : list) {
    if (item.at(key) == value) return &item;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("compare: two runs of the same are the same", "[program]") {
  const StudyFixture fixture;
  run(fixture, "study.toml", "a");
  run(fixture, "study.toml", "b");
  CHECK(compared(fixture, "a b").at("same") == true);
  const ProgramResult text = run_program("compare a b", fixture.folder.path());
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.out, Catch::Contains("the two runs are the same"));
}

TEST_CASE("compare: what changed is named, with its size", "[program]") {
  const StudyFixture fixture;
  run(fixture, "study.toml", "a");
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  replace(text, "2014-01..2021-12", "2014-01..2021-09");
  replace(text, "horizon = 12", "horizon = 15");
  replace(text, "at = \"2022-04\"", "at = \"2022-06\"");
  fixture.folder.write("later.toml", text);
  run(fixture, "later.toml", "b");
  const Json json = compared(fixture, "a b");
  CHECK(json.at("same") == false);
  const Json* sample = find(json.at("config"), "key", "run.sample");
  REQUIRE(sample != nullptr);
  CHECK(sample->at("before") == "\"2014-01..2021-12\"");
  CHECK(sample->at("after") == "\"2014-01..2021-09\"");
  CHECK(json.at("inputs").empty());
  const Json* ledger = find(json.at("assumptions"), "key", "open: end_event closure");
  REQUIRE(ledger != nullptr);
  CHECK_THAT(ledger->at("after").get<std::string>(), Catch::Contains("2022-06"));
  const Json* ar = find(json.at("coefficients"), "equation", "m");
  REQUIRE(ar != nullptr);
  CHECK(ar->at("std_errors").get<double>() ==
        Approx((ar->at("after").get<double>() - ar->at("before").get<double>()) /
               ar->at("std_error").get<double>()));
  // Two months later, the border of scenario "open" is still closed in 2022-04 and 2022-05: m is
  // smaller by the closure's effect.
  for (const Json& path : json.at("projections")) {
    if (path.at("scenario") != "open" || path.at("variable") != "m") continue;
    CHECK(path.at("dates") == 12);
    const std::string date = path.at("largest").at("date");
    CHECK((date == "2022-04" || date == "2022-05"));
    CHECK(path.at("largest").at("change").get<double>() < 0);
  }
  CHECK_THAT(json.at("news").at("problem").get<std::string>(), Catch::Contains("--config-a"));
}

TEST_CASE("compare: revised and new figures are told apart, and the parts add up", "[program]") {
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  replace(text, "2014-01..2021-12", "2014-01..2021-09");
  replace(text, "horizon = 12", "horizon = 15");
  fixture.folder.write("earlier.toml", text);
  run(fixture, "earlier.toml", "a");
  // Three months more, and the last figure of the earlier data doubled, in a folder of its own.
  std::string data = fixture.folder.read("data.csv");
  const auto at = data.find("2021-09,") + 8;
  const double last = std::stod(data.substr(at));
  data.replace(at, data.find(',', at) - at, std::to_string(2 * last));
  std::filesystem::create_directory(fixture.folder.path() + "/new");
  fixture.folder.write("new/data.csv", data);
  fixture.folder.write("new/events.csv", fixture.folder.read("events.csv"));
  fixture.folder.write("new/study.toml",
                       StudyFixture::models_toml() + StudyFixture::scenarios_toml());
  run(fixture, "new/study.toml", "b");
  const Json json = compared(fixture, "a b --config-a earlier.toml --config-b new/study.toml");
  REQUIRE(json.at("inputs").size() == 1);
  CHECK(json.at("inputs").at(0).at("change") == "changed");
  const Json& figures = json.at("figures").at("m");
  REQUIRE(figures.at("revised").size() == 1);
  CHECK(figures.at("revised").at(0).at("date") == "2021-09");
  CHECK(figures.at("revised").at(0).at("after").get<double>() == Approx(2 * last));
  const Json& news = json.at("news");
  INFO(news.dump());
  REQUIRE_FALSE(news.contains("problem"));
  REQUIRE_FALSE(news.at("lines").empty());
  bool moved = false;
  for (const Json& line : news.at("lines")) {
    const double parts = line.at("revised_figures").get<double>() +
                         line.at("new_figures").get<double>() + line.at("estimates").get<double>() +
                         line.at("assumptions").get<double>();
    CHECK(parts ==
          Approx(line.at("after").get<double>() - line.at("before").get<double>()).margin(1e-9));
    // The two configs differ in the sample alone.
    CHECK(line.at("assumptions").get<double>() == Approx(0).margin(1e-9));
    moved = moved || (line.at("variable") == "m" && line.at("revised_figures").get<double>() > 0);
  }
  CHECK(moved);
  // An earlier config whose data have changed since cannot be run again.
  fixture.folder.write("data.csv", data);
  CHECK_THAT(compared(fixture, "a b --config-a earlier.toml --config-b new/study.toml")
                 .at("news")
                 .at("problem")
                 .get<std::string>(),
             Catch::Contains("data.csv"));
}

TEST_CASE("compare: runs of some scenarios, and words for what is not there", "[program]") {
  const StudyFixture fixture;
  run(fixture, "study.toml", "a");
  run(fixture, "study.toml --scenario stay", "b");
  const Json json = compared(fixture, "a b --config-a study.toml --config-b study.toml");
  for (const Json& line : json.at("news").at("lines")) CHECK(line.at("scenario") == "stay");
  CHECK(!json.at("news").at("lines").empty());
  CHECK_THAT(run_program("compare a b", fixture.folder.path()).out,
             Catch::Contains("open: only in the earlier run (balance, balance_3m, m, p, x)"));
  // Probabilities that are taken away, and a second change of one subject.
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  std::string rated = text;
  for (const auto& [scenario, probability] :
       {std::pair("stay", "0.5"), std::pair("same", "0.0"), std::pair("open", "0.5")}) {
    const std::string head = std::string("[scenarios.") + scenario + "]\n";
    rated.insert(rated.find(head) + head.size(),
                 std::string("probability = ") + probability + "\n");
  }
  replace(text, "changes = [{ path = \"w\", mode = \"hold\" }]",
          "changes = [{ path = \"w\", mode = \"hold\" }, "
          "{ path = \"w\", mode = \"growth\", value = \"1%\", from = \"2022-06\" }]");
  fixture.folder.write("rated.toml", rated);
  fixture.folder.write("plain.toml", text);
  run(fixture, "rated.toml", "c");
  run(fixture, "plain.toml", "d");
  const ProgramResult words = run_program("compare c d", fixture.folder.path());
  CHECK_THAT(words.out, Catch::Contains("scenario same: probability 0.0 -> no probability") &&
                            Catch::Contains("held at its last value; then grows"));
}

TEST_CASE("compare: a folder that is no run is refused", "[program]") {
  const StudyFixture fixture;
  const ProgramResult result = run_program("compare . .", fixture.folder.path());
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::Contains("has no manifest.json, but must be the folder of a run"));
}

}  // namespace amnok
