// The other commands as a user meets them: check, fit, effects, models, schema.
#include <fmt/format.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "engine/base/text.h"
#include "tests/support/json_schema.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

}  // namespace

TEST_CASE("check: a good study passes, with what there is to know of its data", "[program]") {
  const ProgramResult result = run_program("check configs/papers/border_2022/border_2022.toml");
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("ok        imports + exports = total"));
  CHECK_THAT(result.out, Catch::Contains("2020-01 + 2020-02 known only as a sum"));
  CHECK_THAT(result.out, Catch::Contains("2022-01 + 2022-02 known only as a sum: 116.300"));
  CHECK_THAT(result.out, Catch::Contains("2021-02 (0.003)"));
}

TEST_CASE("check: the article's figures are ten times too large, but for the exports",
          "[program]") {
  const ProgramResult result = run_program("check configs/papers/border_2022/article_figures.toml");
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.out, Catch::Contains("3 identities are violated by the data") &&
                             !Catch::Contains("config is valid"));
  CHECK_THAT(result.out, Catch::Contains("VIOLATED  2020 trade with the world"));
  CHECK_THAT(result.out,
             Catch::Contains("ten times too large, repair factor 0.1: deficit of 2020"));
  CHECK_THAT(result.out,
             Catch::Contains("imports of 2020 (data/article_claims/figures.csv:5): 7700 -> 770"));
  CHECK_THAT(result.out,
             Catch::Contains("total of 2020 (data/article_claims/figures.csv:5): 8600 -> 860"));
  CHECK_THAT(result.out,
             Catch::Contains("deficit of 2019 (data/article_claims/figures.csv:4): 26900 -> 2690"));
  CHECK_THAT(result.out, !Catch::Contains("exports of 2020"));
  for (const char* claim :
       {"ok        exports against KOTRA", "ok        exports -67.9 % and imports -73.9 %",
        "ok        total -73.4 %", "ok        2021 is 41 % less than 2020",
        "ok        2021 is 11 % of 2019", "ok        2021 is 6 % of 2017"}) {
    CHECK_THAT(result.out, Catch::Contains(claim));
  }
}

TEST_CASE("run: the article's claims are judged one by one", "[program]") {
  const TemporaryFolder folder;
  const ProgramResult run = run_program(
      "run configs/papers/border_2022/article_figures.toml -q -o " + folder.path() + "/r");
  CHECK(run.exit_code == 3);  // its identities are violated
  const std::string table = folder.read("r/claims.csv");
  const auto verdict_of = [&](const std::string& claim) {
    const auto at = table.find("\n" + claim + " ");
    const std::string line = table.substr(at + 1, table.find('\n', at + 1) - at - 1);
    return line.substr(line.find("USD million,,") + 13);
  };
  for (const char* claim : {"C08", "C12", "C14", "C15"}) {
    INFO(claim);
    CHECK_THAT(verdict_of(claim), Catch::StartsWith("contradicts,") &&
                                      Catch::Contains("the claim is ten times too large"));
  }
  for (const char* claim : {"C01", "C02", "C04", "C06", "C11"}) {
    INFO(claim);
    CHECK_THAT(verdict_of(claim), Catch::StartsWith("agrees,recorded "));
  }
  // Per cents of other years.
  for (const char* claim : {"C03", "C05", "C07"}) {
    INFO(claim);
    const auto at = table.find("\n" + std::string(claim) + " ");
    const std::string line = table.substr(at + 1, table.find('\n', at + 1) - at - 1);
    CHECK_THAT(line, Catch::Contains(",percent,,agrees,recorded "));
  }
  CHECK_THAT(table, Catch::Contains("the run has no DPRK trade with the world in 2019,fall,2019"));
}

TEST_CASE("fit: JSON follows its schema", "[program]") {
  const StudyFixture fixture;
  const ProgramResult result = run_program("fit study.toml --json -", fixture.folder.path());
  REQUIRE(result.exit_code == 0);
  const Json schema = Json::parse(run_program("schema --results").out);
  CHECK(validate(Json::parse(result.out), schema) == std::vector<std::string>{});
  const ProgramResult solved =
      run_program("fit study.toml --solve static,dynamic --json -", fixture.folder.path());
  REQUIRE(solved.exit_code == 0);
  const Json with_solutions = Json::parse(solved.out);
  CHECK(with_solutions["solutions"].size() == 10);  // five variables, both ways
  CHECK(validate(with_solutions, schema) == std::vector<std::string>{});
}

TEST_CASE("run: report.json and annual.csv follow the schema of the results", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const Json schema = Json::parse(run_program("schema --results").out);
  const Json report = Json::parse(fixture.folder.read("out/report.json"));
  CHECK(validate(report, schema["$defs"]["report.json"]) == std::vector<std::string>{});
  const Json& rows = schema["$defs"]["annual.csv"];
  const std::string table = fixture.folder.read("out/annual.csv");
  std::set<std::string> found;
  const std::string head = table.substr(0, table.find('\n'));
  for (const std::string_view column : split(head, ',')) {
    const std::string name(column);
    INFO(name);
    found.insert(name);
    bool known = rows["properties"].contains(name);
    for (const auto& [pattern, unused] : rows["patternProperties"].items()) {
      known = known || std::regex_search(name, std::regex(pattern));
    }
    CHECK(known);
  }
  for (const auto& [name, unused] : rows["properties"].items()) {
    INFO(name);
    CHECK(found.contains(name));
  }
}

TEST_CASE("fit: one model of several", "[program]") {
  const StudyFixture fixture;
  const Json fits =
      Json::parse(run_program("fit study.toml --model p --json -", fixture.folder.path()).out);
  CHECK(fits["models"].size() == 1);
  CHECK(fits["models"].contains("p"));
  const ProgramResult text = run_program("fit study.toml --model x", fixture.folder.path());
  CHECK_THAT(text.out, Catch::Contains("ARIMA(1,0,0)") && Catch::Contains("95 % interval"));
}

TEST_CASE("effects: JSON has both effects with all measures", "[program]") {
  const StudyFixture fixture;
  const Json json =
      Json::parse(run_program("effects study.toml --json -", fixture.folder.path()).out);
  CHECK(json["effects"]["opening"]["variables"]["m"]["percent"].size() == 12);
  CHECK(json["effects"]["nothing"]["variables"]["m"]["level"][11]["mean"] == 0);
}

TEST_CASE("models: every plugin shows every option", "[program]") {
  CHECK_THAT(run_program("models").out, Catch::Contains("arima") &&
                                            Catch::Contains("structural_break") &&
                                            Catch::Contains("trade_elasticity"));
  CHECK_THAT(run_program("models combination").out,
             Catch::Contains("members: an array of at least 2, each a table, default "
                             "[{ plugin = \"arima\" }, { plugin = \"ets\" }") &&
                 Catch::Contains("weights: one of \"equal\", \"aicc\", \"backtest\""));
  const ProgramResult arima = run_program("models arima");
  CHECK_THAT(arima.out, Catch::Contains("order: ") && Catch::Contains("default \"auto\"") &&
                            Catch::Contains("shape: one of"));
}

TEST_CASE("schema: every config of this repository validates", "[program]") {
  const Json schema = Json::parse(run_program("schema").out);
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(source_path("configs"))) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().string());
    CHECK(validate(toml_to_json(entry.path().string()), schema) == std::vector<std::string>{});
    ++count;
  }
  CHECK(count >= 3);
}

TEST_CASE("schema: a config with a mistake does not validate", "[program]") {
  const Json schema = Json::parse(run_program("schema").out);
  const StudyFixture fixture;
  const std::string path =
      fixture.folder.write("bad.toml", "[run]\ntitle='x'\nfrequency='monthly'\nhorizn=3\n");
  CHECK(validate(toml_to_json(path), schema).size() == 1);
}

TEST_CASE("program: version and help", "[program]") {
  CHECK_THAT(run_program("--version").out, Catch::Contains("amnok 0."));
  const ProgramResult help = run_program("--help");
  CHECK(help.exit_code == 0);
  for (const char* command : {"run", "check", "fit", "effects", "models", "schema", "Exit codes"}) {
    CHECK_THAT(help.out, Catch::Contains(command));
  }
}

TEST_CASE("check: the end of a series is said, and small figures where logarithms meet them",
          "[program]") {
  const StudyFixture fixture;
  std::string data = "date,m,x,p,w\n";
  for (int t = 0; t < 96; ++t) {
    const std::string month = format_period({Frequency::monthly, 2014 * 12 + t});
    const std::string x = t > 90 ? "" : t < 40 ? "0.001" : fmt::format("{}", 3 + t % 5);
    data += fmt::format("{},{},{},{},{}\n", month, t % 20 == 0 ? 0.01 : 5 + t % 7 - (t > 60), x,
                        100 + t % 3, 50 + t % 4);
  }
  fixture.folder.write("data.csv", data);
  std::string text = StudyFixture::models_toml();
  text.replace(text.find("target = \"log(x)\""), 17, "target = \"sqrt(x)\"");
  fixture.folder.write("study.toml", text);
  const ProgramResult result = run_program("check study.toml", fixture.folder.path());
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out,
             Catch::Contains("x: no figure for 2021-08..2021-12 (5); the last figure is "
                             "of 2021-07, 5 periods before the sample ends"));
  CHECK_THAT(result.out, Catch::Contains("m: below 2 % of the median in 2014-01 (0.01), 2015-09"));
  CHECK_THAT(result.out, !Catch::Contains("x: below"));  // a square root takes them as they are
}

TEST_CASE("run: draws beyond the edge of a Box-Cox target are counted, never printed",
          "[program]") {
  const StudyFixture fixture;
  const auto run = [&](const std::string& target) {
    std::string text = StudyFixture::models_toml();
    const std::string plain = "target = \"log(x)\"\norder = [1, 0, 0]";
    text.replace(text.find(plain), plain.size(), "target = \"" + target + "\"\norder = [0, 2, 0]");
    fixture.folder.write("study.toml", text + StudyFixture::scenarios_toml());
    return run_program("run study.toml -q -o out --force", fixture.folder.path());
  };
  // lambda below zero: infinity lies at a finite distance.
  const ProgramResult negative = run("boxcox(x, -1)");
  CHECK(negative.exit_code == 3);
  CHECK_THAT(negative.err, Catch::Contains("x is not defined in scenario stay from 2022-"));
  CHECK_THAT(fixture.folder.read("out/summary.txt"),
             Catch::Contains("not defined") && Catch::Contains("lambda is negative: large errors"));
  for (const char* file : {"summary.txt", "projections.csv", "effects.csv", "report.html"}) {
    CHECK_THAT(fixture.folder.read(std::string("out/") + file),
               !Catch::Contains(",nan") && !Catch::Contains("inf,") && !Catch::Contains(" nan"));
  }
  // lambda above zero: zero does.
  CHECK(run("boxcox(x, 0.7)").exit_code == 0);
  CHECK_THAT(fixture.folder.read("out/summary.txt"), Catch::Contains(" [0.0, "));
}

TEST_CASE("fit: JSON has the lambda of a Box-Cox target and the members of a combination",
          "[program]") {
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml();
  const std::string plain = "plugin = \"arima\"\ntarget = \"log(x)\"\norder = [1, 0, 0]";
  text.replace(text.find(plain), plain.size(),
               "plugin = \"combination\"\ntarget = \"boxcox(x, guerrero)\"");
  fixture.folder.write("study.toml", text);
  const ProgramResult result = run_program("fit study.toml --json -", fixture.folder.path());
  INFO(result.err);
  const Json x = Json::parse(result.out)["models"]["x"];
  CHECK(x["tables"]["box_cox"][0]["chosen_by"] == "guerrero");
  CHECK(x["tables"]["box_cox"][0]["lambda"].is_number());
  const Json& members = x["tables"]["members"];
  REQUIRE(members.size() == 4);
  CHECK(members[0]["member"] == "arima");
  CHECK(members[0]["weight"].get<double>() == Approx(1.0 / 3));
  CHECK(members[3]["member"] == "combination");
  CHECK(members[3]["forecast"].get<double>() > 0);
}

TEST_CASE("check: the example of combinations runs", "[program]") {
  const ProgramResult result = run_program("check configs/models/combined_prices.toml");
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
}

TEST_CASE("run: the example of systems runs, with its tables", "[program][var]") {
  const TemporaryFolder folder;
  const ProgramResult result = run_program(
      "run configs/models/trade_and_prices.toml -q --draws 400 -o " + folder.path() + "/r");
  INFO(result.out << result.err);
  REQUIRE(result.exit_code == 0);
  const Json models = Json::parse(folder.read("r/fits.json"))["models"];
  for (const char* name : {"imports", "exports", "brent", "world_rice"}) {
    CHECK(models[name]["plugin"] == "vector_autoregression");
    CHECK(models[name]["tables"]["responses"].size() == 13);
    CHECK(models[name]["tables"]["variance_shares"].size() == 12);
  }
  for (const char* table : {"lags", "roots", "shocks", "granger", "residual_tests"}) {
    INFO(table);
    CHECK(models["imports"]["tables"][table].size() > 0);
    CHECK_FALSE(models["exports"]["tables"].contains(table));
  }
  CHECK_THAT(folder.read("r/projections.csv"), Catch::Contains("dear_oil"));
}

TEST_CASE("check: an output that cannot be written is an error", "[program]") {
  if (!fs::exists("/dev/full")) return;
  const StudyFixture fixture;
  for (const char* arguments : {"check study.toml", "fit study.toml --json -"}) {
    const std::string command = "cd '" + fixture.folder.path() + "' && '" AMNOK_PROGRAM "' " +
                                arguments + " >/dev/full 2>err";
    const int status = std::system(command.c_str());
    CHECK(WEXITSTATUS(status) == 2);
    CHECK_THAT(fixture.folder.read("err"), Catch::Contains("cannot write standard output"));
  }
}

}  // namespace amnok
