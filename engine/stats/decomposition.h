// Classical decomposition by moving averages (Kendall & Stuart 1983, Vol. 3, 410-414), with the
// conventions of R's decompose.
//
//   additive         y = trend + seasonal + remainder
//   multiplicative   y = trend seasonal remainder
//
// trend: the centred moving average over a period, missing for half a period at each end. The
// indices are the seasons' means of y - trend (or y / trend), centred to sum 0 (or mean 1). The
// first index belongs to the first observation.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

enum class Seasonality { additive, multiplicative };

struct Decomposition {
  VectorXd trend, seasonal, remainder;  // n; NaN where the trend is missing
  VectorXd indices;                     // period
};

// The mean of `period` neighbours, for an even period of period + 1 neighbours with half weight at
// the ends (2 x m). NaN for period / 2 observations at each end and next to missing ones.
VectorXd centred_moving_average(const VectorView& y, int period);

// Missing observations are left out of the indices. Throws InputError when the period is below 2,
// fewer than two periods are observed, a season has no index, or a multiplicative trend is zero.
Decomposition classical_decomposition(const VectorView& y, int period, Seasonality seasonality);

}  // namespace amnok
