// The report of a run as a document: the answer first, then projections, effects, assumptions,
// estimates, breaks, data, and how it was made.
#pragma once

#include "engine/report/document.h"
#include "engine/report/figures.h"
#include "engine/report/run_results.h"

namespace amnok {

// What a run rests on.
Provenance run_provenance(const RunResults& run);

Document report_document(const RunResults& run, const std::vector<Figure>& figures = {});

}  // namespace amnok
