#include "models/trade_elasticity/panel_estimate.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/regression/poisson.h"
#include "engine/solver/covariance.h"
#include "models/trade_elasticity/elasticity_panel.h"
#include "models/trade_elasticity/elasticity_report.h"
#include "models/trade_elasticity/elasticity_terms.h"

namespace amnok {

namespace {

using Estimator = ElasticitySpec::Estimator;
using EffectsKind = ElasticitySpec::PanelEffectsKind;
using ErrorsKind = ElasticitySpec::PanelErrorsKind;

constexpr double kAlarm = 0.05;
constexpr double kAbsorbed = 1e-9;  // of a column's size: nothing is left but rounding

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

// Columns of x of which the transformed ones are nothing.
std::vector<int> vanished(const MatrixXd& x, const MatrixXd& transformed) {
  std::vector<int> columns;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    if (transformed.col(j).norm() <= kAbsorbed * x.col(j).norm()) {
      columns.push_back(static_cast<int>(j));
    }
  }
  return columns;
}

// The same value for all units of a period.
bool is_common(const VectorXd& column, const Groups& time) {
  return within_groups(column, time).norm() <= kAbsorbed * column.norm();
}

// Among the regressors; trend and seasons are common by nature.
bool has_common(const PooledUnits& units) {
  const MatrixXd& x = units.panel.x;
  for (Eigen::Index j = x.cols() - units.regressors; j < x.cols(); ++j) {
    if (is_common(x.col(j), units.panel.time)) return true;
  }
  return false;
}

// Names the columns that effects leave nothing of, or that depend on each other.
void check_absorbed(const PooledUnits& units, const Effects& sets, EffectsKind effects) {
  const PanelData& panel = units.panel;
  const MatrixXd less = less_effects(panel.x, sets);
  ProblemList problems;
  for (int j : vanished(panel.x, less)) {
    const std::string& name = units.slopes[static_cast<std::size_t>(j)];
    if (is_common(panel.x.col(j), panel.time) && effects == EffectsKind::two_way) {
      problems.error({},
                     fmt::format("{} is absorbed: it is the same for all units of a period, which "
                                 "period effects take away with everything else that is",
                                 name),
                     "effects = \"unit\" keeps it; its errors are then clustered by period at best "
                     "(driscoll_kraay)");
    } else {
      problems.error(
          {},
          fmt::format("{} is absorbed by the {} effects: it does not vary within a unit{}", name,
                      effects == EffectsKind::two_way ? "two-way" : "unit",
                      effects == EffectsKind::two_way ? " but with the period" : ""),
          "leave it out, or pool without effects (effects = \"none\")");
    }
  }
  problems.throw_if_errors();
  const LinearFit check = solve(LinearLeastSquares{less, panel.y});
  if (!check.aliased.empty()) {
    throw InputError(
        "perfectly collinear within units: " + collinear_columns(less, units.slopes, check.aliased),
        "leave one of them out");
  }
}

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

int automatic_lags(const PooledUnits& units, const ElasticitySpec& spec) {
  const auto periods = static_cast<double>(units.panel.time.count);
  const int lags = spec.lags.value_or(static_cast<int>(4 * std::pow(periods / 100, 2.0 / 9)));
  return std::min(lags, units.calendar.count - 1);
}

// Sets covariance, name and reference. `fit` has influences and calendar periods.
void infer(const PanelFit& fit, const PooledUnits& units, const ElasticitySpec& spec,
           PanelEstimate& estimate) {
  const int entities = units.panel.entity.count, periods = units.panel.time.count;
  const auto n = static_cast<double>(fit.residuals.size()), k = static_cast<double>(fit.x.cols());
  const auto factor = [&](double groups) { return groups / (groups - 1) * (n - 1) / (n - k); };
  ErrorsKind kind = spec.panel_errors;
  if (kind == ErrorsKind::automatic) {
    // What all units share speaks once a period, however many units there are.
    kind = entities >= kManyClusters && !has_common(units) ? ErrorsKind::clustered
                                                           : ErrorsKind::driscoll_kraay;
  }
  estimate.reference.kind = ReferenceDistribution::Kind::student_t;
  estimate.reference.df = fit.df_residual;
  switch (kind) {
    case ErrorsKind::classical:
      estimate.covariance = fit.sigma2() * fit.x.transpose() * fit.x;
      estimate.covariance_name = "classical";
      break;
    case ErrorsKind::hc0:
      estimate.covariance = panel_covariance(fit, PanelErrors::white);
      estimate.covariance_name = "HC0";
      break;
    case ErrorsKind::clustered:
      estimate.covariance = factor(entities) * panel_covariance(fit, PanelErrors::entity);
      estimate.covariance_name = fmt::format("clustered by unit ({} units)", entities);
      estimate.reference.df = entities - 1;
      if (entities < kManyClusters) {
        estimate.notes.push_back(
            fmt::format("{} clusters are few: clustered errors are too small on average, and "
                        "driscoll_kraay rests on the {} periods instead",
                        entities, periods));
      }
      break;
    case ErrorsKind::two_way: {
      const int groups = std::min(entities, periods);
      const MatrixXd raw = factor(groups) * panel_covariance(fit, PanelErrors::both);
      const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(raw);
      estimate.covariance = eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).asDiagonal() *
                            eigen.eigenvectors().transpose();
      estimate.covariance_name =
          fmt::format("clustered by unit ({}) and period ({})", entities, periods);
      estimate.reference.df = groups - 1;
      if (eigen.eigenvalues().minCoeff() < 0) {
        estimate.notes.push_back(fmt::format(
            "the two-way covariance is not positive semidefinite (smallest eigenvalue {:.2g}): "
            "negative eigenvalues are set to zero",
            eigen.eigenvalues().minCoeff()));
      }
      break;
    }
    case ErrorsKind::driscoll_kraay:
    case ErrorsKind::automatic: {
      const int lags = automatic_lags(units, spec);
      estimate.covariance =
          factor(periods) * panel_covariance(fit, PanelErrors::driscoll_kraay, lags);
      estimate.covariance_name = fmt::format("Driscoll-Kraay, {} lags", lags);
      estimate.reference.df = periods - 1;
      break;
    }
  }
}

void add_fact(ResultTable& table, const std::string& what, double value) {
  table.rows.push_back({what, value});
}

ResultTable panel_table(const PooledUnits& units) {
  ResultTable table{"panel", "The panel", {"measure", "value"}, {}};
  add_fact(table, "observations", static_cast<double>(units.panel.rows()));
  add_fact(table, "units", units.panel.entity.count);
  add_fact(table, "periods", units.panel.time.count);
  return table;
}

// Rows of each unit, and a number of each where there is one (its effect, its slopes).
ResultTable unit_table(const PooledUnits& units, const std::vector<std::string>& columns,
                       const MatrixXd& values) {
  ResultTable table{"units", "Units of the panel", {"unit", "observations", "first", "last"}, {}};
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  for (std::size_t i = 0; i < units.units.size(); ++i) {
    std::vector<Period> own;
    for (std::size_t t = 0; t < units.periods.size(); ++t) {
      if (units.panel.entity.code[t] == static_cast<int>(i)) own.push_back(units.periods[t]);
    }
    std::vector<ResultTable::Cell> row = {units.units[i], static_cast<double>(own.size()),
                                          format_period(own.front()), format_period(own.back())};
    for (Eigen::Index j = 0; j < values.cols(); ++j) {
      row.emplace_back(values(static_cast<Eigen::Index>(i), j));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// y less x'b, on average of each unit.
MatrixXd unit_constants(const PanelData& panel, const VectorXd& slopes) {
  return group_means(panel.y - panel.x * slopes, panel.entity);
}

struct PanelQuestion {
  Diagnostic test;
  const char *question, *bad, *good;
};

// p-values of tests the panel can carry.
void add_tests(const std::vector<PanelQuestion>& questions, PanelEstimate& estimate) {
  ResultTable table{"panel_tests",
                    "What a referee will ask of a panel",
                    {"question", "test", "statistic", "p", "verdict"},
                    {}};
  for (const PanelQuestion& q : questions) {
    if (!std::isfinite(q.test.p_value)) continue;
    Diagnostic test = q.test;
    test.words = test.p_value < kAlarm ? q.bad : q.good;
    table.rows.push_back(
        {std::string(q.question), test.name, test.statistic, test.p_value, test.words});
    estimate.tests.push_back(std::move(test));
  }
  if (!table.rows.empty()) estimate.tables.push_back(std::move(table));
}

// Those of residuals: over time and across units.
std::vector<PanelQuestion> residual_questions(const PanelFit& fit) {
  std::vector<PanelQuestion> questions;
  questions.push_back(
      {pesaran_cd(fit.residuals, fit.entity, fit.time), "do the units share shocks?",
       "errors of a period go together: driscoll_kraay allows for it, clustering by "
       "unit does not",
       "no sign of shocks in common"});
  return questions;
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
  infer(as_influences(fit, influence, k), units, spec, estimate);

  ResultTable table = panel_table(units);
  add_fact(table, "R2 within", fit.r2_within);
  add_fact(table, "sd of e", std::sqrt(fit.sigma2()));
  estimate.tables.push_back(std::move(table));
  estimate.tables.push_back(
      unit_table(units, {"constant"}, unit_constants(panel, fit.coefficients)));
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
      estimate.notes.push_back(
          fmt::format("{} units are too few for the variances of Swamy & Arora with {} slopes: "
                      "those of Wallace "
                      "& Hussain are taken",
                      panel.entity.count, k));
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
  infer(as_influences(dated, influence, k), units, spec, estimate);
  estimate.tables.push_back(std::move(table));
  estimate.tables.push_back(unit_table(units, {"constant"}, unit_constants(panel, slopes)));

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

// Codes without gaps, in order.
Groups renumbered(const std::vector<int>& codes, int count) {
  std::vector<int> number(static_cast<std::size_t>(count), -1);
  for (int c : codes) number[static_cast<std::size_t>(c)] = 0;
  int next = 0;
  for (int& c : number) c = c < 0 ? c : next++;
  Groups groups{codes, next};
  for (int& c : groups.code) c = number[static_cast<std::size_t>(c)];
  return groups;
}

// ---- levels with a log-linear mean -------------------------------------------------------------

void check_levels(const PooledUnits& units) {
  ProblemList problems;
  for (Eigen::Index t = 0; t < units.panel.rows(); ++t) {
    if (!(units.panel.y(t) < 0)) continue;
    const auto row = static_cast<std::size_t>(t);
    problems.error(
        {},
        fmt::format("panel unit {} in {} is {}, but must be at least 0 with estimator = \"ppml\"",
                    units.units[static_cast<std::size_t>(units.panel.entity.code[row])],
                    format_period(units.periods[row]), format_number(units.panel.y(t))));
  }
  problems.throw_if_errors();
}

void check_pooled_columns(const PooledUnits& units) {
  MatrixXd x(units.panel.rows(), units.panel.x.cols() + 1);
  x << VectorXd::Ones(units.panel.rows()), units.panel.x;
  std::vector<std::string> names = {"intercept"};
  names.insert(names.end(), units.slopes.begin(), units.slopes.end());
  const LinearFit check = solve(LinearLeastSquares{x, units.panel.y});
  if (check.aliased.empty()) return;
  throw InputError("perfectly collinear: " + collinear_columns(x, names, check.aliased),
                   "leave one of them out");
}

Groups without_empty(const Groups& groups, const std::vector<int>& rows) {
  return renumbered(group_subset(groups, rows).code, groups.count);
}

// The panel without some rows, and without the units that have none left.
PooledUnits some_rows(const PooledUnits& units, const std::vector<int>& rows) {
  PooledUnits some = units;
  some.panel.x = units.panel.x(rows, Eigen::all);
  some.panel.y = units.panel.y(rows);
  some.panel.entity = without_empty(units.panel.entity, rows);
  some.panel.time = without_empty(units.panel.time, rows);
  some.calendar = group_subset(units.calendar, rows);
  some.periods.clear();
  some.units.clear();
  std::vector<bool> kept(units.units.size(), false);
  for (int t : rows) {
    some.periods.push_back(units.periods[static_cast<std::size_t>(t)]);
    kept[static_cast<std::size_t>(units.panel.entity.code[static_cast<std::size_t>(t)])] = true;
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) some.units.push_back(units.units[i]);
  }
  return some;
}

void note_left_out(const PooledUnits& units, const PooledUnits& used, const PoissonFit& fit,
                   PanelEstimate& estimate) {
  if (fit.separated_rows.empty()) return;
  std::vector<std::string> gone, columns;
  for (const std::string& unit : units.units) {
    if (std::find(used.units.begin(), used.units.end(), unit) == used.units.end()) {
      gone.push_back(unit);
    }
  }
  for (int j : fit.separated_columns) columns.push_back(units.slopes[static_cast<std::size_t>(j)]);
  std::string words = fmt::format(
      "{} rows of zeros say nothing about the slopes, for effects or regressors fit them "
      "perfectly, "
      "and are left out",
      fit.separated_rows.size());
  if (!gone.empty()) words += "; zero throughout: " + join(gone, ", ");
  if (!columns.empty()) {
    words +=
        fmt::format("; {} acts there alone, has no estimate and counts as 0", join(columns, ", "));
  }
  estimate.notes.push_back(words);
}

// log(sum of y / sum of exp(x'b)) of each unit.
VectorXd poisson_constants(const PanelData& panel, const VectorXd& slopes) {
  const VectorXd means = (panel.x * slopes).array().exp();
  return (group_sums(panel.y, panel.entity).array() / group_sums(means, panel.entity).array())
      .log()
      .matrix();
}

// Influences of the own constant and the slopes on rows whose effects are taken out.
MatrixXd absorbed_influences(const PanelData& panel, const MatrixXd& less, const MatrixXd& bread,
                             const VectorXd& slopes) {
  const MatrixXd influence = less * bread;
  const VectorXd weights = (panel.x * slopes).array().exp();
  double size = 0, sum = 0;
  VectorXd mean = VectorXd::Zero(slopes.size());
  const auto is_own = [&](Eigen::Index t) {
    return panel.entity.code[static_cast<std::size_t>(t)] == 0;
  };
  for (Eigen::Index t = 0; t < panel.rows(); ++t) {
    if (!is_own(t)) continue;
    size += weights(t);
    sum += panel.y(t);
    mean += weights(t) * panel.x.row(t).transpose();
  }
  MatrixXd all(panel.rows(), slopes.size() + 1);
  all << -(influence * (mean / size)), influence;
  for (Eigen::Index t = 0; t < panel.rows(); ++t) {
    if (is_own(t)) all(t, 0) += 1 / sum;
  }
  return all;
}

// Influences as a fit whose scores are theirs; rows over the root of their mean, so that residuals
// are Pearson's.
PanelFit as_pearson_fit(const PooledUnits& used, const PoissonFit& fit,
                        const MatrixXd& influences) {
  const VectorXd root = fit.fitted.cwiseSqrt();
  PanelFit result;
  result.estimator = "ppml";
  result.x = root.asDiagonal() * influences;
  result.residuals = fit.residuals.cwiseQuotient(root);
  result.rss = result.residuals.squaredNorm();
  result.df_residual = fit.df_residual;
  result.xtx_inverse = MatrixXd::Identity(influences.cols(), influences.cols());
  result.entity = used.panel.entity;
  result.time = used.calendar;
  return result;
}

ResultTable poisson_panel_table(const PooledUnits& used, const PoissonFit& fit) {
  ResultTable table = panel_table(used);
  add_fact(table, "observations that are zero",
           static_cast<double>((used.panel.y.array() == 0).count()));
  add_fact(table, "pseudo log-likelihood", fit.log_likelihood);
  add_fact(table, "deviance", fit.deviance);
  const double pearson = fit.residuals.cwiseAbs2().cwiseQuotient(fit.fitted).sum();
  add_fact(table, "dispersion", pearson / fit.df_residual);
  return table;
}

// The own unit's rows among its complete ones: those of the panel come first, in order.
std::vector<int> own_rows_of(const PooledUnits& units, const std::vector<int>& rows) {
  std::vector<int> own;
  for (int t : rows) {
    if (units.panel.entity.code[static_cast<std::size_t>(t)] == 0) own.push_back(t);
  }
  return own;
}

}  // namespace

PanelEstimate estimate_poisson_panel(const PooledUnits& units, const ElasticitySpec& spec) {
  check_levels(units);
  const PanelData& panel = units.panel;
  const bool two_way = spec.effects == EffectsKind::two_way;
  const bool absorbs = two_way || spec.effects == EffectsKind::unit;
  const Eigen::Index k = panel.x.cols();
  PoissonOptions options;
  if (absorbs) {
    options.effects = {panel.entity, two_way ? panel.time : Groups{}};
    check_absorbed(units, options.effects, spec.effects);
  } else {
    check_pooled_columns(units);
  }
  // Without effects the constant is a column.
  MatrixXd x(panel.rows(), k + (absorbs ? 0 : 1));
  if (!absorbs) x.col(k).setOnes();
  x.leftCols(k) = panel.x;
  const PoissonFit fit = fit_poisson(x, panel.y, options);
  const PooledUnits used = some_rows(units, fit.rows);
  const VectorXd slopes = fit.coefficients.head(k);
  const VectorXd constants = poisson_constants(used.panel, slopes);
  PanelEstimate estimate;
  estimate.status = fit.status;
  estimate.message = fit.message;
  estimate.own_rows = own_rows_of(units, fit.rows);
  estimate.coefficients.resize(k + 1);
  estimate.coefficients << (absorbs ? constants(0) : fit.coefficients(k)), slopes;
  MatrixXd less = x(fit.rows, Eigen::all), influences(used.panel.rows(), k + 1);
  if (absorbs) {
    const Effects effects{used.panel.entity, two_way ? used.panel.time : Groups{}};
    less = less_effects(less, effects, fit.fitted);
    influences = absorbed_influences(used.panel, less, fit.bread, slopes);
  } else {
    const MatrixXd all = less * fit.bread;
    influences << all.col(k), all.leftCols(k);
  }
  // The last step of reweighted least squares.
  const VectorXd root = fit.fitted.cwiseSqrt();
  const VectorXd z = less * fit.coefficients + fit.residuals.cwiseQuotient(fit.fitted);
  estimate.problem = {root.asDiagonal() * less, root.cwiseProduct(z)};
  const PanelFit pearson = as_pearson_fit(used, fit, influences);
  infer(pearson, used, spec, estimate);
  if (spec.panel_errors == ErrorsKind::classical) {  // Poisson's own variance
    estimate.covariance = pearson.x.transpose() * pearson.x;
  }
  estimate.tables.push_back(poisson_panel_table(used, fit));
  estimate.tables.push_back(unit_table(used, {"constant"}, constants));
  if (!two_way) add_tests(residual_questions(pearson), estimate);
  note_left_out(units, used, fit, estimate);
  if (two_way) {
    estimate.notes.push_back(
        "a projection takes the period effects at their mean; what they vary is in its band");
  }
  return estimate;
}

PooledUnits pool_units(const ElasticitySpec& spec, const Sample& sample,
                       const ElasticityDesign& design) {
  PooledUnits pooled;
  pooled.units.push_back(spec.own_unit.empty() ? sample.target.variable : spec.own_unit);
  pooled.slopes = {design.names().begin() + (spec.constant ? 1 : 0), design.names().end()};
  const Eigen::Index k = pooled.regressors = design.regressors();
  MatrixXd targets(sample.n(), 1 + static_cast<Eigen::Index>(spec.panel.size()));
  targets.col(0) = sample.y;
  std::vector<MatrixXd> regressors = {sample.regressors.leftCols(k)};
  Eigen::Index next = k + static_cast<Eigen::Index>(spec.instruments.size());
  for (const PanelUnit& unit : spec.panel) {
    targets.col(static_cast<Eigen::Index>(pooled.units.size())) = sample.regressors.col(next++);
    regressors.push_back(unit.shared ? regressors.front() : sample.regressors.middleCols(next, k));
    next += unit.shared ? 0 : k;
    pooled.units.push_back(unit.name);
  }
  std::vector<Eigen::RowVectorXd> rows;
  std::vector<double> y;
  std::vector<int> periods;
  Groups& entity = pooled.panel.entity;
  for (std::size_t i = 0; i < pooled.units.size(); ++i) {
    const std::size_t before = rows.size();
    for (int t = 0; t < sample.n(); ++t) {
      const double target = targets(t, static_cast<Eigen::Index>(i));
      Eigen::RowVectorXd row = design.row(t, regressors[i].row(t), sample.events);
      if (!std::isfinite(target) || !row.allFinite()) continue;
      rows.push_back(row.tail(static_cast<Eigen::Index>(pooled.slopes.size())));
      y.push_back(target);
      entity.code.push_back(static_cast<int>(i));
      periods.push_back(t);
      pooled.periods.push_back(sample.range[t]);
    }
    if (rows.size() == before) {
      throw InputError(
          fmt::format("panel unit {} has 0 observations with all regressors in {}, but "
                      "must have at least 1",
                      pooled.units[i], format_range(sample.range)));
    }
  }
  entity.count = static_cast<int>(pooled.units.size());
  pooled.panel.x.resize(static_cast<Eigen::Index>(rows.size()),
                        static_cast<Eigen::Index>(pooled.slopes.size()));
  for (std::size_t t = 0; t < rows.size(); ++t) {
    pooled.panel.x.row(static_cast<Eigen::Index>(t)) = rows[t];
  }
  pooled.panel.y = Eigen::Map<const VectorXd>(y.data(), std::ssize(y));
  pooled.calendar = {periods, sample.n()};
  pooled.panel.time = renumbered(periods, sample.n());
  return pooled;
}

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
