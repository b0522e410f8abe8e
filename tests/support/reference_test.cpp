#include "tests/support/reference_test.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "engine/cli/reference/reference_runner.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

// Where the reference is wrong or another quantity is meant; each is explained in
// tests/reference/known_differences.md.
const std::map<std::string, std::set<std::string>>& known_differences() {
  static const std::map<std::string, std::set<std::string>> known = {
      {"D-nist-nls-rat43", {"df_resid"}},
  };
  return known;
}

}  // namespace

void check_reference_case(const std::string& id) {
  const std::string folder = source_path("tests/reference");
  const CaseReport report =
      run_reference_case(load_reference_case(folder, folder + "/expected/" + id + ".json"));
  REQUIRE(report.error == "");
  const auto known = known_differences().find(id);
  int supported = 0;
  for (const Comparison& c : report.comparisons) {
    INFO(fmt::format("{} ours {} expected {} tolerance {} {}", c.name, c.ours, c.expected,
                     c.tolerance, c.words));
    const bool expected_to_differ =
        known != known_differences().end() && known->second.contains(c.name);
    if (c.outcome != Comparison::Outcome::not_supported) ++supported;
    if (expected_to_differ) {
      CHECK(c.outcome == Comparison::Outcome::failed);
    } else {
      CHECK(c.outcome != Comparison::Outcome::failed);
    }
  }
  CHECK(supported > 0);
}

}  // namespace amnok
