// Systems: vector autoregressions, conditional forecasts, simultaneous equations and their
// simulation.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/conditional_forecast.h"
#include "engine/regression/impulse_response.h"
#include "engine/regression/simultaneous_equations.h"
#include "engine/regression/var_tests.h"
#include "engine/regression/vector_autoregression.h"

namespace amnok {

namespace {

bool says(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

MatrixXd columns_of(const DataTable& data, const std::vector<std::string>& names) {
  MatrixXd columns(data.rows(), static_cast<Eigen::Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    columns.col(static_cast<Eigen::Index>(j)) = data.column(names[j]);
  }
  return columns;
}

// "constant", "const", "c"; "trend"; "both", "constant and trend", "ct"; "none", "n".
VarTerms deterministic_terms(const std::string& text) {
  const bool both = text == "both" || text == "ct";
  const bool constant = both || text.empty() || text == "c" || says(text, "const");
  const bool trend = both || text == "t" || says(text, "trend");
  if (constant) return trend ? VarTerms::constant_and_trend : VarTerms::constant;
  return trend ? VarTerms::trend : VarTerms::none;
}

// "df-adjusted, E'E/(T-kp-1)"; "ML, E'E/T".
VarDivisor divisor_of(const std::string& text) {
  const bool adjusted = text.empty() || says(text, "df") || says(text, "T-") || says(text, "T -");
  return adjusted ? VarDivisor::degrees_of_freedom : VarDivisor::observations;
}

// The exogenous columns of a file; further files hold those of the future.
MatrixXd future_exogenous(const ReferenceCase& c) {
  const std::vector<std::string> names = c.texts("exogenous");
  if (names.empty()) return {};
  if (c.data.size() < 2) throw InputError("no file with future exogenous columns");
  return columns_of(c.data[1], names);
}

VectorAutoregression fitted_var(const ReferenceCase& c, const char* lags, VarDivisor divisor) {
  const DataTable& table = c.data.at(0);
  std::vector<std::string> names = c.texts("variables");
  const std::vector<std::string> exogenous = c.texts("exogenous");
  if (names.empty()) {
    names = table.value_columns();
    std::erase_if(names, [&](const std::string& name) {
      return std::find(exogenous.begin(), exogenous.end(), name) != exogenous.end();
    });
  }
  VarSpec spec;
  spec.lags = c.integer(lags, c.integer("lags", 1));
  spec.terms = deterministic_terms(c.text("deterministic"));
  spec.season = c.integer("season", 0);
  spec.divisor = divisor;
  if (!exogenous.empty()) spec.exogenous = columns_of(table, exogenous);
  return fit_var(columns_of(table, names), names, spec);
}

VectorXd stacked(const MatrixXd& matrix) {  // column by column
  return Eigen::Map<const VectorXd>(matrix.data(), matrix.size());
}

VectorXd stacked(const std::vector<MatrixXd>& steps) {
  VectorXd all(0);
  for (const MatrixXd& step : steps) {
    all.conservativeResize(all.size() + step.size());
    all.tail(step.size()) = stacked(step);
  }
  return all;
}

VectorXd by_rows(const MatrixXd& matrix) {
  return stacked(MatrixXd(matrix.transpose()));
}

void report_criteria(const VectorAutoregression& var, Quantities& q) {
  const VarCriteria lags = var_criteria(var), all = var_criteria(var, true);
  q["aic_lut"] = lags.aic;
  q["bic_lut"] = lags.bic;
  q["hq_lut"] = lags.hq;
  q["fpe"] = lags.fpe;
  q["loglik"] = var.log_likelihood;
  const double m = static_cast<double>(var.coefficients.size()), t = var.observations();
  q["aic_full"] = -2 * var.log_likelihood + 2 * m;
  q["bic_full"] = -2 * var.log_likelihood + std::log(t) * m;
  q["aic"] = all.aic;
  q["bic"] = all.bic;
  q["hq"] = all.hq;
}

void report_tests(const ReferenceCase& c, const VectorAutoregression& var, Quantities& q) {
  const VarNormality normality = var_normality(var);
  q["normality"] = normality.both.statistic;
  q["normality_p"] = normality.both.p_value;
  if (var.spec.lags > 0) {
    for (int cause = 0; cause < var.size() && var.size() > 1; ++cause) {
      std::vector<int> others;
      for (int j = 0; j < var.size(); ++j) {
        if (j != cause) others.push_back(j);
      }
      const std::string& name = var.variables[static_cast<std::size_t>(cause)];
      const Diagnostic granger = granger_causality(var, {cause}, others);
      q["granger_F." + name] = granger.statistic;
      q["granger_p." + name] = granger.p_value;
    }
  }
  const int lag = c.integer("test_lags", 0);
  if (lag > var.spec.lags) {
    q["portmanteau"] = var_portmanteau(var, lag, false).statistic;
    q["portmanteau_adj"] = var_portmanteau(var, lag, true).statistic;
    q["lm"] = var_breusch_godfrey(var, lag).statistic;
  }
}

// "dinc" or a list of weights by variable; a step from 1; a value, and its sd or variance if soft.
std::vector<PathCondition> conditions_of(const ReferenceCase& c, const char* key,
                                         const VectorAutoregression& var, Eigen::Index size) {
  std::vector<PathCondition> conditions;
  const ConfigValue* list = c.spec.find(key);
  if (list == nullptr) return conditions;
  for (const ConfigValue& item : list->items()) {
    const ConfigValue *variable = item.find("variable"), *step = item.find("step");
    const ConfigValue *value = item.find("value"), *sd = item.find("sd");
    const ConfigValue* variance = item.find("variance");
    if (variable == nullptr || step == nullptr || value == nullptr) {
      throw InputError("a condition has no variable, step or value");
    }
    const auto found = std::find(var.variables.begin(), var.variables.end(), variable->string());
    if (found == var.variables.end()) {
      throw InputError("a condition's variable is " + variable->string() +
                       ", but must be one of the autoregression's");
    }
    const double error = sd != nullptr         ? sd->number()
                         : variance != nullptr ? std::sqrt(variance->number())
                                               : 0;
    conditions.push_back(
        path_condition(size,
                       (static_cast<Eigen::Index>(step->number()) - 1) * var.size() +
                           (found - var.variables.begin()),
                       value->number(), error));
  }
  return conditions;
}

}  // namespace

Quantities run_var(const ReferenceCase& c) {
  const VectorAutoregression var = fitted_var(c, "lags", divisor_of(c.text("irf")));
  const int horizon = c.integer("horizon", 8);
  const std::string shocks = c.text("irf");
  ResponseKind kind;
  kind.orthogonal = !says(shocks, "non-orthogonal") && !says(shocks, "unit");
  kind.accumulated = says(shocks, "accumulated") || says(shocks, "cumulat");
  Quantities q;
  q["coef"] = stacked(var.coefficients);
  q["se"] = stacked(var.standard_errors());
  q["sigma_u_dfadj"] = by_rows(var.sigma_adjusted());
  q["sigma_u_ml"] = by_rows(var.sigma_ml());
  report_criteria(var, q);
  q["irf"] = stacked(impulse_responses(var, horizon, kind));
  q["irf_se"] = stacked(response_standard_errors(var, horizon, kind));
  q["irf_cum"] = stacked(impulse_responses(var, horizon, {kind.orthogonal, true}));
  q["ma"] = stacked(impulse_responses(var, horizon, {false, false}));
  q["fevd"] = stacked(variance_decomposition(var, horizon));
  if (var.spec.exogenous.size() == 0 || c.data.size() > 1) {
    const VarForecast forecast = forecast_var(var, horizon, future_exogenous(c));
    MatrixXd errors(horizon, var.size());
    for (int h = 1; h <= horizon; ++h) {
      errors.row(h - 1) = forecast.standard_errors(h).transpose();
    }
    q["fc"] = stacked(forecast.mean);
    q["fc_se"] = stacked(errors);
  }
  q["nobs"] = var.observations();
  const VectorXd moduli = companion_moduli(var);
  q["max_abs_root"] = moduli.size() > 0 ? moduli(0) : 0.0;
  q["roots"] = moduli;
  report_tests(c, var, q);
  return q;
}

Quantities run_conditional_forecast(const ReferenceCase& c) {
  const VectorAutoregression var =
      fitted_var(c, "var_lags", divisor_of(c.text("residual_covariance")));
  const int horizon = c.integer("horizon", 8);
  const GaussianPath path = forecast_path(var, horizon, future_exogenous(c));
  std::vector<PathCondition> conditions =
      conditions_of(c, "hard_conditions", var, path.mean.size());
  for (const PathCondition& soft : conditions_of(c, "soft_conditions", var, path.mean.size())) {
    conditions.push_back(soft);
  }
  const ConditionalPath result = condition_path(path, conditions);
  const Eigen::Index k = var.size();
  Quantities q;
  q["unconditional_mean"] = path.mean;
  q["unconditional_sd"] = VectorXd(path.factor.rowwise().norm());
  q["conditional_mean"] = result.mean;
  q["conditional_sd"] = result.standard_deviations();
  const MatrixXd covariance = result.covariance();
  q["conditional_cov_step1_last"] = by_rows(covariance.topRightCorner(k, k));
  q["conditional_cov"] = by_rows(covariance);
  q["shocks_cholesky_leastnorm"] = result.shocks;
  q["mahalanobis"] = result.plausibility.statistic;
  q["mahalanobis_p"] = result.plausibility.p_value;
  return q;
}

namespace {

// Formulas by name, and instruments; columns are the terms of all of them.
EquationSystem system_of(const ReferenceCase& c) {
  const DataTable& table = c.data.at(0);
  EquationSystem system;
  const auto take = [&](const std::string& name, const VectorXd& values) {
    if (std::find(system.columns.begin(), system.columns.end(), name) != system.columns.end()) {
      return;
    }
    system.columns.push_back(name);
    system.values.conservativeResize(values.size(), system.values.cols() + 1);
    system.values.rightCols(1) = values;
  };
  const ConfigValue* equations = c.spec.find("equations");
  if (equations == nullptr) throw InputError("no equations in the spec");
  std::string response;
  for (const ConfigValue::Member& member : equations->members()) {
    const RegressionData data = build_regression(member.value.string(), table);
    response = data.response;
    take(data.response, data.y);
    for (std::size_t j = 0; j < data.names.size(); ++j) {
      take(data.names[j], data.x.col(static_cast<Eigen::Index>(j)));
    }
    system.equations.push_back({member.key, data.response, data.names});
  }
  if (std::string instruments = c.text("instruments"); !instruments.empty()) {
    std::replace(instruments.begin(), instruments.end(), '\n', ' ');
    const auto tilde = instruments.find('~');
    const std::string terms = instruments.substr(tilde == std::string::npos ? 0 : tilde + 1);
    const RegressionData data = build_regression(response + " ~ " + terms, table);
    for (std::size_t j = 0; j < data.names.size(); ++j) {
      take(data.names[j], data.x.col(static_cast<Eigen::Index>(j)));
    }
    system.instruments = data.names;
  }
  std::vector<int> rows;
  for (Eigen::Index t = 0; t < system.values.rows(); ++t) {
    if (system.values.row(t).allFinite()) rows.push_back(static_cast<int>(t));
  }
  system.values = MatrixXd(system.values(rows, Eigen::all));
  return system;
}

void report_system(const std::string& prefix, const EquationSystem& system, const SystemFit& fit,
                   Quantities& q) {
  for (std::size_t i = 0; i < system.equations.size(); ++i) {
    const StructuralEquation& equation = system.equations[i];
    const VectorXd errors = fit.standard_errors(i);
    for (std::size_t j = 0; j < equation.regressors.size(); ++j) {
      const std::string name = equation.name + "_" + equation.regressors[j];
      q[prefix + ".coef." + name] = fit.coefficients[i](static_cast<Eigen::Index>(j));
      q[prefix + ".se." + name] = errors(static_cast<Eigen::Index>(j));
    }
  }
  q[prefix + ".resid_cov"] = by_rows(fit.residual_covariance);
}

}  // namespace

Quantities run_simultaneous_equations(const ReferenceCase& c) {
  const EquationSystem system = system_of(c);
  struct Estimator {
    const char* name;
    SystemMethod method;
    bool iterate;
  };
  Quantities q;
  for (const Estimator& estimator : {Estimator{"OLS", SystemMethod::ols, false},
                                     {"SUR", SystemMethod::sur, false},
                                     {"ITSUR", SystemMethod::sur, true},
                                     {"2SLS", SystemMethod::two_stage, false},
                                     {"3SLS", SystemMethod::three_stage, false},
                                     {"IT3SLS", SystemMethod::three_stage, true}}) {
    const bool instrumented = estimator.method == SystemMethod::two_stage ||
                              estimator.method == SystemMethod::three_stage;
    if (instrumented && system.instruments.empty()) continue;
    for (const auto& [suffix, divisor] : {std::pair("", SystemDivisor::degrees_of_freedom),
                                          std::pair("_noDfCor", SystemDivisor::observations)}) {
      SystemOptions options;
      options.method = estimator.method;
      options.divisor = divisor;
      options.iterate = estimator.iterate;
      report_system(std::string(estimator.name) + suffix, system, fit_system(system, options), q);
    }
  }
  return q;
}

}  // namespace amnok
