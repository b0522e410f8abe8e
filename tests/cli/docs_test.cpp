// What the guide shows works.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

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
