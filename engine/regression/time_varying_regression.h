// A regression whose coefficients are random walks: an elasticity that drifts.
//
//   y_t = x_t'b_t + z_t'g + e_t,   b_{t+1} = b_t + u_t,   e ~ N(0, s2),   u ~ N(0, diag(q))
//
// b_1 and g are diffuse. The variances are those of maximum likelihood; s2 is concentrated out, and
// with the ratios q / s2 at their estimates the smoother gives b_t and its variance (Durbin &
// Koopman 2012, sections 4.4, 5.3, 7.2). Rows with a missing value are periods without an
// observation. An InputError says when too few are left.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

struct TimeVaryingData {
  VectorXd y;  // n
  MatrixXd x;  // n x k: with coefficients that move
  MatrixXd z;  // n x m, or empty: with constant ones
};

struct TimeVaryingFit {
  FitStatus status = FitStatus::not_run;
  std::string message;
  int observations = 0;
  double log_likelihood = kMissing;  // diffuse, with -log(2 pi) / 2 for every observation
  double sigma2 = kMissing;          // s2
  VectorXd variances;                // q, k; 0: the coefficient does not move

  MatrixXd path, standard_error, lower, upper;  // n x k: smoothed b_t with its band
  VectorXd constant, constant_error;            // m: g
  VectorXd innovations;  // standardised one-step errors; NaN where the start or a gap used them

  // Likelihood ratio against constant coefficients. Under these each variance lies at its bound:
  // for one x half of the p-value of chi-squared(1); for more the p-value of chi-squared(k), which
  // is too large.
  Diagnostic constancy;
};
TimeVaryingFit fit_time_varying(const TimeVaryingData& data, double level = 0.95);

// The diffuse log-likelihood at ratios q / s2, s2 concentrated out. One-step errors over their
// standard deviations have variance s2.
struct TimeVaryingLikelihood {
  double log_likelihood = kMissing, sigma2 = kMissing;
};
TimeVaryingLikelihood time_varying_likelihood(const TimeVaryingData& data,
                                              const VectorView& ratios);

}  // namespace amnok
