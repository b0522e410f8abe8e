// The chart of report.html whose scenarios can be switched and laid over each other.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

// The data and the script, as HTML; empty when there is nothing to draw.
std::string switchable_chart(const RunResults& run);

}  // namespace amnok
