// The likelihood of an exponential smoothing model and its derivatives.
//
//   -2 log L = n log(sum e_t^2) + 2 sum log|mu_t| [multiplicative errors] + n (1 + log(2 pi / n))
//
// (Ord, Koehler & Snyder 1997, J. Amer. Statist. Assoc. 92, 1621-1629). As least squares:
//   r_t = e_t exp(sum log|mu_t| / n)
// has the smallest sum of squares where the likelihood is largest. Derivatives run along with the
// recursion: one row of d state / d parameter a state, so that residuals and Jacobian cost one
// pass. A missing observation leaves the states where their own forecast puts them.
#pragma once

#include "engine/base/matrix.h"
#include "engine/solver/parameter_vector.h"
#include "models/ets/ets_form.h"

namespace amnok {

// Smoothing parameters in (0.0001, 0.9999), beta below alpha, gamma below 1 - alpha, phi in [0.8,
// 0.98]: the usual region.
inline constexpr double kLowestSmoothing = 1e-4, kHighestSmoothing = 0.9999;
inline constexpr double kLowestDamping = 0.8, kHighestDamping = 0.98;

struct EtsParameters {
  double alpha = 0, beta = 0, gamma = 0, phi = 1;
  double level = 0, trend = 0;
  VectorXd season;  // s of the first `period` observations, in their order
};

struct EtsStates {
  double level = 0, trend = 0;
  VectorXd season;  // of the next `period` periods, in their order
};

struct EtsPath {
  bool ok = false;  // false: a mean of zero or below under multiplicative errors
  VectorXd errors;  // e_t, NaN where missing
  VectorXd means;   // mu_t
  double sum_squares = 0, sum_log_mean = 0;
  EtsStates end;
};

class EtsLikelihood {
 public:
  EtsLikelihood(EtsForm form, VectorXd y);

  const EtsForm& form() const { return form_; }
  const VectorXd& y() const { return y_; }
  int observations() const { return observations_; }

  // What the solver varies: alpha, beta / alpha, gamma / (1 - alpha), phi, level, trend, seasons.
  const ParameterVector& parameters() const { return parameters_; }
  EtsParameters natural(const VectorXd& solver_values) const;
  VectorXd solver_values(const EtsParameters& parameters) const;

  // Typical sizes of the unconstrained coordinates: states are in units of y.
  VectorXd units() const;

  // Level, trend and season from the first years, with a given alpha.
  EtsParameters start(double alpha) const;

  EtsPath run(const EtsParameters& parameters) const;
  double log_likelihood(const EtsPath& path) const;

  // At unconstrained coordinates of parameters().
  bool residuals(const VectorXd& u, VectorXd& r, MatrixXd* jacobian) const;

 private:
  EtsForm form_;
  VectorXd y_;
  int observations_ = 0;
  ParameterVector parameters_;
};

}  // namespace amnok
