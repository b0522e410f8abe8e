// Conditional prediction errors of an ARMA process: given the first p observations, with errors
// before as zero (Box, Jenkins & Reinsel 1994, Time Series Analysis, section 7.1.3).
//
//   e_t = y_t - sum_j phi_j y_{t-j} - sum_j theta_j e_{t-j},   t = p .. n - 1,   e_t = 0 before
//
// The sum of their squares (CSS) approximates the exact likelihood in long series that are far from
// the unit circle.
#pragma once

#include "engine/statespace/arma_filter.h"

namespace amnok {

// Of every column of `data` (n x c): (n - p) x c.
MatrixXd conditional_errors(const ArmaCoefficients& arma, const MatrixView& data);

// Of one series z that itself depends on the parameters through dz (n x k, or no columns), with
// their derivatives, (n - p) x k.
void conditional_errors_with_derivatives(const ArmaCoefficients& arma, const VectorView& z,
                                         const MatrixView& dz, VectorXd& errors,
                                         MatrixXd& derivatives);

}  // namespace amnok
