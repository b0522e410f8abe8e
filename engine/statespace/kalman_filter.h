// The Kalman filter with exact diffuse start (Durbin & Koopman 2012, Time Series Analysis by State
// Space Methods, 2nd ed., sections 5.2 and 6.4) and regression effects by the augmented filter.
#pragma once

#include <vector>

#include "engine/statespace/state_space.h"

namespace amnok {

struct FilterResult {
  // One row an observation that is not used up by the diffuse start: (v_y, v_x) / sqrt(F).
  MatrixXd whitened;             // rows x (1 + k)
  std::vector<int> time;         // its period
  std::vector<double> variance;  // F
  double sum_log_variance = 0;   // sum log F over those rows
  double sum_log_diffuse = 0;    // sum log F_inf over the others
  int diffuse_count = 0;         // observations used up by the diffuse start

  // The prediction for the period after the last one.
  MatrixXd mean;        // m x (1 + k): a for y, and for each regressor column
  MatrixXd covariance;  // P*
  MatrixXd diffuse;     // P_inf; zero once the start is resolved
  bool resolved() const { return diffuse.size() == 0 || diffuse.cwiseAbs().maxCoeff() < 1e-8; }
};

// Observations must come in the order of their times, all below `periods`.
FilterResult kalman_filter(const StateSpace& model, const std::vector<Observation>& observations,
                           int periods);

struct SmootherResult {
  MatrixXd mean;                     // m x periods: E(alpha_t | all observations)
  std::vector<MatrixXd> covariance;  // m x m each
  double log_likelihood =
      0;  // diffuse, with -log(2 pi) / 2 for every observation (see kalman_filter.cpp)
  // r_t and N_t of the moments before period t: the disturbance that led into it, eta_{t-1}, is
  // smoothed to Q r_t and has the variance Q N_t Q (Koopman 1993, Biometrika 80, 117-126).
  MatrixXd adjoint;                           // m x periods
  std::vector<MatrixXd> adjoint_information;  // m x m each
  VectorXd innovations;  // v_i / sqrt(F_i) per observation; NaN for those the start used up
};

// Fixed-interval smoothing (Durbin & Koopman 2012, sections 4.4, 5.3 and 6.4). Regressors must have
// been taken out of the observations or put into the state.
SmootherResult kalman_smoother(const StateSpace& model,
                               const std::vector<Observation>& observations, int periods);

}  // namespace amnok
