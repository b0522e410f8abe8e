// Regressions with instruments.
#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/weak_instruments.h"

namespace amnok {

namespace {

struct InstrumentedCase {
  InstrumentalRegression regression;
  std::vector<std::string> names;  // of the coefficients: exogenous, endogenous
  std::vector<std::string> endogenous;
};

MatrixXd columns(const RegressionData& data, const std::vector<std::string>& names) {
  MatrixXd chosen(data.y.size(), static_cast<Eigen::Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto at = std::find(data.names.begin(), data.names.end(), names[j]) - data.names.begin();
    chosen.col(static_cast<Eigen::Index>(j)) = data.x.col(at);
  }
  return chosen;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "y ~ regressors | instruments": a regressor that is not an instrument is endogenous.
InstrumentedCase instrumented(const ReferenceCase& c) {
  const std::string formula = c.text("formula");
  const auto bar = formula.find('|'), tilde = formula.find('~');
  if (bar == std::string::npos) throw InputError("no | in the formula " + formula);
  RegressionData equation = build_regression(formula.substr(0, bar), c.data.at(0));
  RegressionData instruments =
      build_regression(formula.substr(0, tilde) + "~" + formula.substr(bar + 1), c.data.at(0));
  std::vector<int> rows;
  std::ranges::set_intersection(complete_rows(equation), complete_rows(instruments),
                                std::back_inserter(rows));
  for (RegressionData* data : {&equation, &instruments}) {
    data->y = VectorXd(data->y(rows));
    data->x = MatrixXd(data->x(rows, Eigen::all));
  }
  InstrumentedCase result;
  std::vector<std::string> exogenous, excluded;
  for (const std::string& name : equation.names) {
    (holds(instruments.names, name) ? exogenous : result.endogenous).push_back(name);
  }
  for (const std::string& name : instruments.names) {
    if (!holds(equation.names, name)) excluded.push_back(name);
  }
  result.regression = {equation.y, columns(equation, exogenous),
                       columns(equation, result.endogenous), columns(instruments, excluded)};
  result.names = exogenous;
  result.names.insert(result.names.end(), result.endogenous.begin(), result.endogenous.end());
  return result;
}

void report(const std::string& prefix, const InstrumentedCase& c, const VectorXd& values,
            Quantities& q) {
  for (std::size_t j = 0; j < c.names.size(); ++j) {
    q[prefix + "." + c.names[j]] = values(static_cast<Eigen::Index>(j));
  }
}

VectorXd standard_errors(const MatrixXd& covariance) {
  return covariance.diagonal().cwiseSqrt();
}

void report_test(const std::string& name, const Diagnostic& test, Quantities& q) {
  q[name + "_stat"] = test.statistic;
  q[name + "_p"] = test.p_value;
  q[name + "_df1"] = test.df;
  if (!std::isnan(test.df2)) q[name + "_df2"] = test.df2;
}

void report_first_stages(const InstrumentedCase& c, const InstrumentalProjection& projection,
                         Quantities& q) {
  const std::vector<FirstStage> stages = first_stages(projection, ErrorStructure::hc0());
  for (std::size_t j = 0; j < stages.size(); ++j) {
    const std::string suffix = stages.size() == 1 ? "" : "." + c.endogenous[j];
    const auto add = [&](const char* name, double value) {
      q["weak_instruments_" + std::string(name) + suffix] = value;
    };
    add("stat", stages[j].f.statistic);
    add("p", stages[j].f.p_value);
    add("df1", stages[j].f.df);
    add("df2", stages[j].f.df2);
    add("stat_HC0", stages[j].robust_f.statistic);
    q["partial_r2" + suffix] = stages[j].partial_r2;
    q["conditional_F" + suffix] = stages[j].conditional.statistic;
  }
  q["cragg_donald_F"] = cragg_donald(projection);
}

}  // namespace

Quantities run_iv_2sls(const ReferenceCase& c) {
  const InstrumentedCase data = instrumented(c);
  const InstrumentalProjection projection(data.regression);
  const InstrumentalFit fit = two_stage_least_squares(projection);
  Quantities q;
  ErrorStructure classical;
  classical.small_sample = true;
  report("coef", data, fit.coefficients, q);
  const std::pair<const char*, ErrorStructure> kinds[] = {
      {"classical", classical}, {"HC0", ErrorStructure::hc0()}, {"HC1", ErrorStructure::hc1()}};
  for (const auto& [name, errors] : kinds) {
    report("se." + std::string(name), data,
           standard_errors(instrumental_covariance(projection, fit, errors)), q);
  }
  q["sigma"] = std::sqrt(fit.sigma2());
  q["rss"] = fit.rss;
  q["n"] = static_cast<double>(projection.n);
  report_first_stages(data, projection, q);
  report_test("wu_hausman", wu_hausman(projection), q);

  const InstrumentalFit liml = limited_information(projection);
  report("liml.coef", data, liml.coefficients, q);
  report("liml.se", data, standard_errors(instrumental_covariance(projection, liml, classical)), q);
  q["liml_k"] = liml.kappa;
  const InstrumentalFit fuller = limited_information(projection, 1);
  report("fuller1.coef", data, fuller.coefficients, q);
  const GmmFit gmm = two_step_gmm(projection, ErrorStructure::hc0());
  report("gmm2s.coef", data, gmm.coefficients, q);
  report("gmm2s.se", data, standard_errors(gmm.covariance), q);
  if (projection.b > projection.m) {
    report_test("sargan", sargan(projection, fit), q);
    q["gmm2s_J"] = gmm.hansen_j.statistic;
    q["gmm2s_J_p"] = gmm.hansen_j.p_value;
  }
  return q;
}

}  // namespace amnok
