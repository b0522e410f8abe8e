// Limit distributions of the fluctuation tests. W: Brownian motion on [0, 1], B: Brownian bridge,
// both in k independent dimensions of which the largest counts.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// P(max_t |W(t)| / (1 + 2t) > x), one dimension: the boundary-crossing approximation of Brown,
// Durbin & Evans (1975, J. Royal Statistical Society B 37, 149-192, section 2.3), crossings of both
// lines included; below x = 0.3 the line 1 - 0.1465 x of R's strucchange. Rec-CUSUM.
double motion_p_value(double x);

// P(max |B| > x) = 1 - (1 + 2 sum_i (-1)^i exp(-2 i^2 x^2))^k (Kolmogorov). OLS-CUSUM (k = 1), RE.
double bridge_p_value(double x, int k);

// P(max_t |W(t + h) - W(t)| > x), simulated by Chu, Hornik & Kuan (1995a, Biometrika 82, 603-617);
// Rec-MOSUM. Ends held at 0.01; from 0.20 on a line to (0, 1), a rough guide. h outside
// [0.05, 0.50]: NaN.
double motion_increments_p_value(double x, double h);

// P(max_t |B(t + h) - B(t)| > x), simulated by Chu, Hornik & Kuan (1995b, Econometric Theory 11,
// 699-720); OLS-MOSUM (k = 1), ME. Ends held at 0.01; from 0.10 on a line to (0, 1). h outside
// [0.05, 0.50] or k above 6: NaN.
double bridge_increments_p_value(double x, double h, int k);

// P(integral of |B(t)|^2 dt > x), k dimensions added, by inversion of its Laplace transform
// (sqrt(2s) / sinh sqrt(2s))^{k/2} (Nyblom 1989) along the contour of Trefethen, Weideman and
// Schmelzer (2006, BIT 46, 653-670); correct to about 1e-12, towards 60
// dimensions to 1e-8; NaN above. Nyblom-Hansen with k - 1 regressors.
double bridge_square_integral_p_value(double x, int k);

// The x at which each of the above equals `level`; NaN where it is, and below the last level of a
// table (0.01).
double motion_critical_value(double level);
double bridge_critical_value(double level, int k);
double motion_increments_critical_value(double level, double h);
double bridge_increments_critical_value(double level, double h, int k);
double bridge_square_integral_critical_value(double level, int k);

}  // namespace amnok
