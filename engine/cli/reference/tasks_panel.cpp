// Regressions on panels.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/panel.h"

namespace amnok {

namespace {

struct PanelCase {
  PanelData data;
  std::vector<std::string> slopes;
};

Groups index_groups(const DataTable& table, const std::string& name) {
  const std::vector<std::string> cells = table.texts(name);
  const bool numeric = std::all_of(cells.begin(), cells.end(), [](const std::string& cell) {
    return parse_double(cell).has_value();
  });
  return numeric ? group_by(table.column(name)) : group_by(cells);
}

PanelCase panel_case(const ReferenceCase& c) {
  const DataTable& table = c.data.at(0);
  const std::vector<std::string> index = c.texts("index");
  if (index.size() != 2) throw InputError("index must name the entity and the time column");
  const RegressionData all = build_regression(c.text("formula"), table);
  PanelCase result;
  result.data.constant = !all.names.empty() && all.names[0] == "const";
  const int shift = result.data.constant ? 1 : 0;
  const std::vector<int> rows = complete_rows(all);
  result.data.y = all.y(rows);
  result.data.x = all.x.rightCols(all.x.cols() - shift)(rows, Eigen::all);
  result.slopes.assign(all.names.begin() + shift, all.names.end());
  const Groups entity = group_subset(index_groups(table, index[0]), rows);
  result.data.entity = intersection(entity, entity);  // those without rows forgotten
  result.data.time = group_subset(index_groups(table, index[1]), rows);
  return result;
}

class Reporter {
 public:
  Reporter(const std::vector<std::string>& slopes, Quantities& q) : slopes_(slopes), q_(q) {}

  void coefficients(const std::string& prefix, const PanelFit& fit) {
    values(prefix + ".coef.", fit, fit.coefficients);
    errors(prefix + ".se.", fit, fit.covariance());
    q_[prefix + ".rss"] = fit.rss;
    q_[prefix + ".df_residual"] = fit.df_residual;
    q_[prefix + ".n"] = static_cast<double>(fit.residuals.size());
  }
  void errors(const std::string& prefix, const PanelFit& fit, const MatrixXd& covariance) {
    values(prefix, fit, covariance.diagonal().cwiseMax(0).cwiseSqrt());
  }
  // Every robust covariance of one fit.
  void robust(const std::string& prefix, const PanelFit& fit) {
    const double n = static_cast<double>(fit.residuals.size());
    const double hc1 = n / (n - static_cast<double>(fit.coefficients.size()));
    const std::pair<const char*, PanelErrors> kinds[] = {{"cluster_group", PanelErrors::entity},
                                                         {"cluster_time", PanelErrors::time},
                                                         {"white1", PanelErrors::white},
                                                         {"double", PanelErrors::both}};
    for (const auto& [name, kind] : kinds) {
      const MatrixXd covariance = panel_covariance(fit, kind);
      const std::string key = prefix + ".se_" + name;
      errors(key + "_HC0.", fit, covariance);
      errors(key + "_HC1.", fit, hc1 * covariance);
      if (kind == PanelErrors::entity || kind == PanelErrors::time) {
        const Groups& clusters = kind == PanelErrors::entity ? fit.entity : fit.time;
        errors(key + "_sss.", fit, cluster_factor(fit, clusters) * covariance);
      }
    }
    for (int lag = 0; lag <= std::min(8, fit.time.count - 1); ++lag) {
      errors(fmt::format("{}.se_driscoll_kraay_lag{}.", prefix, lag), fit,
             panel_covariance(fit, PanelErrors::driscoll_kraay, lag));
    }
    errors(prefix + ".se_pcse.", fit, panel_covariance(fit, PanelErrors::panel_corrected));
  }

 private:
  void values(const std::string& prefix, const PanelFit& fit, const VectorXd& numbers) {
    Eigen::Index at = 0;
    if (fit.constant) q_[prefix + "const"] = numbers(at++);
    for (const std::string& name : slopes_) q_[prefix + name] = numbers(at++);
  }

  const std::vector<std::string>& slopes_;
  Quantities& q_;
};

void report_test(const std::string& name, const Diagnostic& test, Quantities& q) {
  if (std::isnan(test.statistic)) return;
  q[name + "_stat"] = test.statistic;
  q[name + "_df"] = test.df;
  q[name + "_p"] = test.p_value;
}

}  // namespace

Quantities run_panel(const ReferenceCase& c) {
  const PanelCase panel = panel_case(c);
  Quantities q;
  Reporter report(panel.slopes, q);
  const PanelFit pool = pooled(panel.data);
  report.coefficients("pool", pool);
  report.robust("pool", pool);
  const WithinFit fixed = within(panel.data, PanelEffects::entity);
  const WithinFit both = within(panel.data, PanelEffects::two_way);
  const WithinFit periods = within(panel.data, PanelEffects::time);
  const std::pair<const char*, const WithinFit*> withins[] = {
      {"fe", &fixed}, {"fe2", &both}, {"fe_time", &periods}};
  for (const auto& [name, fit] : withins) {
    const std::string prefix = name;
    report.coefficients(prefix, *fit);
    report.robust(prefix, *fit);
    q[prefix + ".r2_within"] = fit->r2_within;
    const Diagnostic f = effects_f_test(pool, *fit);
    q[prefix + ".F_poolability"] = f.statistic;
    q[prefix + ".F_poolability_p"] = f.p_value;
  }
  q["fe.fixef"] = fixed.entity_effects;
  report.coefficients("between", between(panel.data));
  const PanelFit differences = first_differences(panel.data);
  report.coefficients("fd", differences);

  const std::pair<const char*, VarianceComponents> methods[] = {
      {"re_swar", VarianceComponents::swamy_arora},
      {"re_walhus", VarianceComponents::wallace_hussain},
      {"re_amemiya", VarianceComponents::amemiya},
      {"re_nerlove", VarianceComponents::nerlove}};
  for (const auto& [name, method] : methods) {
    const std::string prefix = name;
    const RandomEffectsFit random = random_effects(panel.data, method);
    report.coefficients(prefix, random);
    q[prefix + ".sigma2_idios"] = random.sigma2_idiosyncratic;
    q[prefix + ".sigma2_id"] = random.sigma2_entity;
    if (random.theta.maxCoeff() - random.theta.minCoeff() < 1e-12) {
      q[prefix + ".theta"] = random.theta(0);
    }
    if (method == VarianceComponents::swamy_arora) {
      report_test("hausman", hausman(fixed, random), q);
    }
  }
  q["breusch_pagan_lm"] = breusch_pagan_effects(pool).statistic;
  q["wooldridge_ar_F"] = wooldridge_within(fixed).statistic;
  q["wooldridge_fd_F"] = wooldridge_differences(differences).statistic;
  q["pesaran_cd"] = pesaran_cd(fixed.residuals, fixed.entity, fixed.time).statistic;
  return q;
}

}  // namespace amnok
