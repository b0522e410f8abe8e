// Projections as statistical offices print them: actual, estimate and projection columns, bands
// below the medians, memo items, footnotes for what is filled, incomplete or rounded.
#pragma once

#include <string>
#include <vector>

#include "engine/report/document.h"
#include "engine/report/run_results.h"

namespace amnok {

// Every shown variable by year, in one scenario: a row a variable, its band below it.
DocumentTable overview_table(const RunResults& run, const std::string& scenario);

// A variable by year: the recorded figures, then a row and its band a scenario. Empty tables are
// those of undated data.
DocumentTable annual_table(const RunResults& run, const std::string& variable);

// A variable by period: the last recorded ones, then the end of each quarter of the horizon.
DocumentTable period_table(const RunResults& run, const std::string& variable);

// The figures of a variable's years, for rounding and facts.
const AnnualPath* find_annual(const RunResults& run, const std::string& scenario,
                              const std::string& variable);
int annual_decimals(const RunResults& run, const std::string& variable);

// "3 of 12 months recorded, 9 projected".
std::string coverage_words(const AnnualCoverage& coverage, Frequency frequency);

}  // namespace amnok
