// report.html: one self-contained file, for whoever asks for the answer first.
//
// Answer, fan charts with the scenarios side by side and over each other, assumptions to move,
// tables, effects, what came true, the assumption ledger, breaks, estimates, data, provenance. Fixed
// texts come from one table (page_text.h), which [labels] of the config may override.
#pragma once

#include <string>

#include "engine/report/figures.h"
#include "engine/report/run_results.h"

namespace amnok {

// `figures`: what gnuplot drew into the folder; only its problems are on the page.
std::string html_report(const RunResults& run, const FigureResult& figures);

}  // namespace amnok
