// Is a series seasonal, and does it need a seasonal difference?
//
// period: observations a cycle. Missing values inside are interpolated linearly, those at the ends
// take the nearest value (R's nsdiffs interpolates the seasonally adjusted series). A period below
// 2, a constant series or one of at most two periods is never seasonal.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// The strength of seasonality, in [0, 1] (Wang, Smith & Hyndman 2006, Data Min. Knowl. Disc. 13,
// 335-364; Hyndman & Athanasopoulos 2021, Forecasting: Principles and Practice, sec. 4.3):
//   max(0, 1 - var(remainder) / var(remainder + seasonal))
// of an STL with seasonal window 11 and R's other defaults; the variances are of the periods that
// are observed.
double seasonal_strength(const VectorView& y, int period);

// Seasonal differences to take: 1 where the strength is above 0.64, else 0. The threshold is that
// of R's nsdiffs, chosen there on the seasonal series of the M3 competition.
int seasonal_differences_by_strength(const VectorView& y, int period);

// The 90 % test of Assimakopoulos & Nikolopoulos (2000, Int. J. Forecasting 16, 521-530), m the
// period and r the autocorrelations of y:
//   |r_m| > z_0.95 sqrt((1 + 2 sum_{i<m} r_i^2) / n)
bool is_seasonal_acf(const VectorView& y, int period);

}  // namespace amnok
