// The unobserved_components plugin: structural time series (Harvey 1989, Forecasting, Structural
// Time Series Models and the Kalman Filter; Durbin & Koopman 2012, chapter 3).
//
//   y_t = mu_t + gamma_t + psi_t + x_t' beta + eps_t         eps_t ~ N(0, sigma_irregular^2)
//   mu_{t+1} = mu_t + nu_t + xi_t                            level, sigma_level
//   nu_{t+1} = nu_t + zeta_t                                 slope, sigma_slope
//   gamma_{t+1} = -(gamma_t + ... + gamma_{t-s+2}) + omega_t season by dummies, or trigonometric:
//   g_{j,t+1} = rotation of g_{j,t} by 2 pi j / s, + omega   a sum of harmonics
//   psi_{t+1} = rho rotation of psi_t by 2 pi / c, + kappa   stochastic cycle of c periods
//
// Exact diffuse start; gaps, published sums and measurement errors allowed (ucm_observations.h). Estimated by maximum likelihood in the *standard deviations*,
// on which the likelihood is even: a variance of zero is an inner point of the search, and one whose
// removal costs nothing is reported as exactly zero. FitResult::parameters are those standard
// deviations (irregular, level, slope, seasonal, cycle), cycle.period, cycle.damping, and the
// coefficients by the regressors' names. sigma2 is the variance of the next period's error, nobs
// the observations that the diffuse start leaves.
//
// Simulation goes on with the Kalman filter, whose one-step errors are the shocks.
#pragma once

#include <memory>

#include "engine/model/plugin.h"
#include "models/unobserved_components/ucm_spec.h"

namespace amnok {

Plugin unobserved_components_plugin();

std::unique_ptr<Model> make_unobserved_components(UcmSpec spec);

// A component given all observations: its mean and variance, n each.
struct SmoothedComponent {
  std::string name;  // level, slope, seasonal, cycle
  VectorXd mean, variance;
  // The smoothed disturbance over its standard deviation (Harvey & Koopman 1992, J. Bus. Econ.
  // Statist. 10, 377-389), n: large values of the level's show a step at that period. NaN where the
  // component does not move.
  VectorXd auxiliary;
};
struct SmoothedComponents {
  std::vector<SmoothedComponent> parts;
  VectorXd irregular;                // of the figures and of parts of sums; NaN in gaps
  VectorXd irregular_auxiliary;      // over its standard deviation: outliers
  VectorXd signal, signal_variance;  // the sum of the components without the irregular
};
// model: of make_unobserved_components, bound; fit: its result.
SmoothedComponents smoothed_components(const BoundModel& model, const FitResult& fit);

// Observations that the diffuse start used up.
int diffuse_observations(const BoundModel& model, const FitResult& fit);

}  // namespace amnok
