// Tests on a fitted vector autoregression: causality, autocorrelation, normality of the residuals.
// Luetkepohl (2005, New Introduction to Multiple Time Series Analysis), sections 3.6, 4.4 and 4.5.
#pragma once

#include <vector>

#include "engine/regression/vector_autoregression.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

// Granger (1969, Econometrica 37, 424-438): the lags of `causes` do not enter the equations of
// `effects`. The Wald statistic over its restrictions N, F(N, K (T - q)); variables by their
// columns, no column in both. The test is of causality where the two make up all variables.
Diagnostic granger_causality(const VectorAutoregression& var, const std::vector<int>& causes,
                             const std::vector<int>& effects);

// No instantaneous causality: the shocks of `causes` and `effects` are uncorrelated. Wald test,
// chi-squared with a degree of freedom a pair (Luetkepohl 2005, section 3.6.3).
Diagnostic instantaneous_causality(const VectorAutoregression& var, const std::vector<int>& causes,
                                   const std::vector<int>& effects);

// Portmanteau test of Hosking (1980, J. Am. Statist. Assoc. 75, 602-608), C_i = sum u_t u_{t-i}'/T:
//
//   Q = T sum_{i=1..lag} tr(C_i' C_0^-1 C_i C_0^-1),  adjusted: T^2 sum tr(.) / (T - i)
//
// chi-squared(K^2 (lag - p)); lag > p.
Diagnostic var_portmanteau(const VectorAutoregression& var, int lag, bool adjusted);

// Breusch-Godfrey test against autocorrelation up to `lag`: the residuals on the regressors and
// their own lags (zero before the sample and where rows were left out); T (K - tr(S_r^-1 S_e)), chi-squared(lag K^2).
// small_sample: the F of Edgerton & Shukur (1999, Econometric Reviews 18, 343-386) on the
// determinants of the same regressions.
Diagnostic var_breusch_godfrey(const VectorAutoregression& var, int lag, bool small_sample = false);

// Third and fourth moments of the residuals, orthogonal by the lower triangle of U'U / T
// (Luetkepohl 2005, section 4.5): skewness and kurtosis, chi-squared(K) each, and both,
// chi-squared(2K). Depends on the order of the variables.
struct VarNormality {
  Diagnostic skewness, kurtosis, both;
};
VarNormality var_normality(const VectorAutoregression& var);

}  // namespace amnok
