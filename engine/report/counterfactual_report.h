// What there is to say of counterfactuals, in words and numbers.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/report/run_results.h"

namespace amnok {

// A sentence on the effect, and on what it rests: fit before, placebo dates, what could have been
// seen.
std::string counterfactual_verdict(const RunResults& run, const StudyCounterfactual& found);

// A section of the summary; empty when there are none.
std::string counterfactuals_text(const RunResults& run);

// effect, variable, unit, event, date, actual, counterfactual with its band, the period's effect, in
// per cent, and the cumulative effect, with bands; a line a period, empty: not known.
std::string counterfactuals_csv(const RunResults& run);

// By name, for `amnok effects --json`.
nlohmann::ordered_json counterfactuals_json(const RunResults& run);

}  // namespace amnok
