// [effects.NAME] with `counterfactual`, as a user meets it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

Json effects_of(const StudyFixture& fixture, const std::string& table) {
  fixture.folder.write("study.toml", StudyFixture::models_toml() + table);
  const ProgramResult result = run_program("effects study.toml --json -", fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  return Json::parse(result.out).at("counterfactuals");
}

std::string refusal_of(const std::string& table) {
  const StudyFixture fixture;
  fixture.folder.write("study.toml", StudyFixture::models_toml() + table);
  const ProgramResult check = run_program("check study.toml", fixture.folder.path());
  CHECK(check.exit_code == 2);
  return check.err;
}

const std::string kClosure =
    "[effects.closure]\ncounterfactual = \"m\"\nevent = \"closure\"\nuntil = \"2020-12\"\n";

}  // namespace

TEST_CASE("counterfactual effects: the closure of the fixture is found", "[program]") {
  const StudyFixture fixture;
  const Json closure = effects_of(fixture, kClosure).at("closure");
  CHECK(closure.at("at") == "2019-01");
  CHECK(closure.at("covered") == 24);
  // The closure divides m by e: a share of exp(-1) - 1 = -0.63.
  CHECK(closure.at("share").at("low").get<double>() < -0.63);
  CHECK(closure.at("share").at("high").get<double>() > -0.63);
  CHECK(closure.at("average").at("high").get<double>() < 0);
  CHECK(closure.at("p_value").get<double>() < 0.01);
  CHECK(closure.at("path").size() == 24);
  CHECK(closure.at("placebo").at("dates").size() >= 5);
  CHECK_THAT(closure.at("verdict").get<std::string>(),
             Catch::Contains("lower than it would have been without “A closure”") &&
                 Catch::Contains("excludes zero"));
}

TEST_CASE("counterfactual effects: what came after the event does not reach the model",
          "[program]") {
  const std::string table = kClosure +
                            "model = { plugin = \"unobserved_components\", target = \"log(m)\", "
                            "slope = \"none\", seasonal = \"none\" }\n"
                            "controls = [\"log(w)\", \"log(x)\"]\n"
                            "roles = { \"log(x)\" = \"pre_only\" }\n";
  const StudyFixture fixture;
  const Json before = effects_of(fixture, table).at("closure");
  // m and x ten times as large from 2019-01 on.
  std::string changed, data = fixture.folder.read("data.csv");
  for (std::size_t at = 0; at < data.size();) {
    const std::size_t end = data.find('\n', at);
    std::string line = data.substr(at, end - at);
    if (line >= "2019" && line < "2022") {
      const std::size_t m = line.find(','), x = line.find(',', m + 1), p = line.find(',', x + 1);
      line = fmt::format("{},{},{}{}", line.substr(0, m),
                         10 * std::stod(line.substr(m + 1, x - m - 1)),
                         10 * std::stod(line.substr(x + 1, p - x - 1)), line.substr(p));
    }
    changed += line + "\n";
    at = end + 1;
  }
  fixture.folder.write("data.csv", changed);
  const Json after = effects_of(fixture, table).at("closure");
  for (std::size_t h : {0u, 10u, 23u}) {
    CHECK(before.at("path").at(h).at("counterfactual") ==
          after.at("path").at(h).at("counterfactual"));
    CHECK(before.at("path").at(h).at("high") == after.at("path").at(h).at("high"));
  }
  CHECK(before.at("left_out").size() == 2);
}

TEST_CASE("counterfactual effects: a mixture of donors is found again", "[program]") {
  const StudyFixture fixture;
  std::string csv = "date,y,a,b,c\n";
  for (int t = 0; t < 40; ++t) {
    const double a = 10 + std::sin(0.7 * t), b = 12 + std::cos(1.1 * t), c = 30 + t % 5;
    csv += fmt::format("{},{},{},{},{}\n", format_period(Period{Frequency::monthly, 2017 * 12 + t}),
                       0.3 * a + 0.7 * b + (t >= 24 ? 5 : 0), a, b, c);
  }
  fixture.folder.write("donors.csv", csv);
  std::string text = "[run]\ntitle = 't'\nfrequency = 'monthly'\n[calendar]\nfile = 'events.csv'\n";
  for (const char* name : {"y", "a", "b", "c"}) {
    text += fmt::format("[data.{0}]\nfile = 'donors.csv'\ncolumn = '{0}'\n", name);
  }
  text +=
      "[effects.mix]\ncounterfactual = 'y'\nevent = 'closure'\nmethod = 'synthetic_control'\n"
      "donors = ['a', 'b', 'c']\n";
  fixture.folder.write("study.toml", text);
  const ProgramResult result = run_program("effects study.toml --json -", fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const Json mix = Json::parse(result.out).at("counterfactuals").at("mix");
  const Json weights = mix.at("synthetic_control").at("weights");
  CHECK(weights.at("a").get<double>() == Approx(0.3).margin(1e-6));
  CHECK(weights.at("b").get<double>() == Approx(0.7).margin(1e-6));
  CHECK(mix.at("average").at("estimate").get<double>() == Approx(5));
  CHECK(mix.at("p_value").get<double>() == Approx(0.25));  // the first of four
}

TEST_CASE("counterfactual effects: a run folder has the table, the figure and the words",
          "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("study.toml", StudyFixture::models_toml() + kClosure);
  const ProgramResult run = run_program("run study.toml -q -o out", fixture.folder.path());
  REQUIRE(run.exit_code == 0);
  const std::string table = fixture.folder.read("out/counterfactuals.csv");
  CHECK_THAT(table, Catch::Contains("closure,m,USD mn,closure,2019-01,"));
  CHECK_THAT(table, !Catch::Contains("nan"));
  CHECK(fixture.folder.has("out/figures/counterfactual.closure.gp"));
  CHECK(fixture.folder.has("out/figures/counterfactual.closure.dat"));
  CHECK_THAT(fixture.folder.read("out/manifest.json"), Catch::Contains("counterfactuals.csv"));
  CHECK_THAT(fixture.folder.read("out/summary.txt"),
             Catch::Contains("What would have been without an event"));
  // The page: a section with three charts and a table of every period, and their data.
  const std::string page = fixture.folder.read("out/report.html");
  CHECK_THAT(page, Catch::Contains("<h2 id=\"past\">Past events</h2>") &&
                       Catch::Contains("data-panel=\"level\"") &&
                       Catch::Contains("data-panel=\"difference\"") &&
                       Catch::Contains("data-panel=\"added\""));
  const std::string open = "id=\"report-data\">";
  const auto from = page.find(open) + open.size();
  const Json data = Json::parse(page.substr(from, page.find("</script>", from) - from));
  const Json& past = data.at("past").at(0);
  CHECK(past.at("periods").at(past.at("at").get<std::size_t>()) == "2019-01");
  CHECK(past.at("panels").at("level").at("middle").size() == 24);
  // Of counterfactuals.csv: what would have been in the first period.
  const std::string row = table.substr(table.find("closure,m,USD mn,closure,2019-01,"));
  CHECK(past.at("panels").at("level").at("middle").at(0).get<double>() ==
        Approx(*parse_double(split(row, ',')[6])).epsilon(1e-5));
  CHECK(past.at("panels").at("added").at("low").back().get<double>() < 0);
  // Documents: the sentence, the table and the figure; and a fact for sentences.
  const std::string report = fixture.folder.read("out/report.json");
  CHECK_THAT(report, Catch::Contains("\"past_closure\"") &&
                         Catch::Contains("\"placebo_closure\"") &&
                         Catch::Contains("\"counterfactual.closure\""));
  const ProgramResult words = run_program("explain out past effect total", fixture.folder.path());
  CHECK_THAT(words.out, Catch::StartsWith("closure: total of the effect of “A closure” on Imports, "
                                          "2019-01..2020-12: -"));
}

TEST_CASE("counterfactual effects: what cannot be asked is refused with its place", "[program]") {
  CHECK_THAT(refusal_of("[effects.e]\ncounterfactual = 'm'\nevent = 'clsure'\n"),
             Catch::Contains("effects.e.event is \"clsure\"") &&
                 Catch::Contains("did you mean `closure`?"));
  CHECK_THAT(refusal_of("[effects.e]\ncounterfactual = 'zz'\nevent = 'closure'\n"),
             Catch::Contains("effects.e.counterfactual is \"zz\", which is not defined"));
  CHECK_THAT(refusal_of("[effects.e]\nevent = 'closure'\n"),
             Catch::Contains("must say one of: compare, counterfactual"));
  CHECK_THAT(refusal_of("[effects.e]\ncounterfactual = 'w'\nevent = 'closure'\n"),
             Catch::Contains("`w` has no equation, and there is no model") &&
                 Catch::Contains("unobserved_components"));
  CHECK_THAT(refusal_of(kClosure + "controls = ['log(m)']\n"),
             Catch::Contains("which holds `m` itself"));
  CHECK_THAT(refusal_of(kClosure + "controls = ['log(w)']\nroles = { 'log(v)' = 'always' }\n"),
             Catch::Contains("roles names \"log(v)\", which is not one of its controls"));
  CHECK_THAT(refusal_of(kClosure + "roles = { 'log(w)' = 'never' }\ncontrols = ['log(w)']\n"),
             Catch::Contains("effects.closure.roles.log(w) is \"never\""));
  CHECK_THAT(refusal_of(kClosure + "donors = ['x', 'w']\n"),
             Catch::Contains("donors needs method = \"synthetic_control\""));
  CHECK_THAT(refusal_of(kClosure + "method = 'synthetic_control'\n"),
             Catch::Contains("effects.closure.donors is missing"));
  CHECK_THAT(refusal_of(kClosure + "model = { plugin = 'arima', target = 'log(x)' }\n"),
             Catch::Contains("explains `x`, but must explain `m`"));
  CHECK_THAT(refusal_of(kClosure + "at = '2021-05'\n"),
             Catch::Contains("until is \"2020-12\", but must not come before its `at`, 2021-05"));
  CHECK_THAT(
      refusal_of("[effects.e]\ncounterfactual = 'm'\nevent = 'closure'\nat = '2014-01'\n"),
      Catch::Contains("effects.e: the event begins in 2014-01, but must leave periods before"));
}

}  // namespace amnok
