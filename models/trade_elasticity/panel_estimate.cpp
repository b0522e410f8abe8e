#include "models/trade_elasticity/panel_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "models/trade_elasticity/elasticity_panel.h"
#include "models/trade_elasticity/elasticity_report.h"
#include "models/trade_elasticity/panel_inference.h"

namespace amnok {

namespace {

using Estimator = ElasticitySpec::Estimator;
using EffectsKind = ElasticitySpec::PanelEffectsKind;

// Rows of the own unit, their means and how many there are.
struct OwnUnit {
  std::vector<int> rows;
  double y = 0;
  VectorXd x;

  explicit OwnUnit(const PanelData& panel) {
    for (std::size_t t = 0; t < panel.entity.code.size(); ++t) {
      if (panel.entity.code[t] == 0) rows.push_back(static_cast<int>(t));
    }
    y = panel.y(rows).mean();
    x = panel.x(rows, Eigen::all).colwise().mean().transpose();
  }
  double count() const { return static_cast<double>(rows.size()); }
};

// A fit whose rows are influences of the own constant and the slopes: then every covariance of the
// panel is one of these coefficients.
PanelFit as_influences(const PanelFit& fit, const VectorXd& own_influence, Eigen::Index slopes) {
  PanelFit result = fit;
  const MatrixXd influence = fit.x * fit.xtx_inverse;
  result.x.resize(influence.rows(), slopes + 1);
  result.x << own_influence, influence.rightCols(slopes);
  result.xtx_inverse = MatrixXd::Identity(slopes + 1, slopes + 1);
  return result;
}

// y less x'b, on average of each unit.
MatrixXd unit_constants(const PanelData& panel, const VectorXd& slopes) {
  return group_means(panel.y - panel.x * slopes, panel.entity);
}

ResultTable hausman_table(const PooledUnits& units, const PanelFit& fixed, const PanelFit& random,
                          const Diagnostic& test) {
  const std::string verdict =
      std::isfinite(test.p_value)
          ? fmt::format("chi-squared({:.0f}) {}, p = {}", test.df,
                        format_significant(test.statistic, 4), format_significant(test.p_value, 3))
          : "no test, the difference of their covariances is singular";
  ResultTable table{"hausman",
                    "Hausman: fixed against random effects, " + verdict,
                    {"term", "fixed", "random", "difference"},
                    {}};
  for (std::size_t j = 0; j < units.slopes.size(); ++j) {
    const auto i = static_cast<Eigen::Index>(j);
    const double f = fixed.coefficients(i), r = random.coefficients.tail(fixed.slopes())(i);
    table.rows.push_back({units.slopes[j], f, r, f - r});
  }
  return table;
}

// The question of serial correlation, for panels with enough neighbouring periods.
void ask_serial(const WithinFit& fit, std::vector<PanelQuestion>& questions) {
  try {
    questions.push_back({wooldridge_within(fit), "are the errors correlated over time?",
                         "errors are autocorrelated: clustered or driscoll_kraay errors allow for "
                         "it",
                         "no sign of autocorrelation"});
  } catch (const InputError&) {
    // too few neighbouring periods for a regression on a lag
  }
}

PanelFit with_calendar(PanelFit fit, const PooledUnits& units) {
  fit.time = units.calendar;
  return fit;
}

// The slopes by the estimators that use one part of the variation each, beside the estimate.
ResultTable estimator_table(const PooledUnits& units, const ElasticitySpec& spec) {
  const int lags = driscoll_kraay_lags(units, spec);
  PanelData data = units.panel;
  data.constant = true;
  data.time = units.calendar;  // differences are of neighbouring periods
  ResultTable table{"slopes_by_estimator",
                    "Slopes by the variation they use",
                    {"term", "estimator", "estimate", "std_error", "rows", "errors"},
                    {}};
  const auto add = [&](const char* name, const auto& estimate) {
    try {
      const PanelFit fit = estimate();
      // What infer_panel takes by itself where units share nothing; `between` has no periods.
      const auto filled = [](const Groups& groups) {
        return static_cast<double>((group_sizes(groups).array() > 0).count());
      };
      const bool dated = fit.time.count > 0, many = filled(fit.entity) >= kManyClusters;
      const auto n = static_cast<double>(fit.residuals.size());
      const double k = static_cast<double>(units.slopes.size()) + 1;
      const double g = dated ? filled(many ? fit.entity : fit.time) : 0;
      const bool robust = g > 1 && n > k;
      const PanelErrors kind = many ? PanelErrors::entity : PanelErrors::driscoll_kraay;
      const MatrixXd covariance =
          robust ? g / (g - 1) * (n - 1) / (n - k) * panel_covariance(fit, kind, lags)
                 : fit.covariance();
      const Eigen::Index first = fit.constant ? 1 : 0;
      for (std::size_t j = 0; j < units.slopes.size(); ++j) {
        const Eigen::Index at = first + static_cast<Eigen::Index>(j);
        table.rows.push_back({units.slopes[j], std::string(name), fit.coefficients(at),
                              std::sqrt(std::max(covariance(at, at), 0.0)),
                              static_cast<double>(fit.residuals.size()),
                              std::string(!robust ? "classical"
                                          : many  ? "clustered by unit"
                                                  : "Driscoll-Kraay")});
      }
    } catch (const InputError&) {
      // too few units or neighbouring periods, or nothing varies there
    }
  };
  add("pooled", [&] { return pooled(data); });
  add("between units", [&] { return between(data); });
  add("within units", [&] { return PanelFit(within(data, PanelEffects::entity)); });
  add("first differences", [&] { return first_differences(data); });
  return table;
}

PanelEstimate fixed_effects(const PooledUnits& units, const ElasticitySpec& spec) {
  const PanelData& panel = units.panel;
  const bool two_way = spec.effects == EffectsKind::two_way;
  check_absorbed(units, {panel.entity, two_way ? panel.time : Groups{}}, spec.effects);
  WithinFit fit = within(panel, two_way ? PanelEffects::two_way : PanelEffects::entity);
  const OwnUnit own(panel);
  const Eigen::Index k = fit.coefficients.size();
  PanelEstimate estimate;
  estimate.coefficients.resize(k + 1);
  estimate.coefficients << own.y - own.x.dot(fit.coefficients), fit.coefficients;
  estimate.problem = {fit.x, fit.x * fit.coefficients + fit.residuals};
  fit.time = units.calendar;
  VectorXd influence = -(fit.x * (fit.xtx_inverse * own.x));
  for (int t : own.rows) influence(t) += 1 / own.count();
  infer_panel(as_influences(fit, influence, k), units, spec, estimate);

  ResultTable table = panel_table(units);
  add_fact(table, "R2 within", fit.r2_within);
  add_fact(table, "sd of e", std::sqrt(fit.sigma2()));
  estimate.tables.push_back(std::move(table));
  estimate.tables.push_back(
      unit_table(units, {"constant"}, unit_constants(panel, fit.coefficients)));
  estimate.tables.push_back(estimator_table(units, spec));
  std::vector<PanelQuestion> questions;
  PanelData with_constant = panel;
  with_constant.constant = true;
  questions.push_back({effects_f_test(pooled(with_constant), fit), "do the units differ in level?",
                       "they do: effects are needed", "no sign of it"});
  ask_serial(fit, questions);
  // Two-way effects take the mean of each period out, and shocks in common with it.
  if (!two_way) {
    for (const PanelQuestion& q : residual_questions(fit)) questions.push_back(q);
  }
  add_tests(questions, estimate);
  if (two_way) {
    estimate.notes.push_back(
        "a projection takes the period effects at their mean; what they vary is in its band");
  }
  return estimate;
}

PanelEstimate pooled_or_random(const PooledUnits& units, const ElasticitySpec& spec) {
  const PanelData& panel = units.panel;
  const bool random = spec.effects == EffectsKind::random;
  const OwnUnit own(panel);
  const Eigen::Index k = panel.x.cols();
  PanelEstimate estimate;
  ResultTable table = panel_table(units);
  PanelFit fit;
  double shrink = 0, theta = 0;
  if (random) {
    const bool enough = panel.entity.count > k + 1;
    const auto method =
        enough ? VarianceComponents::swamy_arora : VarianceComponents::wallace_hussain;
    const RandomEffectsFit effects = random_effects(panel, method);
    if (!enough) {
      estimate.notes.push_back(fmt::format(
          "{} units are too few for the variances of Swamy & Arora with {} slope{}: those of "
          "Wallace & Hussain are taken",
          panel.entity.count, k, k == 1 ? "" : "s"));
    }
    if (effects.truncated) {
      estimate.notes.push_back("the variance of the units' effects came out negative and is 0");
    }
    theta = effects.theta(0);
    shrink = 1 - (1 - theta) * (1 - theta);  // T s2_a / (s2_e + T s2_a)
    add_fact(table, "sd of e", std::sqrt(effects.sigma2_idiosyncratic));
    add_fact(table, "sd of a", std::sqrt(effects.sigma2_entity));
    fit = effects;
  } else {
    fit = pooled(panel);
    add_fact(table, "sd of e", std::sqrt(fit.sigma2()));
  }
  const VectorXd slopes = fit.coefficients.tail(k);
  const double constant = fit.constant ? fit.coefficients(0) : 0;
  estimate.coefficients.resize(k + 1);
  // The own unit's effect: its mean deviation, shrunk.
  estimate.coefficients << constant + shrink * (own.y - constant - own.x.dot(slopes)), slopes;
  estimate.problem = {fit.x, fit.x * fit.coefficients + fit.residuals};
  const PanelFit dated = with_calendar(fit, units);
  const MatrixXd all = fit.x * fit.xtx_inverse;
  VectorXd influence = (1 - shrink) * all.col(0) - shrink * (all.rightCols(k) * own.x);
  for (int t : own.rows) influence(t) += shrink / (own.count() * (1 - theta));
  infer_panel(as_influences(dated, influence, k), units, spec, estimate);
  estimate.tables.push_back(std::move(table));
  estimate.tables.push_back(unit_table(units, {"constant"}, unit_constants(panel, slopes)));
  estimate.tables.push_back(estimator_table(units, spec));

  std::vector<PanelQuestion> questions = residual_questions(dated);
  questions.push_back({breusch_pagan_effects(pooled(panel)), "do the units differ in level?",
                       "they do: effects are needed", "no sign of it"});
  if (random) {
    const WithinFit fixed = within(panel, PanelEffects::entity);
    const Diagnostic test = hausman(fixed, fit);
    estimate.tables.push_back(hausman_table(units, fixed, fit, test));
    questions.push_back({test, "are the units' effects unrelated to the regressors?",
                         "they are related: effects = \"unit\" is right, random is not",
                         "no sign that they are related"});
    ask_serial(fixed, questions);
  }
  add_tests(questions, estimate);
  return estimate;
}

PanelEstimate heterogeneous(const PooledUnits& units, const ElasticitySpec& spec) {
  const PanelData& panel = units.panel;
  const bool factors = spec.estimator != Estimator::mean_group;
  if (factors) {
    for (Eigen::Index j = 0; j < panel.x.cols(); ++j) {
      if (!is_common(panel.x.col(j), panel.time)) continue;
      throw InputError(fmt::format("{} is absorbed: it is the same for all units of a period, as "
                                   "are the period means that stand for common factors",
                                   units.slopes[static_cast<std::size_t>(j)]),
                       "estimator = \"mean_group\" keeps it");
    }
  }
  const HeterogeneousFit fit = spec.estimator == Estimator::mean_group ? mean_group(panel)
                               : spec.estimator == Estimator::cce      ? cce_mean_group(panel)
                                                                       : cce_pooled(panel);
  const OwnUnit own(panel);
  const Eigen::Index k = fit.coefficients.size();
  PanelEstimate estimate;
  estimate.coefficients.resize(k + 1);
  estimate.coefficients << own.y - own.x.dot(fit.coefficients), fit.coefficients;
  const VectorXd e = panel.y(own.rows) - panel.x(own.rows, Eigen::all) * fit.coefficients;
  const double s2 = (e.array() - e.mean()).square().sum() / std::max(own.count() - 1, 1.0);
  estimate.covariance.resize(k + 1, k + 1);
  const VectorXd with_slopes = -(fit.covariance * own.x);
  estimate.covariance << s2 / own.count() - own.x.dot(with_slopes), with_slopes.transpose(),
      with_slopes, fit.covariance;
  const auto used = static_cast<int>(fit.entities.size());
  estimate.covariance_name = fmt::format("spread of {} units' slopes", used);
  estimate.reference.kind = ReferenceDistribution::Kind::student_t;
  estimate.reference.df = used - 1;
  estimate.problem = {panel.x, panel.x * fit.coefficients};
  estimate.tables.push_back(panel_table(units));
  MatrixXd slopes = MatrixXd::Constant(panel.entity.count, k, kMissing);
  for (std::size_t i = 0; i < fit.entities.size(); ++i) {
    slopes.row(fit.entities[i]) = fit.by_entity.col(static_cast<Eigen::Index>(i)).transpose();
  }
  estimate.tables.push_back(unit_table(units, units.slopes, slopes));
  if (!fit.left_out.empty()) {
    std::vector<std::string> names;
    for (int i : fit.left_out) names.push_back(units.units[static_cast<std::size_t>(i)]);
    estimate.notes.push_back("too short for a regression of their own, and left out of the mean: " +
                             join(names, ", "));
  }
  if (factors) {
    estimate.notes.push_back(
        "a projection takes common factors at their mean; what they vary is in its band");
  }
  return estimate;
}

}  // namespace

PanelEstimate estimate_panel(const PooledUnits& units, const ElasticitySpec& spec) {
  if (spec.estimator != Estimator::ols) return heterogeneous(units, spec);
  const bool fixed = spec.effects == EffectsKind::unit || spec.effects == EffectsKind::two_way;
  return fixed ? fixed_effects(units, spec) : pooled_or_random(units, spec);
}

void report_panel(const PooledUnits& units, const PanelEstimate& estimate,
                  const std::vector<std::string>& names, FitResult& result) {
  result.inference_df = equivalent_df(estimate.reference);
  result.tables.push_back(
      elasticity_table(names, estimate.coefficients, estimate.covariance, estimate.reference));
  result.tables.insert(result.tables.end(), estimate.tables.begin(), estimate.tables.end());
  result.notes.push_back(fmt::format(
      "slopes rest on {} observations of {} units in {} periods; constant, observations and "
      "residuals shown here are those of {}",
      units.panel.rows(), units.units.size(), units.panel.time.count, units.units[0]));
  result.notes.insert(result.notes.end(), estimate.notes.begin(), estimate.notes.end());
}

}  // namespace amnok
