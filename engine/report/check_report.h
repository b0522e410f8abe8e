// What `amnok check` says, as text and as checks.json.
#pragma once

#include <string>
#include <vector>

#include "engine/scenario/study_data.h"

namespace amnok {

struct CheckText {
  std::string text;     // for the terminal
  bool failed = false;  // some check that is not a mere warning is violated
};

CheckText check_text(const Study& study, const StudyData& data, const IdentityReport& report,
                     const std::vector<SeriesIssue>& issues);
std::string check_json(const Study& study, const StudyData& data, const IdentityReport& report,
                       const std::vector<SeriesIssue>& issues);

// "multiply imports 2020 (data/x.csv:5) = 7700 by 0.1 -> 770: ten times too large".
std::string repair_text(const Repair& repair, const Frame& frame);

}  // namespace amnok
