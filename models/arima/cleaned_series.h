// A series as it would have been without its outliers: additive ones, level shifts and, where there is
// a season, transitory changes with |t| of 3.5 or more in the airline model (without a season,
// IMA(1,1)); the search is that of arima_outliers.h. What comes before a level shift is moved to where
// the series stands now.
//
// Averages of models (arima_average.h, amnok forecast) put half of their weight on it: a strike in the
// last season is no part of the season to come, and what looks like one may come again.
#pragma once

#include <optional>

#include "engine/model/sample.h"

namespace amnok {

// sample: a series without regressors or sums, in levels or logarithms. Nothing: it has no outliers,
// or is too short to tell.
std::optional<Sample> without_outliers(const Sample& sample);

// The same of a level, in logarithms where log_share is more than a half.
std::optional<Sample> level_without_outliers(const Sample& level);

Sample in_logarithms(const Sample& level);

// How far the airline model prefers logarithms, 0 to 1: 1 / (1 + exp(x / 12)), x the excess of their
// -2 log L over that of levels (Gomez & Maravall's comparison in TRAMO), plus a margin of 10. Throws
// InputError where the model has too few observations.
double log_share(const Sample& level);

}  // namespace amnok
