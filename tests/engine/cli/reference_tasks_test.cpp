// Cases of the reference format that the public battery does not have.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "tests/support/break_series.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

// A case of 60 rows and k - 1 regressors with a break in the middle; `gaps` are empty rows or no
// rows.
ReferenceCase break_case(const TemporaryFolder& folder, const std::string& name, int k,
                         const std::string& spec, bool gaps) {
  const BreakSeries s = break_series(21, 60, k, 1);
  std::string csv = "t,y";
  for (int j = 1; j < k; ++j) csv += fmt::format(",x{}", j);
  csv += "\n";
  for (int t = 0; t < 60; ++t) {
    const bool gap = t == 7 || t == 40;
    if (gap && !gaps) continue;
    csv += fmt::format("{},{}", t + 1, gap ? "" : fmt::format("{:.12g}", s.y(t)));
    for (int j = 1; j < k; ++j) csv += fmt::format(",{:.12g}", s.x(t, j));
    csv += "\n";
  }
  std::filesystem::create_directories(folder.path() + "/data");
  std::filesystem::create_directories(folder.path() + "/expected");
  folder.write("data/" + name + ".csv", csv);
  folder.write("expected/" + name + ".json",
               R"({"schema": "reference-case/1", "id": ")" + name +
                   R"(", "area": "B", "task": "x", "title": "x", "data": {"files": ["data/)" +
                   name + R"(.csv"]}, "spec": {)" + spec + R"(}, "expected": {}})");
  return load_reference_case(folder.path(), folder.path() + "/expected/" + name + ".json");
}

}  // namespace

TEST_CASE("reference tasks: break cases leave out incomplete rows") {
  const TemporaryFolder folder;
  const std::string dates = R"("formula": "y ~ x1", "h": 0.15, "max_breaks": 3)";
  const std::string tests = R"("formula": "y ~ x1", "mosum_h": 0.15, "chow_point": 29)";
  const auto same = [&](const auto& run, const std::string& name, const std::string& spec) {
    Quantities with = run(break_case(folder, name + "_gaps", 2, spec, true));
    Quantities without = run(break_case(folder, name, 2, spec, false));
    REQUIRE(with.size() == without.size());
    for (const auto& [key, value] : without) {
      INFO(key);
      CHECK(with[key].numbers == value.numbers);
      for (const double number : with[key].numbers) CHECK(std::isfinite(number));
    }
  };
  same(run_bai_perron_breakpoints, "dates", dates);
  same(run_stability_tests, "tests", tests);
}

TEST_CASE("reference tasks: F candidates leave one observation more than coefficients") {
  const TemporaryFolder folder;
  // floor(0.03 58) = 1 of 58 complete rows; two coefficients need 3 on each side.
  const Quantities q = run_stability_tests(
      break_case(folder, "few", 2, R"("formula": "y ~ x1", "fstats_from": 0.03)", true));
  CHECK(q.at("n_fstats").numbers[0] == 58 - 2 * 3 + 1);
}

TEST_CASE("reference tasks: moving estimates of many coefficients have the p-value of six") {
  const TemporaryFolder folder;
  const Quantities q = run_stability_tests(
      break_case(folder, "many", 8,
                 R"("formula": "y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7", "mosum_h": 0.25)", false));
  const double p = q.at("me_p").numbers[0];
  CHECK(p >= 0.01);
  CHECK(p <= 1);
}

}  // namespace amnok
