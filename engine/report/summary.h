// summary.txt: what a run found, for people.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

std::string summary_text(const RunResults& run);

// The effects at the end of the horizon, and where they are largest.
std::string effects_text(const RunResults& run);

// Coefficients and diagnostics of one fit, for the terminal.
std::string fit_text(const FitResult& fit);

// "; log-likelihood -12.3, AICc 30.1, sigma 0.42": what there is of them.
std::string fit_measures(const FitResult& fit);

}  // namespace amnok
