// Tests of residuals: autocorrelation, normality, conditional variance. NaN values are left out
// (autocorrelations use the pairs that are there).
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

// r_1 .. r_max_lag about the mean: sum (x_t - m)(x_{t-k} - m) / sum (x_t - m)^2.
VectorXd autocorrelations(const VectorView& x, int max_lag);
VectorXd partial_autocorrelations(const VectorView& x, int max_lag);

// Ljung & Box (1978, Biometrika 65, 297-303): n (n + 2) sum r_k^2 / (n - k), chi-squared with
// lag - fitted degrees of freedom; fitted: estimated AR and MA coefficients.
Diagnostic ljung_box(const VectorView& residuals, int lag, int fitted);

// Box & Pierce (1970): n sum r_k^2.
Diagnostic box_pierce(const VectorView& residuals, int lag, int fitted);

// Jarque & Bera (1980): n (skewness^2 / 6 + (kurtosis - 3)^2 / 24), chi-squared(2).
Diagnostic jarque_bera(const VectorView& residuals);

// Engle (1982, Econometrica 50, 987-1007): n R^2 of e_t^2 on a constant and its lags.
Diagnostic arch_lm(const VectorView& residuals, int lag);

}  // namespace amnok
