// What [run] and [models] say about shocks and paths, as a user meets it.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

const std::vector<std::string> kResultFiles = {"summary.txt",   "projections.csv", "effects.csv",
                                               "fits.json",     "paths.csv",       "checks.json",
                                               "manifest.json", "assumptions.csv"};

// The fixture's config with more lines in [run] and in the equation of x.
std::string config_with(const std::string& run, const std::string& x = "") {
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  text.insert(text.find("frequency = "), run);
  text.insert(text.find("target = \"log(x)\""), x);
  return text;
}

void run_config(const StudyFixture& fixture, const std::string& text, const std::string& options) {
  fixture.folder.write("odd.toml", text);
  const ProgramResult result = run_program("run odd.toml -q " + options, fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("run: the summary, the ledger and the manifest say which shocks were drawn",
          "[program]") {
  const StudyFixture fixture;
  run_config(fixture, config_with("innovations = \"student_t\"\n", "innovations = \"bootstrap\"\n"),
             "-o out");
  const std::string summary = fixture.folder.read("out/summary.txt");
  CHECK_THAT(summary, Catch::Contains("\nshocks of m: Student t with ") &&
                          Catch::Contains("; x: 96 residuals, drawn with replacement; p: ") &&
                          Catch::Contains("note: innovations are Student t with"));
  const Json manifest = Json::parse(fixture.folder.read("out/manifest.json"));
  CHECK(manifest["innovations"]["m"]["distribution"] == "student_t");
  CHECK(manifest["innovations"]["m"]["df"].get<double>() >= 2.5);
  CHECK(manifest["innovations"]["x"]["distribution"] == "bootstrap");
  CHECK(manifest["innovations"]["x"]["residuals"] == 96);
  const std::string ledger = fixture.folder.read("out/assumptions.csv");
  CHECK_THAT(ledger, Catch::Contains(",,innovations,m,Student t with ") &&
                         Catch::Contains("odd.toml,3\n") &&
                         Catch::Contains(",,innovations,x,\"96 residuals, drawn with "
                                         "replacement\",judgement,"));
  CHECK_THAT(fixture.folder.read("out/report.html"), Catch::Contains("innovations <code>m</code>"));
}

TEST_CASE("run: gaussian innovations are those without the option, byte for byte", "[program]") {
  const StudyFixture fixture;
  // The ledger and the manifest name lines and the text of the config: the line is there in both.
  run_config(fixture, config_with("paths = 3\n#nnovations = \"gaussian\"\n"), "-o none");
  run_config(fixture, config_with("paths = 3\ninnovations = \"gaussian\"\n"), "-o said");
  for (const std::string& file : kResultFiles) {
    if (file == "manifest.json") continue;
    INFO(file);
    CHECK(fixture.folder.read("none/" + file) == fixture.folder.read("said/" + file));
  }
  const Json manifest = Json::parse(fixture.folder.read("none/manifest.json"));
  CHECK(manifest["innovations"]["p"]["distribution"] == "gaussian");
}

TEST_CASE("run: fat-tailed and resampled shocks do not depend on threads", "[program]") {
  const StudyFixture fixture;
  const std::string text =
      config_with("innovations = \"student_t\"\npaths = 5\n", "innovations = \"bootstrap\"\n");
  run_config(fixture, text, "-o a --threads 1 --draws 1200");
  run_config(fixture, text, "-o b --threads 2 --draws 1200");
  for (const std::string& file : kResultFiles) {
    INFO(file);
    CHECK(fixture.folder.read("a/" + file) == fixture.folder.read("b/" + file));
  }
}

TEST_CASE("run: the example of fat tails says where they are asked for", "[program]") {
  const TemporaryFolder folder;
  const ProgramResult result =
      run_program("run configs/scenarios/fat_tails.toml -q --draws 200 -o " + folder.path() + "/r");
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("shocks of exports: Student t with ") &&
                             Catch::Contains("the others: gaussian") &&
                             Catch::Contains("above the 5 % value 2.71"));
  CHECK(folder.has("r/paths.csv"));
}

TEST_CASE("run: paths.csv holds the first draws, and identities hold in each", "[program]") {
  const StudyFixture fixture;
  run_config(fixture, config_with("paths = 3\n"), "-o out");
  const std::vector<std::string> lines = lines_of(fixture.folder.read("out/paths.csv"));
  REQUIRE(lines.size() == 1u + 3u * 5u * 3u * 12u);
  CHECK(lines[0] == "scenario,variable,draw,date,value");
  CHECK_THAT(lines[1], Catch::StartsWith("stay,m,1,2022-01,"));
  CHECK_THAT(lines[12], Catch::StartsWith("stay,m,1,2022-12,"));
  CHECK_THAT(lines[13], Catch::StartsWith("stay,m,2,2022-01,"));
  std::map<std::string, double> value;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto comma = lines[i].rfind(',');
    value[lines[i].substr(0, comma)] = std::stod(lines[i].substr(comma + 1));
  }
  for (const char* at : {"1,2022-01", "3,2022-12"}) {
    const auto of = [&](const std::string& scenario, const std::string& variable) {
      return value.at(fmt::format("{},{},{}", scenario, variable, at));
    };
    CHECK(of("open", "balance") == Approx(of("open", "x") - of("open", "m")).epsilon(1e-8));
    CHECK(of("same", "p") == of("stay", "p"));  // the same draw in every scenario
  }
  // The numbers are those of the ensemble behind every other file.
  const Solved solved = solve_fixture(fixture, 400);
  CHECK(value.at("open,m,2,2022-05") ==
        Approx(solved.ensemble.at("open", "m")(4, 1)).epsilon(1e-9));
  const Json files = Json::parse(fixture.folder.read("out/manifest.json"))["files"];
  CHECK(std::count(files.begin(), files.end(), "paths.csv") == 1);
  for (const Json& file : files) {
    INFO(file);
    CHECK(fixture.folder.has("out/" + file.get<std::string>()));
  }
}

TEST_CASE("run: paths are written for the variables shown, and not unless asked for", "[program]") {
  const StudyFixture fixture;
  run_config(fixture, config_with("") + "[output]\nvariables = [\"balance\"]\n", "-o none");
  CHECK_FALSE(fixture.folder.has("none/paths.csv"));
  run_config(fixture, config_with("paths = 2\n") + "[output]\nvariables = [\"balance\"]\n",
             "-o some --scenario open");
  const std::vector<std::string> lines = lines_of(fixture.folder.read("some/paths.csv"));
  CHECK(lines.size() == 1u + 2u * 12u);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    CHECK_THAT(lines[i], Catch::StartsWith("open,balance,"));
  }
}

TEST_CASE("run: fewer draws than paths are all written, with a warning", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("odd.toml", config_with("paths = 300\n"));
  const ProgramResult result =
      run_program("run odd.toml --draws 100 -o out", fixture.folder.path());
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err,
             Catch::Contains("warning: run.paths is 300, but there are 100 draws: all of them are "
                             "written"));
  CHECK(lines_of(fixture.folder.read("out/paths.csv")).size() == 1u + 3u * 5u * 100u * 12u);
}

TEST_CASE("run: --numbers leaves out figures and the page, and changes no number", "[program]") {
  const StudyFixture fixture;
  const std::string text = config_with("paths = 3\n");
  run_config(fixture, text, "-o all");
  fixture.folder.write("odd.toml", text);
  const ProgramResult result =
      run_program("run odd.toml -q --numbers -o few", fixture.folder.path());
  REQUIRE(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("run folder: few") && !Catch::Contains("report.html"));
  namespace fs = std::filesystem;
  const fs::path few = fs::path(fixture.folder.path()) / "few";
  CHECK_FALSE(fs::exists(few / "report.html"));
  CHECK_FALSE(fs::exists(few / "figures"));
  for (const std::string& file : kResultFiles) {
    if (file == "manifest.json") continue;  // it lists the files
    INFO(file);
    CHECK(fixture.folder.read("few/" + file) == fixture.folder.read("all/" + file));
  }
  const std::string manifest = fixture.folder.read("few/manifest.json");
  CHECK_THAT(manifest, Catch::Contains("projections.csv") && !Catch::Contains("report.html"));
  const ProgramResult page = run_program("report few --to html", fixture.folder.path());
  CHECK(page.exit_code == 2);
  CHECK_THAT(page.err, Catch::Contains("few has no report.html: it was run with --numbers"));
  CHECK(run_program("report few --to md", fixture.folder.path()).exit_code == 0);
}

}  // namespace amnok
