// summary.txt: what a run found, for people.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

std::string summary_text(const RunResults& run);

// The effects at the end of the horizon.
std::string effects_text(const RunResults& run);

// Coefficients and diagnostics of one fit, for the terminal.
std::string fit_text(const FitResult& fit);

}  // namespace amnok
