// What there is to say of counterfactuals, in words and numbers.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/report/document.h"
#include "engine/report/run_results.h"

namespace amnok {

// A sentence on the effect, and on what it rests: fit before, placebo dates, what could have been
// seen.
std::string counterfactual_verdict(const RunResults& run, const StudyCounterfactual& found);

// Actual and counterfactual at the ends of the quarters, then what the effect rests on: placebo
// dates, controls left out, donors. For documents and the page.
std::vector<DocumentTable> counterfactual_tables(const RunResults& run,
                                                 const StudyCounterfactual& found);

// How well the model did before the event, and its remarks.
std::vector<std::string> counterfactual_remarks(const StudyCounterfactual& found);

// A section of the summary; empty when there are none.
std::string counterfactuals_text(const RunResults& run);

// effect, variable, unit, event, date, actual, counterfactual with its band, the period's effect, in
// per cent, and the cumulative effect, with bands; a line a period, empty: not known.
std::string counterfactuals_csv(const RunResults& run);

// By name, for `amnok effects --json`.
nlohmann::ordered_json counterfactuals_json(const RunResults& run);

}  // namespace amnok
