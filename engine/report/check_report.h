// What `amnok check` says, as text and as checks.json.
#pragma once

#include <string>
#include <vector>

#include "engine/study/study_data.h"
#include "engine/system/system.h"

namespace amnok {

struct CheckText {
  std::string text;     // for the terminal
  bool failed = false;  // some check that is not a mere warning is violated
  bool usable = true;   // every equation converged
};

// `problems` are those of equations and scenarios: their warnings are shown, and errors counted.
CheckText check_text(const Study& study, const StudyData& data, const IdentityReport& report,
                     const std::vector<SeriesIssue>& issues,
                     const std::vector<BehaviouralEquation>& equations,
                     const ProblemList& problems);
std::string check_json(const Study& study, const StudyData& data, const IdentityReport& report,
                       const std::vector<SeriesIssue>& issues);

// "multiply imports 2020 (data/x.csv:5) = 7700 by 0.1 -> 770: ten times too large".
std::string repair_text(const Repair& repair, const Frame& frame);

}  // namespace amnok
