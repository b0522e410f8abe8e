// Autoregressive distributed lags with bounds tests, and tests of cointegration.
#include <fmt/format.h>

#include <cmath>
#include <sstream>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/ardl.h"
#include "engine/regression/bounds_test.h"
#include "engine/regression/cointegrating_regression.h"
#include "engine/regression/cointegration.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

MatrixXd columns_of(const DataTable& data, const std::vector<std::string>& names) {
  MatrixXd columns(data.rows(), static_cast<Eigen::Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    columns.col(static_cast<Eigen::Index>(j)) = data.column(names[j]);
  }
  return columns;
}

}  // namespace

Quantities run_ardl_bounds(const ReferenceCase& c) {
  const DataTable& table = c.data.at(0);
  ArdlData data;
  data.y_name = c.text("y");
  data.y = table.column(data.y_name);
  data.x_names = c.texts("x");
  data.x = columns_of(table, data.x_names);
  data.fixed_names = c.texts("fixed");
  data.fixed = columns_of(table, data.fixed_names);
  const std::vector<double> lags = c.numbers("order");
  ArdlOrder order;
  order.p = static_cast<int>(lags.at(0));
  for (std::size_t j = 1; j < lags.size(); ++j) order.q.push_back(static_cast<int>(lags[j]));
  const int terms = c.integer("case", 3);
  if (terms < 1 || terms > 5) {
    throw InputError(fmt::format("case is {}, but must be in [1, 5]", terms));
  }
  const ArdlFit fit = fit_ardl(data, order, static_cast<DeterministicCase>(terms));

  Quantities q;
  for (int j = 0; j < static_cast<int>(fit.names.size()); ++j) {
    const std::string& name = fit.names[static_cast<std::size_t>(j)];
    q["uecm.coef." + name] = fit.coefficient(j);
    q["uecm.se." + name] = fit.standard_error(j);
  }
  for (const LongRunCoefficient& theta : long_run(fit)) {
    q["lr." + theta.name] = theta.value();
    q["lr.se." + theta.name] = theta.standard_error();
  }
  const BoundsTest f = bounds_f_test(fit), t = bounds_t_test(fit);
  q["bounds_F"] = f.value;
  q["bounds_t"] = t.value;
  if (f.asymptotic) {
    q["bounds_F_p_asymptotic_I0"] = f.asymptotic->i0.p;
    q["bounds_F_p_asymptotic"] = f.asymptotic->i1.p;
  }
  const Adjustment speed = adjustment(fit);
  q["ect_speed"] = speed.speed;
  if (speed.half_life) q["half_life"] = *speed.half_life;
  q["long_run_identified"] = speed.identified;
  q["nobs"] = static_cast<int>(fit.target.size());
  q["rss"] = fit.fit.rss;
  q["loglik"] = fit.log_likelihood;
  q["aic"] = fit.aic;
  q["bic"] = fit.bic;
  for (int lag : {1, 2, 4, 8, 12}) {
    if (lag >= fit.target.size()) break;
    q[fmt::format("ljungbox{}_resid", lag)] = ljung_box(fit.fit.residuals, lag, 0).statistic;
  }
  return q;
}

// A row a statistic, case, number of forcing variables and level: f_iii_k2_5_I0, f_iii_k2_5_I1.
Quantities bounds_critical_value_quantities() {
  const char* const cases[] = {"i", "ii", "iii", "iv", "v"};
  Quantities q;
  int rows = 0;
  for (const auto statistic : {BoundsStatistic::f, BoundsStatistic::t}) {
    for (int terms = 1; terms <= 5; ++terms) {
      for (int k = 0; k <= 10; ++k) {
        for (const double level : {0.10, 0.05, 0.025, 0.01}) {
          const auto pair =
              pss_critical_values(statistic, static_cast<DeterministicCase>(terms), k, level);
          if (!pair) continue;
          ++rows;
          const std::string name =
              fmt::format("{}_{}_k{}_{:g}", statistic == BoundsStatistic::f ? "f" : "t",
                          cases[terms - 1], k, 100 * level);
          q[name + "_I0"] = pair->i0;
          q[name + "_I1"] = pair->i1;
        }
      }
    }
  }
  q["n_rows"] = rows;
  return q;
}

Quantities run_engle_granger(const ReferenceCase& c) {
  const DataTable& table = c.data.at(0);
  const VectorXd y = table.column(c.text("y"));
  const std::vector<std::string> names = c.texts("x");
  const MatrixXd x = columns_of(table, names);
  constexpr Deterministics terms = Deterministics::constant;
  const auto n = static_cast<double>(y.size());
  Quantities q;

  const EngleGranger unlagged = engle_granger(y, x, terms, 0);
  const EngleGranger test = engle_granger(y, x, terms, c.integer("adf_lags_on_residuals", 1));
  q["static.coef.const"] = test.static_fit.coefficients(0);
  q["eg_adf_lag0"] = unlagged.tau;
  q["eg_adf_lag"] = test.tau;
  if (test.p_value) q["eg_p"] = *test.p_value;
  const LinearFit& ecm = test.error_correction;
  const MatrixXd covariance = ecm.sigma2() * ecm.xtx_inverse;
  const auto report_ecm = [&](const std::string& name, Eigen::Index at) {
    q["ecm.coef." + name] = ecm.coefficients(at);
    q["ecm.se." + name] = std::sqrt(covariance(at, at));
  };
  report_ecm("const", 0);
  report_ecm("ec", 1);

  // urca counts the observations of the regressions on lags, and tseries those of the residuals'.
  const std::string lags = c.text("po");
  const double scale = lags.find("'long'") != std::string::npos ? 12 : 4;
  const int lag = static_cast<int>(scale * std::pow((n - 1) / 100, 0.25));
  const int residual_lag =
      static_cast<int>((n - 1) / (lags.find("n/30") != std::string::npos ? 30 : 100));
  const PhillipsOuliaris po = phillips_ouliaris(y, x, terms, lag, residual_lag);
  q["po_pu"] = po.pu;
  q["po_pz"] = po.pz;
  q["po_zalpha"] = po.z_alpha;

  DynamicOlsSpec spec;
  std::istringstream words(c.text("dols"));  // "1 lead, 1 lag, OLS"
  std::string lead;
  words >> spec.leads >> lead >> spec.lags;
  const CointegratingRegression dols = dynamic_ols(y, x, spec);
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    q["static.coef." + names[j]] = test.static_fit.coefficients(at + 1);
    report_ecm("d" + names[j], at + 2);
    q[fmt::format("dols{}{}.coef.{}", spec.leads, spec.lags, names[j])] = dols.coefficients(at + 1);
  }
  return q;
}

Quantities run_johansen(const ReferenceCase& c) {
  const DataTable& table = c.data.at(0);
  const std::vector<std::string> names = c.texts("variables");
  JohansenSpec spec;
  spec.lags = c.integer("K_levels", 2);
  // urca's words: "none" has a free constant, "trend" a restricted trend and a free constant.
  const std::string terms = c.text("ecdet");
  spec.terms = terms == "const"   ? DeterministicCase::restricted_constant
               : terms == "trend" ? DeterministicCase::restricted_trend
                                  : DeterministicCase::constant;
  spec.season = c.integer("seasonal_dummies", 0);
  spec.dummies = columns_of(table, c.texts("dummies"));
  spec.long_run_form = c.text("spec").find("transitory") == std::string::npos;
  const Johansen test = johansen(columns_of(table, names), names, spec);

  Quantities q;
  q["eigenvalues"] = test.eigenvalues;
  q["trace"] = test.trace;
  q["maxeig"] = test.max_eigenvalue;
  q["beta1_normalised"] = VectorXd(test.beta.col(0));
  q["beta_names"] = join(test.names, ",");
  q["alpha1"] = VectorXd(test.alpha.col(0));
  q["n_effective"] = test.observations;
  q["trace_p_doornik"] = test.trace_p;
  q["maxeig_p_doornik"] = test.max_p;
  std::vector<double> trace, max;
  for (int r = 0; r < test.variables; ++r) {
    const int walks = test.variables - r;
    if (const auto cv = osterwald_lenum_trace(spec.terms, walks)) {
      trace.insert(trace.end(), {cv->pct10, cv->pct5, cv->pct1});
    }
    if (const auto cv = osterwald_lenum_max(spec.terms, walks)) {
      max.insert(max.end(), {cv->pct10, cv->pct5, cv->pct1});
    }
  }
  if (!trace.empty()) {
    q["cv_trace_10_5_1"] = trace;
    q["cv_maxeig_10_5_1"] = max;
  }
  return q;
}

}  // namespace amnok
