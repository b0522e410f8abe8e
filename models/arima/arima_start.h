// Start values of ARMA parameters: Hannan & Rissanen (1982, Biometrika 69, 81-94).
#pragma once

#include "models/arima/arima_spec.h"

namespace amnok {

// Seasonal and ordinary coefficients from a regression of w on its own lags and on lags of the
// residuals of a long autoregression; zeros when w is too short. Order: ar, ma, sar, sma. They need
// not be admissible.
VectorXd hannan_rissanen(const VectorView& w, const ArimaOrder& order);

// y with gaps filled by straight lines, for start values only.
VectorXd interpolate(const VectorView& y);

}  // namespace amnok
