// Past events in report.html: for each counterfactual its verdict, three charts (observed and
// without the event, the difference, the difference added up) and what it rests on.
#pragma once

#include <string>

#include "engine/report/html_text.h"

namespace amnok {

// Empty without counterfactuals. The charts are drawn by report.js from `past` of report_data.
std::string past_section(const RunResults& run, const PageWords& words);

}  // namespace amnok
