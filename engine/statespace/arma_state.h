// The covariance of the ARMA state of engine/statespace/arma_filter.h, with unit innovation variance.
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// P_1, before any observation, from its first column upwards (r x r, r >= max(p, q + 1)):
//
//   P_ij = phi_{i+1} phi_{j+1} P_00 + phi_{i+1} P_{0,j+1} + phi_{j+1} P_{i+1,0} + P_{i+1,j+1} + R_i R_j
//
// False: not stationary.
bool arma_state_covariance(const std::vector<double>& ar, const std::vector<double>& ma, int r,
                           MatrixXd& covariance);

// P_{n+1}, of the state of the next period given n observations without a gap, r = max(p, q + 1):
//
//   P_{n+1} = P_1 + sum_{t <= n} M_t L_t L_t'
bool arma_state_covariance_after(const std::vector<double>& ar, const std::vector<double>& ma,
                                 int n, MatrixXd& covariance);

}  // namespace amnok
