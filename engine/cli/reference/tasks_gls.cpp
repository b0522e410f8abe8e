// Regressions with autoregressive errors.
#include <cmath>

#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/gls.h"

namespace amnok {

Quantities run_gls_ar1(const ReferenceCase& c) {
  const RegressionData data = build_regression(c.text("formula"), c.data.at(0));
  const std::pair<const char*, AutoregressiveErrors> estimators[] = {
      {"co", AutoregressiveErrors::cochrane_orcutt},
      {"pw", AutoregressiveErrors::prais_winsten},
      {"hilu", AutoregressiveErrors::hildreth_lu},
      {"ml", AutoregressiveErrors::maximum_likelihood}};
  Quantities q;
  for (const auto& [key, estimator] : estimators) {
    const AutoregressiveFit fit = fit_autoregressive_errors(data.x, data.y, estimator);
    const std::string prefix = std::string(key) + ".";
    for (std::size_t j = 0; j < data.names.size(); ++j) {
      const auto at = static_cast<Eigen::Index>(j);
      q[prefix + "coef." + data.names[j]] = fit.coefficients(at);
      q[prefix + "se." + data.names[j]] = std::sqrt(fit.covariance(at, at));
    }
    q[prefix + "rho"] = fit.rho;
    q[prefix + "ssr"] = fit.rss;
    q[prefix + "s2"] = fit.sigma2;
    q[prefix + "sigma"] = std::sqrt(fit.sigma2);
    if (!std::isnan(fit.log_likelihood)) q[prefix + "loglik"] = fit.log_likelihood;
  }
  return q;
}

}  // namespace amnok
