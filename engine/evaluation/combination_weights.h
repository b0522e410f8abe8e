// Weights that combine forecasts of one target, one column of F a forecast (n x k).
//
//   inverse MSE          w_j ~ 1 / mean e_j^2              Bates & Granger (1969, Operational
//                                                          Research Quarterly 20, 451-468)
//   Granger-Ramanathan   y = c + F w + u, least squares    (1984, J. Forecasting 3, 197-204)
//   mixture              least squares, w >= 0, sum w = 1  the constrained form of the same
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// A forecast without an error takes all the weight (several share it).
VectorXd inverse_mse_weights(const VectorView& actual, const MatrixView& forecasts);
// The constant, then k weights; 0 for aliased forecasts.
VectorXd granger_ramanathan_weights(const VectorView& actual, const MatrixView& forecasts);
VectorXd mixture_weights(const VectorView& actual, const MatrixView& forecasts);

}  // namespace amnok
