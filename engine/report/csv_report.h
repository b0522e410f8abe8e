// The CSV files of a run folder.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

// scenario, variable, unit, date, mean, sd, median, q025 .. q975, mc_error (of the mean), mc_q025
// ..
std::string projections_csv(const RunResults& run);
// scenario, variable, draw (from 1), date, value (empty: not defined): the first draws
std::string paths_csv(const RunResults& run);
// effect, scenario, against, variable, measure, date, mean, median, quantiles, probability_positive
std::string effects_csv(const RunResults& run);
// scenario (empty: before the horizon), variable, unit, year, measure (sum, mean, last), status
// (actual, estimate, partial, projection), how many periods there are of what, mean .. mc_q975 as
// in projections.csv (value alone before the horizon), realised
std::string annual_csv(const RunResults& run);
// scenario (empty: [events] and innovations, for all), inherited, kind, subject, detail, type,
// reason, source, file, line
// Empty when the study asks for none.
std::string attribution_csv(const RunResults& run);
std::string uncertainty_csv(const RunResults& run);
std::string answers_csv(const RunResults& run);
std::string assumptions_csv(const RunResults& run);

}  // namespace amnok
