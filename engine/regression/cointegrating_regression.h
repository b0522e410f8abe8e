// Estimates of a cointegrating relationship with normal limits:
//
//   y_t = d_t'a + x_t'b + u_t,   x_t: random walks that may answer to u
//
// Least squares has b at rate n but with a limit that no table fits; both estimators mend that.
// Simulated with errors of autocorrelation 0.5 that move x, n = 60 and 200, two leads and lags: the
// bias of least squares falls to 15 % of it by dynamic_ols and to 42 and 25 % by
// fully_modified_ols; nominal 95 % intervals cover 90 and 93 % (dynamic_ols), 83 and 90 % (its HAC
// errors), 81 and 90 % (fully_modified_ols).
//
// y: n; x: n x k. An InputError names missing values, leads, lags or bandwidths out of range, and
// samples that are too short.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/regression/unit_root_tables.h"
#include "engine/stats/diagnostic.h"
#include "engine/stats/hac.h"

namespace amnok {

struct LongRunVariance {
  Kernel kernel = Kernel::quadratic_spectral;
  // Nothing: Andrews' (1991) automatic one, every series weighted by its inverse variance squared.
  std::optional<double> bandwidth;
};

struct CointegratingRegression {
  std::vector<std::string> names;  // const, trend, then x1 .. xk
  VectorXd coefficients;           // a and b
  MatrixXd covariance;
  std::string covariance_name;
  VectorXd residuals;
  int observations = 0;
  int df = 0;  // for t quantiles: observations less all estimated coefficients
  double bandwidth = kMissing;
  double long_run_variance = kMissing;  // of u (given dx)
  int leads = 0, lags = 0;              // of dynamic_ols

  double standard_error(int j) const;
};

// R (a, b) = r; chi-squared.
Diagnostic wald_test(const CointegratingRegression& fit, const MatrixView& restrictions,
                     const VectorView& values);

// Dynamic least squares (Saikkonen 1991, Econometric Theory 7, 1-21; Stock & Watson 1993,
// Econometrica 61, 783-820): y_t on d_t, x_t and dx_{t+leads} .. dx_{t-lags}.
struct DynamicOlsSpec {
  enum class Errors {
    // w (Z'Z)^-1, w the long-run variance of the residuals over the degrees of freedom
    rescaled,
    // (Z'Z)^-1 S (Z'Z)^-1, times n / (n - k)
    hac
  };
  Deterministics terms = Deterministics::constant;
  int leads = 1, lags = 1;
  Errors errors = Errors::rescaled;
  LongRunVariance variance;
  // The long-run variance of `rescaled` is that of the errors of a first-order autoregression of
  // the residuals, coloured again (Andrews & Monahan 1992); its coefficient is held within 0.97.
  bool prewhiten = true;
};
CointegratingRegression dynamic_ols(const VectorView& y, const MatrixView& x,
                                    const DynamicOlsSpec& spec);

// Leads and lags alike, the number among 0 .. most with the least AIC or BIC on a common sample.
enum class DynamicOlsCriterion { aic, bic };
int choose_leads_and_lags(const VectorView& y, const MatrixView& x, Deterministics terms, int most,
                          DynamicOlsCriterion criterion = DynamicOlsCriterion::bic);

// Fully modified least squares (Phillips & Hansen 1990, Rev. Econ. Stud. 57, 99-125). With (u, v),
// v the changes of x about their mean where `drift`, W their long-run covariance and L its
// one-sided part (of u and v with past v):
//
//   y+ = y - W_uv W_vv^-1 v,   b = (Z'Z)^-1 (Z'y+ - n (0, L+)),   L+ = L_vu - L_vv W_vv^-1 W_vu
//   covariance: (W_uu - W_uv W_vv^-1 W_vu) (Z'Z)^-1
struct FullyModifiedSpec {
  Deterministics terms = Deterministics::constant;
  bool drift = true;
  LongRunVariance variance;
};
CointegratingRegression fully_modified_ols(const VectorView& y, const MatrixView& x,
                                           const FullyModifiedSpec& spec);

}  // namespace amnok
