// The covariance of least-squares coefficients by the name a user chooses it with.
#pragma once

#include <optional>
#include <string>

#include "engine/base/matrix.h"
#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

struct CovarianceChoice {
  RegressionCovariance kind = RegressionCovariance::classical;
  std::optional<int> lags;  // of Newey-West; nothing: the automatic bandwidth of 1994
};

struct CoefficientCovariance {
  MatrixXd matrix;   // k x k
  std::string name;  // classical, HC1, Newey-West(4)
};

// Newey-West is multiplied by n / (n - k); its automatic lag leaves the constant's moment out. An
// InputError names a lag outside [0, n - 1].
CoefficientCovariance coefficient_covariance(const MatrixView& x, const LinearFit& fit,
                                             const CovarianceChoice& choice);

}  // namespace amnok
