#include "engine/model/fit_result.h"

#include <cmath>

#include "engine/base/text.h"
#include "engine/stats/distributions.h"

namespace amnok {

std::string cell_text(const ResultTable::Cell& cell) {
  const auto* value = std::get_if<double>(&cell);
  if (value == nullptr) return std::get<std::string>(cell);
  if (*value == std::floor(*value) && std::fabs(*value) < 1e9) return format_number(*value);
  return format_significant(*value, 6);
}

VectorXd FitResult::standardised_residuals() const {
  return standardised.size() > 0 ? standardised : VectorXd(residuals / std::sqrt(sigma2));
}

double FitResult::standard_error(int parameter) const {
  if (covariance.rows() <= parameter) return kMissing;
  const double variance = covariance(parameter, parameter);
  return variance > 0 ? std::sqrt(variance) : kMissing;
}

std::vector<Coefficient> coefficient_table(const FitResult& fit) {
  std::vector<Coefficient> table;
  for (int i = 0; i < fit.parameters.size(); ++i) {
    Coefficient c;
    c.name = fit.parameters.names()[static_cast<std::size_t>(i)];
    c.estimate = fit.parameters.values()(i);
    c.std_error = fit.standard_error(i);
    if (!std::isnan(c.std_error)) {
      const double df = fit.inference_df;
      const double quantile = df > 0 ? student_t_quantile(0.975, df) : normal_quantile(0.975);
      c.statistic = c.estimate / c.std_error;
      c.p_value = df > 0 ? student_t_two_sided_p(c.statistic, df) : normal_two_sided_p(c.statistic);
      c.ci_low = c.estimate - quantile * c.std_error;
      c.ci_high = c.estimate + quantile * c.std_error;
    }
    table.push_back(c);
  }
  return table;
}

void set_information_criteria(FitResult& fit, int parameter_count) {
  const double n = fit.nobs, k = parameter_count;
  fit.aic = -2 * fit.log_likelihood + 2 * k;
  fit.aicc = n - k - 1 > 0 ? fit.aic + 2 * k * (k + 1) / (n - k - 1) : kMissing;
  fit.bic = -2 * fit.log_likelihood + k * std::log(n);
}

}  // namespace amnok
