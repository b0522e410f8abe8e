// The Kalman filter of a model that is the same in every period, one observation a period or none:
//
//   y_t = z' alpha_t + x_t' beta + eps_t,  eps_t ~ N(0, h)      (engine/statespace/state_space.h)
//
// Exact diffuse start (Durbin & Koopman 2012, section 5.2). Nothing is allocated a period, T is
// sparse, and once the covariance of the state has settled only its mean moves on (steady state:
// Harvey 1989, Forecasting, Structural Time Series Models, section 3.3.4). A gap unsettles it.
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "engine/statespace/state_space.h"

namespace amnok {

struct InvariantModel {
  StateSpace states;
  VectorXd loading;                 // z
  double observation_variance = 0;  // h
};

struct InvariantFilterResult {
  // One-step errors of y and of each regressor, n x (1 + k), and their variance F; NaN in gaps and
  // where the diffuse start uses the observation up.
  MatrixXd errors;
  VectorXd variance;
  int count = 0;                                     // rows with an error
  double sum_log_variance = 0, sum_log_diffuse = 0;  // sum log F, sum log F_inf of used-up ones
  int diffuse_count = 0;                             // used-up observations
  int steady_from = -1;                              // period; -1: never settled

  // The prediction for the period after the last.
  MatrixXd mean;                 // m x (1 + k)
  MatrixXd covariance, diffuse;  // P*, P_inf
  bool resolved() const { return diffuse.cwiseAbs().maxCoeff() < 1e-8; }
};

// data: n x (1 + k), y first; a NaN in a row marks a gap.
InvariantFilterResult invariant_filter(const InvariantModel& model, const MatrixView& data);

// The innovations form that the filter settles to: a_{t+1} = T a_t + K v_t, Var v_t = F.
//
//   P = T P T' + Q - F K K',   F = z' P z + h,   K = T P z / F
//
// Found by iteration from P = 0, whose limit is the smallest solution: a component without noise is
// known in it. What a filter of n observations does not know, P_{n+1} - P, is positive semidefinite.
struct SteadyState {
  MatrixXd covariance;  // P, of the prediction
  VectorXd gain;        // K
  double variance = 0;  // F
};
SteadyState steady_state(const InvariantModel& model);

// P <- T P T' + Q.
void predict_covariance(const StateSpace& states, MatrixXd& covariance);

}  // namespace amnok
