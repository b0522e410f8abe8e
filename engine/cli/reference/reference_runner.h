// Runs reference cases and compares. A quantity that the engine does not compute is *not
// supported*, never passed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/cli/reference/reference_case.h"

namespace amnok {

using Quantities = std::map<std::string, Quantity>;
// Builds the case from its spec alone and computes what it can.
using ReferenceTask = std::function<Quantities(const ReferenceCase&)>;

// Every task we know, by name.
const std::map<std::string, ReferenceTask>& reference_tasks();

struct Comparison {
  enum class Outcome { passed, failed, not_supported };
  std::string name;
  Outcome outcome = Outcome::not_supported;
  double ours = kMissing, expected = kMissing, tolerance = 0;  // of the worst element
  double ratio = 0;   // |ours - expected| / tolerance of the worst element
  std::string words;  // for texts, and wrong sizes
};

// |x - value| <= atol + rtol |value| elementwise; "max": x >= value - atol; "min": x <= value + ...
Comparison compare(const Expectation& expected, const Quantities& ours);

struct CaseReport {
  std::string id, area, task;
  std::vector<Comparison> comparisons;
  std::string error;  // the case could not be run

  int count(Comparison::Outcome outcome) const;
  bool failed() const;
  const Comparison* worst() const;  // the failure farthest off, else the closest call; may be null
};

CaseReport run_reference_case(const ReferenceCase& reference_case);

struct ReferenceFilter {
  std::vector<std::string> areas, tasks, ids;  // empty: all
};
// All cases of folder/expected, in the order of their names.
std::vector<CaseReport> run_reference_folder(const std::string& folder,
                                             const ReferenceFilter& filter);

}  // namespace amnok
