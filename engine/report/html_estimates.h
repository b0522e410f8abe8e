// Equations on report.html: breaks with their permanence in words, then estimates with diagnostics.
#pragma once

#include <string>

#include "engine/report/html_text.h"

namespace amnok {

// Empty when no equation looks for breaks.
std::string breaks_section(const RunResults& run, const PageWords& words);
std::string estimates_section(const RunResults& run, const PageWords& words);

}  // namespace amnok
