#include "engine/regression/coefficient_covariance.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/input_error.h"
#include "engine/regression/specification_tests.h"
#include "engine/stats/hac.h"

namespace amnok {

CoefficientCovariance coefficient_covariance(const MatrixView& x, const LinearFit& fit,
                                             const CovarianceChoice& choice) {
  if (choice.kind != RegressionCovariance::newey_west) {
    return {heteroskedastic_covariance(x, fit, choice.kind), covariance_name(choice.kind)};
  }
  const int n = static_cast<int>(x.rows());
  const MatrixXd scores = regression_scores(x, fit.residuals);
  int lags = 0;
  if (choice.lags) {
    lags = *choice.lags;
    if (lags < 0 || lags >= n) {
      throw InputError(
          fmt::format("the lag of Newey-West errors is {}, but must be in [0, {}]", lags, n - 1));
    }
  } else {
    VectorXd weights = VectorXd::Ones(x.cols());
    const int constant = constant_column(x);
    if (constant >= 0 && x.cols() > 1) weights(constant) = 0;
    lags = std::clamp(static_cast<int>(newey_west_bandwidth(scores, weights, false)), 0, n - 1);
  }
  const double small_sample = static_cast<double>(n) / fit.df_residual();
  return {sandwich(fit.xtx_inverse, small_sample * newey_west(scores, lags)),
          fmt::format("Newey-West({})", lags)};
}

}  // namespace amnok
