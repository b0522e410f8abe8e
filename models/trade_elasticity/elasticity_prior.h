// Mixed estimation: a sample and beliefs from outside it (Theil & Goldberger 1961, International
// Economic Review 2, 65-78).
//
//   y = X b + e, e ~ N(0, s^2);   r = R b + v, v ~ N(0, Psi)
//
//   b = V (X'y / s^2 + R' Psi^-1 r),   V = (X'X / s^2 + R' Psi^-1 R)^-1
//
// with s^2 the least-squares variance, taken as known. R picks single coefficients. The sample's
// share of coefficient j is element (j, j) of V X'X / s^2; their mean is Theil's (1963, J. Amer.
// Statist. Assoc. 58, 401-414, eq. 2.14). Ranges then truncate the normal posterior: the mode within
// them is reported, and a coefficient at its bound has no standard error.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/solver/linear_least_squares.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

struct MixedEstimate {
  VectorXd coefficients;
  MatrixXd covariance;
  std::vector<bool> at_bound;  // k
  VectorXd data_share;         // k
  double theil_share = 1;
  Diagnostic compatibility;  // Theil's chi-squared of the priors against the sample
};

// covariance: of the least-squares coefficients (X'X / s^2)^-1, or a robust one in its place. An
// InputError names priors of unknown coefficients and impossible ones.
MixedEstimate mixed_estimate(const VectorXd& least_squares, const MatrixXd& covariance,
                             const std::vector<std::string>& names,
                             const std::vector<CoefficientPrior>& priors);

ResultTable prior_table(const MixedEstimate& estimate, const VectorXd& least_squares,
                        const std::vector<std::string>& names,
                        const std::vector<CoefficientPrior>& priors);

}  // namespace amnok
