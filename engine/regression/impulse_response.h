// Impulse responses of a vector autoregression and how sure they are.
//
//   F_s                       response of y_{t+s} to a unit of u_t
//   O_s = F_s P, P P' = S     to a standard deviation of orthogonal shocks, P lower triangular:
//                             a variable answers at once only to shocks of those before it
//   sum_{i<=s}                accumulated, either kind
//
// Element (i, j) of a matrix: the response of variable i to shock j; S by the fit's spec.divisor.
// Luetkepohl (2005, New Introduction to Multiple Time Series Analysis), sections 2.3 and 3.7.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/regression/vector_autoregression.h"

namespace amnok {

struct ResponseKind {
  bool orthogonal = true;
  bool accumulated = false;
};

// Steps 0 .. horizon.
std::vector<MatrixXd> impulse_responses(const VectorAutoregression& var, int horizon,
                                        ResponseKind kind = {});

// Their asymptotic standard errors (Luetkepohl 2005, Proposition 3.6): the delta method on the
// covariance of the lags' coefficients and, for orthogonal shocks, on that of vech(S).
std::vector<MatrixXd> response_standard_errors(const VectorAutoregression& var, int horizon,
                                               ResponseKind kind = {});

// Shares of the orthogonal shocks in the forecast error variances (eq. 2.3.37). Element [h](i, j):
// of shock j in variable i, h + 1 steps ahead. Rows sum to one.
std::vector<MatrixXd> variance_decomposition(const VectorAutoregression& var, int horizon);

// Percentile bands of responses by the residual bootstrap (Runkle 1987, J. Bus. Econ. Stat. 5,
// 437-442): centred residuals are drawn with replacement, the series is built from its presample,
// and the autoregression is fitted again. Draw r depends on the seed and r alone.
//
//   efron   quantiles of the drawn responses
//   hall    2 response - quantiles: bands that also turn the bias round (Hall 1992)
enum class BandKind { efron, hall };
struct ResponseBootstrapOptions {
  int draws = 1000;
  double confidence = 0.90;
  std::uint64_t seed = 1;
  BandKind bands = BandKind::efron;
};
struct ResponseBands {
  std::vector<MatrixXd> lower, upper;  // of steps 0 .. horizon
  int draws = 0;                       // that could be fitted
};
ResponseBands bootstrap_response_bands(const VectorAutoregression& var, int horizon,
                                       ResponseKind kind, const ResponseBootstrapOptions& options);

}  // namespace amnok
