// Linear Gaussian state-space models and what is observed of them.
//
//   y_i = z_i' alpha_{t(i)} + x_i' beta + eps_i,   eps_i ~ N(0, h_i)
//   alpha_{t+1} = T alpha_t + eta_t,   eta_t ~ N(0, Q)
//   alpha_1 = a + A delta + N(0, P*),   delta diffuse, P_inf = A A'
//
// Observations are scalars, any number a period (a monthly figure, a two-month sum, or none): the
// univariate treatment of Koopman & Durbin (2000, J. Time Series Anal. 21, 281-296). beta are
// regression coefficients, left out of the state and estimated by generalised least squares.
#pragma once

#include <Eigen/SparseCore>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct StateSpace {
  Eigen::SparseMatrix<double, Eigen::RowMajor> transition;  // T, m x m
  MatrixXd noise;                                           // Q, m x m
  VectorXd initial_mean;                                    // a
  MatrixXd initial_covariance;                              // P*
  MatrixXd initial_diffuse;                                 // P_inf

  int size() const { return static_cast<int>(initial_mean.size()); }
};

struct Observation {
  int time = 0;         // 0-based period
  VectorXd loading;     // z, length m
  double value = 0;     // y
  double variance = 0;  // h
  VectorXd regressors;  // x, length k (empty: none)
};

}  // namespace amnok
