// report.html: one self-contained file.
#pragma once

#include <string>

#include "engine/report/figures.h"
#include "engine/report/run_results.h"

namespace amnok {

// `folder` holds the drawn figures, which are put into the page.
std::string html_report(const RunResults& run, const FigureResult& figures,
                        const std::string& folder);

std::string html_escape(std::string_view text);

}  // namespace amnok
