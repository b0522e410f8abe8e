// An average of arima models of one series: what no single choice of order, differences and
// transformation can tell with certainty.
//
//   logarithms   with their share by the likelihood of the airline model (cleaned_series.h)
//   outliers     half of the weight is on the series without them (cleaned_series.h)
//   orders       every candidate of the automatic search, by half of Akaike's exponent
//   drift        in logarithms three fifths of the weight are on a search without one: a constant rate
//                of growth for ever is a strong thing to say
//   differences  one more than the tests ask for, by the same exponent and a margin of 3.5: KPSS keeps
//                a stationary series too often; never d = 2 in logarithms. Models of different d are
//                compared as densities of the same differences: the constant of the model with fewer
//                is integrated out,
//                  log L + log(2 pi v) / 2,   v the variance of its estimate (REML)
//
// The margins and shares are judged on the M3 and tourism series (docs/accuracy.md).
#pragma once

#include <vector>

#include "models/arima/arima.h"

namespace amnok {

struct WeightedFit {
  double weight = 1;  // all add up to one
  Transform transform;
  FittedModel fitted;
};

// The members that weigh most, at most eight of each transformation and number of differences.
// sample: a level without regressors or sums.
std::vector<WeightedFit> average_arima(const Sample& sample);

}  // namespace amnok
