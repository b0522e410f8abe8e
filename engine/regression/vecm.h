// Vector error-correction models: a cointegrated vector autoregression of a given rank.
//
//   dx_t = alpha beta'x*_{t-1} + sum_{i=1..p-1} G_i dx_{t-i} + C d_t + e_t
//
// x* holds a restricted constant or trend too (engine/regression/cointegration.h, whose maximum
// likelihood estimate of the space of beta is taken as it is). Given beta, least squares gives
// alpha, G and C; that is maximum likelihood (Johansen 1988; Luetkepohl 2005, New Introduction to
// Multiple Time Series Analysis, section 7.2). beta is normalised so that its first r rows are the
// identity: the first r variables are written as relations to the others.
//
// In levels it is a vector autoregression with restricted coefficients,
//
//   A_1 = I + alpha beta' + G_1,  A_i = G_i - G_{i-1},  A_p = -G_{p-1},
//
// which gives forecasts, responses and conditional forecasts of the levels.
#pragma once

#include <string>
#include <vector>

#include "engine/regression/cointegration.h"
#include "engine/regression/vector_autoregression.h"

namespace amnok {

struct VecmFit {
  Johansen johansen;
  int rank = 0;
  MatrixXd beta;                // rows by johansen.names, r columns
  MatrixXd alpha;               // K x r
  MatrixXd alpha_errors;        // standard errors given beta
  std::vector<MatrixXd> gamma;  // G_1 .. G_{p-1}, K x K: row an equation
  MatrixXd terms;               // of the unrestricted terms, K x m
  std::vector<std::string> term_names;
  MatrixXd residuals;                // T x K
  double log_likelihood = kMissing;  // that of johansen.log_likelihood_of_rank(rank)
  // given_sigma: residual products over T. xtx_inverse: of the restricted regressors, carried over to
  // the levels' coefficients, so that their covariance is that given beta.
  VectorAutoregression levels;
};

// Input errors: those of johansen, a rank outside [0, K], other dummies than seasonal ones, and the
// long-run form. Rank 0: an autoregression of the changes; K: of the levels.
VecmFit fit_vecm(const MatrixView& x, const std::vector<std::string>& names,
                 const JohansenSpec& spec, int rank);

}  // namespace amnok
