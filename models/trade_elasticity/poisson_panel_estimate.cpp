#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/poisson.h"
#include "models/trade_elasticity/elasticity_terms.h"
#include "models/trade_elasticity/panel_inference.h"

namespace amnok {

namespace {

using EffectsKind = ElasticitySpec::PanelEffectsKind;
using ErrorsKind = ElasticitySpec::PanelErrorsKind;

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
  infer_panel(pearson, used, spec, estimate);
  if (spec.panel_errors == ErrorsKind::classical) {  // Poisson's own variance
    estimate.covariance = pearson.x.transpose() * pearson.x;
  }
  estimate.tables.push_back(poisson_panel_table(used, fit));
  estimate.tables.push_back(unit_table(used, {"constant"}, constants));
  if (!two_way) add_tests(residual_questions(pearson), estimate);
  note_left_out(units, used, fit, estimate);
  if (two_way) {
    estimate.notes.emplace_back(
        "a projection takes the period effects at their mean; what they vary is in its band");
  }
  return estimate;
}

}  // namespace amnok
