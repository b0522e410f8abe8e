// Vector autoregressions with a Minnesota prior, for samples too short for their coefficients.
//
//   Y = X B + U,  rows of U ~ N(0, S)           notation of vector_autoregression.h
//   S ~ IW(S0, v0),  vec(B) | S ~ N(vec(B0), S (x) W0)
//
// The natural conjugate form of Litterman's prior (1986, J. Bus. Econ. Stat. 4, 25-38; Kadiyala &
// Karlsson 1997, J. Applied Econometrics 12, 99-132):
//
//   B0: the first own lag is `own_lag` (1: random walks, 0: white noise), all else 0
//   W0: diagonal; lag l of variable j  (tightness / l^decay)^2 / s_j^2,  terms  terms_sd^2
//   S0 = diag(s_j^2), v0 = K + 2: the prior mean of S is S0
//
// s_j^2: residual variance of variable j's own autoregression. The prior is as good as q more rows
// of data, so that the posterior is least squares on both:
//
//   W = (W0^-1 + X'X)^-1,  B = W (W0^-1 B0 + X'Y),  S ~ IW(S1, v0 + T),
//   S1 = S0 + residual products of both kinds of rows
//
// and the marginal likelihood is closed form; its maximum chooses the tightness (Giannone, Lenza &
// Primiceri 2015, Rev. Econ. Stat. 97, 436-451).
#pragma once

#include <cstdint>

#include "engine/regression/vector_autoregression.h"

namespace amnok {

struct MinnesotaPrior {
  double tightness = 0.2;
  double decay = 1;
  double terms_sd = 1e3;  // times a residual's standard deviation
  double own_lag = 1;
};

struct BayesianVar {
  MinnesotaPrior prior;
  // The posterior mean as a vector autoregression: B, W in place of (X'X)^-1 and the posterior mean
  // of S, for forecasts, responses and conditional forecasts.
  VectorAutoregression mean;
  MatrixXd scale;  // S1
  double df = 0;   // v0 + T
  double log_marginal_likelihood = kMissing;
};

BayesianVar fit_bayesian_var(const MatrixView& y, const std::vector<std::string>& names,
                             const VarSpec& spec, const MinnesotaPrior& prior);

// The prior with the tightness in [0.001, 10] of largest marginal likelihood.
MinnesotaPrior choose_tightness(const MatrixView& y, const std::vector<std::string>& names,
                                const VarSpec& spec, const MinnesotaPrior& prior);

// A draw of B and S from the posterior. Depends on the seed and the draw alone.
VectorAutoregression draw_posterior(const BayesianVar& var, std::uint64_t seed, int draw);

// Paths of the forecast with the uncertainty of B, S and the shocks: (H K) x count, step-major.
MatrixXd draw_forecasts(const BayesianVar& var, int horizon, std::uint64_t seed, int count,
                        const MatrixView& future_exogenous = MatrixXd());

}  // namespace amnok
