// Panels whose slopes differ by entity, and whose errors share unobserved factors.
//
//   y_it = a_i + x_it'b_i + e_it,   b_i = b + v_i
//
//   mean_group          mean over entities of their own least squares (Pesaran & Smith 1995,
//                       J. Econometrics 68, 79-113)
//   cce_mean_group      the same with the period means of y and x as further regressors, which
//                       stand for common factors (Pesaran 2006, Econometrica 74, 967-1012, eq. 53)
//   cce_pooled          one slope: entities' squares of x, constant and period means taken out,
//                       added up (eq. 65; covariance eqs 67 and 69)
//
// Covariances are from the spread of the b_i: sum (b_i - b)(b_i - b)' / (N (N - 1)). Entities with
// too few rows for their own regression, or collinear ones, are left out and listed. Input error:
// fewer than two entities remain.
#pragma once

#include <vector>

#include "engine/regression/panel.h"

namespace amnok {

struct HeterogeneousFit {
  VectorXd coefficients;  // slopes, k
  MatrixXd covariance;
  MatrixXd by_entity;         // k x entities used
  std::vector<int> entities;  // their codes
  std::vector<int> left_out;
};

HeterogeneousFit mean_group(const PanelData& data);
HeterogeneousFit cce_mean_group(const PanelData& data);
HeterogeneousFit cce_pooled(const PanelData& data);

}  // namespace amnok
