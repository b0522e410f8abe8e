// Linear regressions with robust errors and specification tests.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/specification_tests.h"
#include "engine/solver/covariance.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

void report_errors(const std::string& kind, const MatrixXd& covariance,
                   const std::vector<std::string>& names, Quantities& q) {
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    q["se." + kind + "." + names[j]] = std::sqrt(covariance(at, at));
  }
}

// Newey-West at a bandwidth of the data, which short samples may put beyond their last lag.
MatrixXd newey_west_at(const MatrixXd& scores, double bandwidth) {
  const double lags = std::isfinite(bandwidth) ? std::floor(bandwidth) : 0;
  return kernel_covariance(scores, Kernel::bartlett, lags + 1);
}

void report_hac(const RegressionData& data, const LinearFit& fit, Quantities& q) {
  const MatrixXd scores = regression_scores(data.x, fit.residuals);
  const auto n = static_cast<double>(data.x.rows()), k = static_cast<double>(data.x.cols());
  const auto report = [&](const std::string& kind, const MatrixXd& meat) {
    report_errors(kind, sandwich(fit.xtx_inverse, meat), data.names, q);
  };
  for (int lag : {1, 2, 3, 4, 5, 6, 8, 12}) {
    if (lag >= data.x.rows()) break;
    const MatrixXd meat = newey_west(scores, lag);
    report(fmt::format("NW_lag{}", lag), meat);
    report(fmt::format("NW_lag{}_adj", lag), meat * (n / (n - k)));
  }
  VectorXd weights = VectorXd::Ones(data.x.cols());
  if (const int constant = constant_column(data.x); constant >= 0 && data.x.cols() > 1) {
    weights(constant) = 0;
  }
  const double bandwidth = newey_west_bandwidth(scores, weights, false);
  q["bw_neweywest_bartlett_nopw"] = bandwidth;
  report("NW_auto_nopw", newey_west_at(scores, bandwidth));
  const double andrews = andrews_bandwidth(scores, weights, Kernel::quadratic_spectral);
  q["bw_andrews_qs_ar1_nopw"] = andrews;
  report("AndrewsQS_nopw", kernel_covariance(scores, Kernel::quadratic_spectral, andrews));

  const Prewhitened white = prewhiten(scores);
  const auto recoloured = [&](const MatrixXd& meat) {
    return MatrixXd(white.recolour * meat * white.recolour.transpose());
  };
  const double white_bandwidth = newey_west_bandwidth(white.residuals, weights, true);
  report("NW_auto_pw1", recoloured(newey_west_at(white.residuals, white_bandwidth)));
  const double white_andrews =
      andrews_bandwidth(white.residuals, weights, Kernel::quadratic_spectral);
  report("AndrewsQS_pw1",
         recoloured(kernel_covariance(white.residuals, Kernel::quadratic_spectral, white_andrews)));
}

void report_tests(const RegressionData& data, const LinearFit& fit, Quantities& q) {
  for (int lag : {1, 2, 4, 12}) {
    if (lag >= data.x.rows() - data.x.cols()) break;
    const Diagnostic chi = breusch_godfrey(data.x, fit, lag);
    q[fmt::format("bg_{}_chisq", lag)] = chi.statistic;
    q[fmt::format("bg_{}_p", lag)] = chi.p_value;
    q[fmt::format("bg_{}_F", lag)] = breusch_godfrey(data.x, fit, lag, true).statistic;
  }
  const Diagnostic koenker = breusch_pagan_koenker(data.x, fit);
  q["bp_koenker"] = koenker.statistic;
  q["bp_koenker_p"] = koenker.p_value;
  q["bp_original"] = breusch_pagan(data.x, fit).statistic;
  const Diagnostic white = white_test(data.x, fit);
  q["white_stat"] = white.statistic;
  q["white_df"] = white.df;
  q["white_p"] = white.p_value;
  for (const auto& [name, highest] : {std::pair("reset_2", 2), std::pair("reset_23", 3)}) {
    const Diagnostic reset = reset_test(data.x, data.y, fit, highest);
    q[std::string(name) + "_F"] = reset.statistic;
    q[std::string(name) + "_p"] = reset.p_value;
  }
  const VectorXd vif = variance_inflation(data.x);
  for (std::size_t j = 0; j < data.names.size(); ++j) {
    if (data.names[j] != "const") q["vif." + data.names[j]] = vif(static_cast<Eigen::Index>(j));
  }
  q["jb"] = jarque_bera(fit.residuals).statistic;
  q["harvey_collier_t"] = harvey_collier(data.x, data.y).statistic;
}

}  // namespace

Quantities run_ols_elasticity(const ReferenceCase& c) {
  RegressionData data = build_regression(c.text("formula"), c.data.at(0));
  const std::vector<int> rows = complete_rows(data);
  data.y = VectorXd(data.y(rows));
  data.x = MatrixXd(data.x(rows, Eigen::all));
  const LinearFit fit = solve(LinearLeastSquares{data.x, data.y});
  const auto n = static_cast<double>(data.y.size());
  const double k = fit.rank;
  Quantities q;
  const MatrixXd classical =
      heteroskedastic_covariance(data.x, fit, RegressionCovariance::classical);
  for (std::size_t j = 0; j < data.names.size(); ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    const double b = fit.coefficients(at), se = std::sqrt(classical(at, at));
    const double t = student_t_quantile(0.975, fit.df_residual());
    q["coef." + data.names[j]] = b;
    q["ci95_lo." + data.names[j]] = b - t * se;
    q["ci95_hi." + data.names[j]] = b + t * se;
  }
  report_errors("classical", classical, data.names, q);
  const std::pair<const char*, RegressionCovariance> kinds[] = {{"HC0", RegressionCovariance::hc0},
                                                                {"HC1", RegressionCovariance::hc1},
                                                                {"HC2", RegressionCovariance::hc2},
                                                                {"HC3", RegressionCovariance::hc3}};
  for (const auto& [name, kind] : kinds) {
    report_errors(name, heteroskedastic_covariance(data.x, fit, kind), data.names, q);
  }
  const double tss = (data.y.array() - data.y.mean()).square().sum();
  q["r2"] = 1 - fit.rss / tss;
  q["adj_r2"] = 1 - fit.rss / (n - k) / (tss / (n - 1));
  q["sigma"] = std::sqrt(fit.sigma2());
  q["rss"] = fit.rss;
  const double loglik = -n / 2 * (std::log(2 * std::numbers::pi * fit.rss / n) + 1);
  q["loglik"] = loglik;
  q["aic"] = -2 * loglik + 2 * (k + 1);
  q["bic"] = -2 * loglik + std::log(n) * (k + 1);
  q["f_stat"] = (tss - fit.rss) / (k - 1) / fit.sigma2();
  q["n"] = n;
  const double dw = durbin_watson(fit.residuals);
  q["dw"] = dw;
  // lmtest's choice: exact below 100 observations.
  q["dw_p_exact"] = n < 100 ? durbin_watson_p(data.x, dw) : durbin_watson_p_normal(data.x, dw);
  report_hac(data, fit, q);
  report_tests(data, fit, q);
  return q;
}

}  // namespace amnok
