// What the guide shows works.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

std::vector<std::string> toml_blocks(const std::string& page) {
  std::vector<std::string> blocks;
  const std::string open = "```toml\n", close = "```";
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    const std::size_t end = page.find(close, at);
    blocks.push_back(page.substr(at, end - at));
    at = end;
  }
  return blocks;
}

// What a page tells the reader to type: lines of blocks and words between back quotes that begin with
// build/amnok.
std::vector<std::string> commands_of(const std::string& page) {
  std::vector<std::string> commands;
  const std::string program = "build/amnok ";
  for (auto at = page.find(program); at != std::string::npos; at = page.find(program, at + 1)) {
    const auto from = at + program.size();
    const char before = at == 0 ? '\n' : page[at - 1];
    if (before != '\n' && before != '`') continue;
    commands.push_back(page.substr(from, page.find(before, from) - from));
  }
  return commands;
}

// File names of the pages are those of configs/scenarios.
std::string with_data_paths(std::string config) {
  const std::string from = "../../data/", to = source_path("data/");
  for (std::size_t at = config.find(from); at != std::string::npos; at = config.find(from, at)) {
    config.replace(at, from.size(), to);
  }
  return config;
}

}  // namespace

TEST_CASE("docs: every question of the cookbook runs", "[docs][program]") {
  const std::vector<std::string> blocks = toml_blocks(read_file(source_path("docs/cookbook.md")));
  REQUIRE(blocks.size() == 11);
  TemporaryFolder folder;
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    INFO(blocks[i]);
    const std::string config =
        folder.write(std::to_string(i) + ".toml", with_data_paths(blocks[0] + "\n" + blocks[i]));
    const ProgramResult result = run_program("run " + config + " -q --draws 400 -o " +
                                             folder.path() + "/r" + std::to_string(i));
    INFO(result.err);
    CHECK(result.exit_code == 0);
  }
}

TEST_CASE("docs: the guide has every change of the schema, each with a picture",
          "[docs][program]") {
  const std::string guide = read_file(source_path("docs/guide.md"));
  const Json schema = Json::parse(run_program("schema").out);
  const Json& changes = schema["properties"]["scenarios"]["additionalProperties"]["properties"]
                              ["changes"]["items"]["oneOf"];
  REQUIRE(changes.size() == 9);
  for (const Json& change : changes) {
    const std::string kind = change["required"][0];
    INFO(kind);
    const auto heading = guide.find("`" + kind + "`");
    REQUIRE(heading != std::string::npos);
    // The words of its own keys, and a picture before the next heading.
    const auto next = guide.find("\n### ", heading);
    const std::string part = guide.substr(heading, next - heading);
    CHECK_THAT(part, Catch::Contains("](pictures/"));
    for (const auto& mode :
         change["properties"].value("mode", Json::object()).value("enum", Json::array())) {
      INFO(mode.get<std::string>());
      CHECK_THAT(part, Catch::Contains("`" + mode.get<std::string>() + "`"));
    }
  }
  int pictures = 0;
  const std::string open = "](pictures/";
  for (auto at = guide.find(open); at != std::string::npos; at = guide.find(open, at + 1)) {
    const auto from = at + open.size();
    const std::string name = guide.substr(from, guide.find(')', from) - from);
    INFO(name);
    ++pictures;
    CHECK(read_file(source_path("docs/pictures/" + name)).substr(0, 5) == "<?xml");
    if (name != "effect.svg") {  // of the run of mixture.toml
      CHECK(!read_file(source_path("docs/pictures/" + name.substr(0, name.size() - 4) + ".toml"))
                 .empty());
    }
  }
  CHECK(pictures == 11);
}

TEST_CASE("docs: the configs of the guide's pictures are valid", "[docs][program]") {
  const std::string base = read_file(source_path("docs/pictures/base.toml"));
  TemporaryFolder folder;
  for (const char* part : {"paths", "paths_from", "events", "random_dates", "add_factors",
                           "fix_target", "parameter", "assumption", "conditions", "mixture"}) {
    INFO(part);
    const std::string config = folder.write(
        std::string(part) + ".toml",
        with_data_paths(base +
                        read_file(source_path(std::string("docs/pictures/") + part + ".toml"))));
    const ProgramResult result = run_program("check " + config);
    INFO(result.err);
    CHECK(result.exit_code == 0);
  }
}

TEST_CASE("docs: every snippet of the guide runs as a scenario", "[docs][program]") {
  const std::string base = read_file(source_path("docs/pictures/base.toml"));
  const std::vector<std::string> blocks = toml_blocks(read_file(source_path("docs/guide.md")));
  REQUIRE(blocks.size() == 8);
  TemporaryFolder folder;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    INFO(blocks[i]);
    const std::string name = std::to_string(i);
    const std::string config = folder.write(
        name + ".toml", with_data_paths(base +
                                        "[scenarios.hold]\nchanges = [{ path = \"wheat\" }, { path "
                                        "= \"world_rice\" }]\n[scenarios.snippet]\nextends = "
                                        "\"hold\"\n" +
                                        blocks[i]));
    const ProgramResult result = run_program("run " + config + " -q --numbers --draws 400 -o " +
                                             folder.path() + "/r" + name);
    INFO(result.err);
    CHECK(result.exit_code == 0);
    // Its changes stand in the ledger.
    const std::string rows = read_file(folder.path() + "/r" + name + "/assumptions.csv");
    CHECK_THAT(rows, Catch::Contains("snippet,"));
  }
}

TEST_CASE("docs: the commands of the guide work as typed", "[docs][program]") {
  TemporaryFolder folder;
  int count = 0;
  for (std::string command : commands_of(read_file(source_path("docs/guide.md")))) {
    INFO(command);
    command = command.substr(0, command.find(" > "));
    if (command.find("PLUGIN") != std::string::npos) command = "models arima";
    const auto run = command.find(" first");
    if (run != std::string::npos) command.replace(run + 1, 5, folder.path() + "/first");
    const ProgramResult result = run_program(command);
    INFO(result.err);
    // A format whose program is not there is said, and the others are written.
    const bool missing =
        result.exit_code == 2 && result.err.find("is not installed") != std::string::npos;
    CHECK((result.exit_code == 0 || missing));
    ++count;
  }
  CHECK(count == 7);
  CHECK(folder.has("first/report.html"));
  CHECK(folder.has("first/report.xlsx"));
}

TEST_CASE("docs: the example of every change runs and answers", "[docs][program]") {
  TemporaryFolder folder;
  const ProgramResult result = run_program(
      "run configs/scenarios/every_change.toml -q --draws 1000 -o " + folder.path() + "/r");
  INFO(result.err);
  CHECK(result.exit_code == 0);
  for (const char* file : {"answers.csv", "attribution.csv", "uncertainty.csv"}) {
    CHECK(read_file(folder.path() + "/r/" + file).size() > 100);
  }
  const std::string projections = read_file(folder.path() + "/r/projections.csv");
  CHECK_THAT(projections, Catch::Contains("mixture,imports_with_unrecorded"));
}

}  // namespace amnok
