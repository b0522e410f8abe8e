// `amnok run` as a user meets it.
#include <fmt/format.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/base/text.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const std::vector<std::string> kFiles = {
    "summary.txt",     "projections.csv", "effects.csv",   "fits.json",   "checks.json",
    "assumptions.csv", "report.html",     "manifest.json", "report.json", "annual.csv"};

std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    all[fs::relative(entry.path(), folder).string()] = text.str();
  }
  return all;
}

// Rows of a CSV without quoted cells, as maps by column.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& text) {
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> header;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
    cells.resize(std::max(cells.size(), header.size()));
    if (header.empty()) {
      header = cells;
      continue;
    }
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = cells[i];
  }
  return rows;
}

}  // namespace

TEST_CASE("run: writes every file, and they agree with each other", "[program]") {
  const StudyFixture fixture;
  const ProgramResult result =
      run_program("run study.toml -o out --threads 1", fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  for (const std::string& file : kFiles) {
    INFO(file);
    CHECK(fixture.folder.has("out/" + file));
  }
  // The terminal shows the summary.
  CHECK(result.out.find(fixture.folder.read("out/summary.txt")) == 0);
  CHECK(result.out.find("report:     out/report.html") != std::string::npos);

  const Json fits = Json::parse(fixture.folder.read("out/fits.json"));
  CHECK(fits["models"].size() == 3);
  CHECK(fits["models"]["m"]["status"] == "converged");
  CHECK(fits["models"]["m"]["coefficients"][0]["name"] == "ar1");
  const Json manifest = Json::parse(fixture.folder.read("out/manifest.json"));
  CHECK(manifest["draws"] == 400);
  CHECK(manifest["scenarios"].size() == 3);
  CHECK(manifest["inputs"].size() == 2);

  const auto projections = rows_of(fixture.folder.read("out/projections.csv"));
  CHECK(projections.size() == 3u * 5u * 12u);
  // A median of projections.csv stands in the summary, rounded.
  for (const auto& row : projections) {
    if (row.at("scenario") != "open" || row.at("variable") != "m" || row.at("date") != "2022-12")
      continue;
    CHECK_THAT(fixture.folder.read("out/summary.txt"),
               Catch::Contains(fmt::format("{:.0f} [", std::stod(row.at("median")))));
    CHECK_THAT(fixture.folder.read("out/report.html"),
               Catch::Contains(fmt::format("{:.0f} <span", std::stod(row.at("median")))));
    CHECK(std::stod(row.at("q05")) < std::stod(row.at("median")));
    CHECK(std::stod(row.at("mc_error")) > 0);
  }
  // effects = difference of the projections' means, because draws are paired.
  std::map<std::string, double> mean;
  for (const auto& row : projections) {
    if (row.at("variable") == "m" && row.at("date") == "2022-12")
      mean[row.at("scenario")] = std::stod(row.at("mean"));
  }
  for (const auto& row : rows_of(fixture.folder.read("out/effects.csv"))) {
    if (row.at("effect") == "opening" && row.at("variable") == "m" &&
        row.at("measure") == "level" && row.at("date") == "2022-12") {
      CHECK(std::stod(row.at("mean")) == Approx(mean["open"] - mean["stay"]).epsilon(1e-6));
    }
  }
}

TEST_CASE("run: one and two threads write identical files", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -o a --threads 1 -q", fixture.folder.path()).exit_code == 0);
  REQUIRE(run_program("run study.toml -o b --threads 2 -q", fixture.folder.path()).exit_code == 0);
  CHECK(contents(fixture.folder.path() + "/a") == contents(fixture.folder.path() + "/b"));
}

TEST_CASE("run: another seed gives other numbers, the same one the same", "[program]") {
  const StudyFixture fixture;
  const auto run = [&](const std::string& name, const std::string& options) {
    REQUIRE(run_program("run study.toml -q -o " + name + " " + options, fixture.folder.path())
                .exit_code == 0);
    return fixture.folder.read(name + "/projections.csv");
  };
  const std::string base = run("a", "");
  CHECK(base == run("b", "--seed 7"));
  CHECK(base != run("c", "--seed 8"));
}

TEST_CASE("run: only the asked scenarios, with the same numbers", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -q -o all", fixture.folder.path()).exit_code == 0);
  REQUIRE(
      run_program("run study.toml -q -o one --scenario open", fixture.folder.path()).exit_code ==
      0);
  const auto pick = [&](const std::string& folder) {
    std::vector<std::map<std::string, std::string>> rows;
    for (auto& row : rows_of(fixture.folder.read(folder + "/projections.csv"))) {
      if (row.at("scenario") == "open") rows.push_back(row);
    }
    return rows;
  };
  CHECK(pick("one").size() == 60);
  CHECK(pick("one") == pick("all"));
}

TEST_CASE("run: an earlier run is not overwritten unless forced", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const ProgramResult again =
      run_program("run study.toml -q -o out --seed 9", fixture.folder.path());
  CHECK(again.exit_code == 2);
  CHECK_THAT(again.err, Catch::Contains("out exists") && Catch::Contains("--force"));
  CHECK(run_program("run study.toml -q -o out --seed 9 --force", fixture.folder.path()).exit_code ==
        0);
  CHECK(Json::parse(fixture.folder.read("out/manifest.json"))["seed"] == 9);
}

TEST_CASE("run: --force replaces runs only", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("precious/thesis.txt", "words");
  const ProgramResult result =
      run_program("run study.toml -q -o precious --force", fixture.folder.path());
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::Contains("is not a run folder"));
  CHECK(fixture.folder.read("precious/thesis.txt") == "words");
}

TEST_CASE("run: without -o, runs get folders of their own", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -q", fixture.folder.path()).exit_code == 0);
  REQUIRE(run_program("run study.toml -q", fixture.folder.path()).exit_code == 0);
  CHECK(fixture.folder.has("runs/study/manifest.json"));
  CHECK(fixture.folder.has("runs/study-2/manifest.json"));
}

TEST_CASE("run: a folder that cannot be written is said, and nothing is left", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("file", "x");
  const ProgramResult result = run_program("run study.toml -q -o file/out", fixture.folder.path());
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::Contains("cannot make"));
  CHECK(fixture.folder.read("file") == "x");
  if (fs::exists("/dev/full")) {
    // A full disk while a single file is written.
    const ProgramResult full =
        run_program("fit study.toml --json /dev/full/x", fixture.folder.path());
    CHECK(full.exit_code == 2);
  }
}

TEST_CASE("run: without gnuplot the run is complete but for the drawings", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("no-tools/empty", "");
  const ProgramResult result = run_program("run study.toml -o out", fixture.folder.path());
  REQUIRE(result.exit_code == 0);
  CHECK(fixture.folder.has("out/figures/m.svg"));
  // An empty PATH for the program alone.
  const std::string program = AMNOK_PROGRAM;
  const std::string command = "cd '" + fixture.folder.path() + "' && PATH='" +
                              fixture.folder.path() + "/no-tools' '" + program +
                              "' run study.toml -o bare >/dev/null 2>err";
  CHECK(std::system(command.c_str()) == 0);
  CHECK_THAT(fixture.folder.read("err"), Catch::Contains("gnuplot is not installed"));
  CHECK(fixture.folder.has("bare/figures/m.gp"));
  CHECK(fixture.folder.has("bare/report.html"));
  CHECK_FALSE(fixture.folder.has("bare/figures/m.svg"));
}

TEST_CASE("run: the report is one file without network", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string html = fixture.folder.read("out/report.html");
  for (const char* link :
       {" src=", "<link", "<iframe", "@import", "url(", "fetch(", "XMLHttpRequest", "import("}) {
    INFO(link);
    CHECK(html.find(link) == std::string::npos);
  }
  // Links lead to places of the page.
  for (auto at = html.find("href=\""); at != std::string::npos; at = html.find("href=\"", at + 1)) {
    CHECK(html.substr(at + 6, 1) == "#");
  }
}

TEST_CASE("run: hostile labels cannot break the page", "[program]") {
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  const auto at = text.find("label = \"Imports\"");
  text.replace(at, 17, "label = \"<script>alert('x')</script> & \uC218\uC785\"");
  const StudyFixture fixture;
  fixture.folder.write("study.toml", text);
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string html = fixture.folder.read("out/report.html");
  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK(html.find("&lt;script&gt;") != std::string::npos);
  CHECK(html.find("\uC218\uC785") != std::string::npos);
}

TEST_CASE("run: a run that is killed leaves no folder of its name", "[program]") {
  const StudyFixture fixture;
  const std::string command = "cd '" + fixture.folder.path() +
                              "' && timeout -s KILL 0.3 '" AMNOK_PROGRAM
                              "' run study.toml -o out --draws 3000000 >/dev/null 2>&1";
  CHECK(std::system(command.c_str()) != 0);
  CHECK_FALSE(fixture.folder.has("out"));
}

TEST_CASE("run: Ctrl-C ends with nothing left behind", "[program]") {
  const StudyFixture fixture;
  const std::string command = "cd '" + fixture.folder.path() +
                              "' && timeout -s INT 0.3 '" AMNOK_PROGRAM
                              "' run study.toml -o out --draws 3000000 >/dev/null 2>err";
  CHECK(std::system(command.c_str()) != 0);
  for (const auto& entry : fs::directory_iterator(fixture.folder.path())) {
    CHECK(entry.path().filename().string().find("out") == std::string::npos);
  }
}

TEST_CASE("run: a termination is told by the exit code", "[program]") {
  const StudyFixture fixture;
  const std::string command = "cd '" + fixture.folder.path() +
                              "' && timeout --preserve-status -s TERM 0.3 '" AMNOK_PROGRAM
                              "' run study.toml -o out --draws 3000000 >/dev/null 2>err";
  const int status = std::system(command.c_str());
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 143);
}

TEST_CASE("run: what killed runs left behind is removed, what others write is not", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("out.unfinished-4000000/summary.txt", "half");  // above any process number
  fixture.folder.write("out.unfinished-1/summary.txt", "alive");
  fixture.folder.write("out.unfinished-notes/summary.txt", "mine");
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  CHECK_FALSE(fixture.folder.has("out.unfinished-4000000"));
  CHECK(fixture.folder.has("out.unfinished-1"));
  CHECK(fixture.folder.has("out.unfinished-notes"));
}

TEST_CASE("run: the study of the README is the file, and it runs", "[program]") {
  const std::string readme = read_file(source_path("README.md"));
  const auto begin = readme.find("```toml\n") + 8;
  const std::string block = readme.substr(begin, readme.find("```", begin) - begin);
  CHECK(block == read_file(source_path("configs/scenarios/first_study.toml")));
  const TemporaryFolder folder;
  const ProgramResult result = run_program(
      "run configs/scenarios/first_study.toml -q --draws 200 -o " + folder.path() + "/r");
  INFO(result.err);
  CHECK(result.exit_code == 0);
  // Without its [events], the closure has ended before the scenario ends it.
  std::string plain = block;
  const auto events = plain.find("[events.border_closure]");
  plain.erase(events, plain.find("[data.imports]") - events);
  for (std::size_t at = 0; (at = plain.find("../../data", at)) != std::string::npos; ++at) {
    plain.replace(at, 10, source_path("data"));
  }
  const ProgramResult check = run_program("check " + folder.write("plain.toml", plain));
  CHECK(check.exit_code == 2);
  CHECK_THAT(check.err,
             Catch::Contains("event \"border_closure\" cannot end in 2022-09: it ended on "
                             "2022-01-16"));
}

TEST_CASE("run: the working folder changes no byte", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("elsewhere/x", "");
  REQUIRE(run_program("run study.toml -q -o a", fixture.folder.path()).exit_code == 0);
  REQUIRE(
      run_program("run ../study.toml -q -o ../b", fixture.folder.path() + "/elsewhere").exit_code ==
      0);
  REQUIRE(run_program("run '" + fixture.config + "' -q -o '" + fixture.folder.path() + "/c'")
              .exit_code == 0);
  CHECK(contents(fixture.folder.path() + "/a") == contents(fixture.folder.path() + "/b"));
  CHECK(contents(fixture.folder.path() + "/a") == contents(fixture.folder.path() + "/c"));
  const std::string root = source_path("");
  const std::string study = "configs/papers/border_2022/border_2022.toml";
  const std::string options = " -q --draws 100 -o " + fixture.folder.path();
  REQUIRE(run_program("run " + study + options + "/d").exit_code == 0);
  REQUIRE(run_program("run border_2022.toml" + options + "/e",
                      source_path("configs/papers/border_2022"))
              .exit_code == 0);
  CHECK(contents(fixture.folder.path() + "/d") == contents(fixture.folder.path() + "/e"));
}

TEST_CASE("run: a projection that is not defined is named, and the exit code tells", "[program]") {
  // w is held at its last value, so some draws of x - 50 are negative and all of x - 1000 are.
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml() +
                     "some = \"log(x - 50)\"\nnone = \"log(x - 1000)\"\nzero = \"1 / (x - x)\"\n" +
                     "[scenarios.stay]\nchanges = [{ path = \"w\" }]\n";
  fixture.folder.write("study.toml", text);
  const ProgramResult result = run_program("run study.toml -o out", fixture.folder.path());
  CHECK(result.exit_code == 3);
  for (const char* variable : {"some", "none", "zero"}) {
    CHECK_THAT(result.err,
               Catch::Contains(fmt::format("warning: {} is not defined in scenario stay "
                                           "from 2022-01 on, in up to ",
                                           variable)));
  }
  CHECK_THAT(result.err, Catch::Contains("in up to 100 % of the draws (12 of 12 periods)") &&
                             Catch::Contains("nothing to draw of none, zero") &&
                             !Catch::Contains("gnuplot"));
  const std::string summary = fixture.folder.read("out/summary.txt");
  CHECK_THAT(summary, Catch::Contains("no known value") && Catch::Contains("not defined") &&
                          !Catch::Contains("inf in"));
  CHECK_THAT(fixture.folder.read("out/report.html"),
             Catch::Contains("none is not defined in scenario stay"));
}

TEST_CASE("run: probabilities, notes and events of the study are shown", "[program]") {
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  const auto add = [&](const std::string& behind, const std::string& more) {
    text.insert(text.find(behind) + behind.size(), more);
  };
  add("[scenarios.stay]\n", "probability = 0.5\nnote = \"As it was.\"\n");
  add("[scenarios.same]\n", "probability = 0.2\n");
  add("[scenarios.open]\n", "probability = 0.3\n");
  text += "[events.closure]\nend = \"open\"\nreason = \"it goes on\"\nsource = \"a paper\"\n";
  const StudyFixture fixture;
  fixture.folder.write("study.toml", text);
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string summary = fixture.folder.read("out/summary.txt");
  const std::string html = fixture.folder.read("out/report.html");
  CHECK_THAT(summary,
             Catch::Contains("Closed (50 %): As it was.") && Catch::Contains("Open (30 %)"));
  CHECK_THAT(html, Catch::Contains("Closed (50 %)") && Catch::Contains("it goes on [a paper]"));
  CHECK_THAT(
      fixture.folder.read("out/assumptions.csv"),
      Catch::Contains("\n,,event,closure,\"starts on 2019-01-01, goes on (the calendar's own "
                      "entry is changed)\",data,it goes on,a paper,study.toml,"));
}

TEST_CASE("run: identities of the data are shown, and violated ones tell by the exit code",
          "[program]") {
  const StudyFixture fixture;
  const auto run_with = [&](const std::string& check, int code) {
    fixture.folder.write("study.toml",
                         StudyFixture::models_toml() + StudyFixture::scenarios_toml() + check);
    const ProgramResult result =
        run_program("run study.toml -q --force -o out", fixture.folder.path());
    CHECK(result.exit_code == code);
    return result.err;
  };
  run_with("[[checks]]\nidentity = \"m + x = x + m\"\n", 0);
  CHECK_THAT(fixture.folder.read("out/summary.txt"), Catch::Contains("ok        m + x = x + m"));
  CHECK_THAT(run_with("[[checks]]\nidentity = \"m = x\"\n", 3),
             Catch::Contains("1 identity is violated"));
  CHECK_THAT(fixture.folder.read("out/summary.txt"),
             Catch::Contains("VIOLATED  m = x") && Catch::Contains("of 96 periods"));
  CHECK_THAT(fixture.folder.read("out/report.html"), Catch::Contains("VIOLATED"));
  run_with("[[checks]]\nidentity = \"m = x\"\nseverity = \"warning\"\n", 0);
}

TEST_CASE("run: effects say exact zeros and where they are largest", "[program]") {
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  text +=
      "[scenarios.while]\nextends = \"stay\"\nchanges = [{ add_factor = \"x\", value = 0.5, from = "
      "\"2022-02\", to = \"2022-03\" }]\n[effects.passing]\ncompare = [\"while\", \"stay\"]\n";
  const StudyFixture fixture;
  fixture.folder.write("study.toml", text);
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string summary = fixture.folder.read("out/summary.txt");
  CHECK_THAT(summary, Catch::Contains("exactly 0"));
  CHECK_THAT(summary, Catch::Contains("exactly no effect on: Imports"));
  CHECK(fixture.folder.has("out/figures/effect.passing.svg"));
  CHECK(fixture.folder.has("out/figures/effect.passing.x.dat"));
  CHECK_FALSE(fixture.folder.has("out/figures/effect.nothing.svg"));
  bool balance = false;
  for (const auto& row : rows_of(fixture.folder.read("out/effects.csv"))) {
    // p is no flow; m, x and their difference are.
    CHECK_FALSE((row.at("variable") == "p" && row.at("measure") == "cumulative"));
    CHECK_FALSE((row.at("variable") == "balance_3m" && row.at("measure") == "cumulative"));
    balance = balance || (row.at("variable") == "balance" && row.at("measure") == "cumulative");
  }
  CHECK(balance);
}

TEST_CASE("run: medians that all scenarios share name none of them", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("study.toml", StudyFixture::models_toml() + R"toml(
[scenarios.a]
probability = 0.5
changes = [{ path = "w" }]
[scenarios.b]
probability = 0.5
extends = "a"
changes = [{ end_event = "closure", at = "2022-04" }]
)toml");
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string summary = fixture.folder.read("out/summary.txt");
  CHECK_THAT(summary, Catch::Contains("(all alike)") && Catch::Contains("(b)"));
  CHECK_THAT(fixture.folder.read("out/report.html"), Catch::Contains(">all alike</span>"));
  CHECK_THAT(fixture.folder.read("out/report.json"), Catch::Contains("\"all alike\""));
}

TEST_CASE("run: long tables of a fit are cut in the summary, whole in the JSON", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("study.toml",
                       "[run]\ntitle = \"t\"\nfrequency = \"monthly\"\n[data.w]\nfile = "
                       "\"data.csv\"\ncolumn = \"w\"\n[models.w]\nplugin = "
                       "\"unobserved_components\"\ntarget = \"w\"\nseasonal = \"none\"\n");
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  CHECK_THAT(fixture.folder.read("out/summary.txt"),
             Catch::Contains("the first 4 and the last 12 of 96 rows; all are in the JSON") &&
                 Catch::Contains("2014-01") && !Catch::Contains("2017-06"));
  CHECK_THAT(fixture.folder.read("out/fits.json"), Catch::Contains("2017-06"));
}

TEST_CASE("run: which rows there are does not hang on the seed", "[program]") {
  const StudyFixture fixture;
  const auto keys = [&](const std::string& seed) {
    REQUIRE(run_program("run study.toml -q --force -o out --draws 100 --seed " + seed,
                        fixture.folder.path())
                .exit_code == 0);
    std::vector<std::string> all;
    for (const auto& row : rows_of(fixture.folder.read("out/effects.csv"))) {
      all.push_back(row.at("effect") + row.at("variable") + row.at("measure") + row.at("date"));
    }
    return all;
  };
  CHECK(keys("1") == keys("2"));
}

TEST_CASE("run: with one scenario, nothing is nearest and effects are said to be left out",
          "[program]") {
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  const std::string sample = "sample = \"2014-01..2021-12\"";
  text.replace(text.find(sample), sample.size(), "sample = \"2014-01..2021-06\"");
  fixture.folder.write("study.toml", text);
  REQUIRE(
      run_program("run study.toml -q -o one --scenario stay", fixture.folder.path()).exit_code ==
      0);
  const std::string one = fixture.folder.read("one/summary.txt");
  CHECK_THAT(one, Catch::Contains("Imports: the 90 % band held ") && !Catch::Contains("nearest"));
  CHECK_THAT(one, Catch::Contains("Effect \"opening\" is left out: scenario open was not run."));
  REQUIRE(run_program("run study.toml -q -o all", fixture.folder.path()).exit_code == 0);
  const std::string all = fixture.folder.read("all/summary.txt");
  // x does not answer the opening, so all scenarios are alike.
  CHECK_THAT(all, Catch::Contains("x: all scenarios came equally near"));
}

TEST_CASE("run: figures have titles, dates and a key of what they show", "[program]") {
  const StudyFixture fixture;
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string svg = fixture.folder.read("out/figures/m.svg");
  CHECK(svg.find("<title>Imports</title>") != std::string::npos);
  CHECK(svg.find("median") != std::string::npos);
  CHECK(svg.find("realised") == std::string::npos);  // the data end with the sample
  CHECK(fixture.folder.read("out/figures/m.gp").find("# Run `gnuplot m.gp` in this folder.\n") ==
        0);
  // The fan opens at the last observation.
  const std::string fan = fixture.folder.read("out/figures/m.open.dat");
  std::istringstream lines(fan.substr(fan.find('\n') + 1));
  std::string time, period, mean, median, q05;
  lines >> time >> period >> mean >> median >> q05;
  CHECK(period == "2021-12");
  CHECK(mean == q05);
}

TEST_CASE("run: the report's chart has every scenario, and no label ends its data", "[program]") {
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  const std::string label = "label = \"Open\"";
  text.replace(text.find(label), label.size(), "label = \"</script><b>\"");
  fixture.folder.write("study.toml", text);
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const std::string html = fixture.folder.read("out/report.html");
  const std::string open = "<script type=\"application/json\" id=\"report-data\">";
  const auto begin = html.find(open) + open.size();
  const Json data = Json::parse(html.substr(begin, html.find("</script>", begin) - begin));
  REQUIRE(data["variables"].size() == 5);
  REQUIRE(data["scenarios"].size() == 3);
  CHECK(data["scenarios"][2]["label"] == "</script><b>");
  CHECK(data["variables"][0]["fans"][0][0].size() == 12);
  CHECK(html.find("getElementById('report-data')") != std::string::npos);
}

TEST_CASE("run: the manifest names what the numbers rest on", "[program]") {
  const TemporaryFolder folder;
  REQUIRE(run_program("run configs/papers/border_2022/border_2022.toml -q --draws 100 -o " +
                      folder.path() + "/r")
              .exit_code == 0);
  const Json manifest = Json::parse(folder.read("r/manifest.json"));
  for (const char* library : {"eigen", "boost", "fmt", "ceres", "toml++", "cli11", "nlohmann-json",
                              "tbb", "libcsv", "libmd", "gnuplot"}) {
    INFO(library);
    CHECK(manifest["libraries"][library].get<std::string>().size() >= 3);
  }
  std::vector<std::string> inputs;
  for (const Json& input : manifest["inputs"]) inputs.push_back(input["file"]);
  CHECK(std::count(inputs.begin(), inputs.end(), "../../../data/china_dprk_trade/dataset.toml") ==
        1);
  CHECK(manifest["config"]["file"] == "border_2022.toml");
}

TEST_CASE("run: a regression with autocorrelated errors says where its projection starts",
          "[program]") {
  const ProgramResult result = run_program("fit configs/papers/border_2022/latest.toml");
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("a projection restarts from the equation, not from its "
                                         "last residual"));
}

}  // namespace amnok
