#include "models/trade_elasticity/panel_inference.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "models/trade_elasticity/elasticity_panel.h"
#include "models/trade_elasticity/elasticity_terms.h"

namespace amnok {

namespace {

using ErrorsKind = ElasticitySpec::PanelErrorsKind;
using EffectsKind = ElasticitySpec::PanelEffectsKind;

constexpr double kAlarm = 0.05;
constexpr double kAbsorbed = 1e-9;  // of a column's size: nothing is left but rounding

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

// Among the regressors; trend and seasons are common by nature.
bool has_common(const PooledUnits& units) {
  const MatrixXd& x = units.panel.x;
  for (Eigen::Index j = x.cols() - units.regressors; j < x.cols(); ++j) {
    if (is_common(x.col(j), units.panel.time)) return true;
  }
  return false;
}

// Those that a constant of their own fits perfectly. They are no clusters.
std::vector<std::string> silent_units(const PooledUnits& units, EffectsKind effects) {
  std::vector<std::string> silent;
  if (effects != EffectsKind::unit && effects != EffectsKind::two_way) return silent;
  const VectorXd sizes = group_sizes(units.panel.entity);
  for (std::size_t i = 0; i < units.units.size(); ++i) {
    if (sizes(static_cast<Eigen::Index>(i)) == 1) silent.push_back(units.units[i]);
  }
  return silent;
}

}  // namespace

bool is_common(const VectorXd& column, const Groups& time) {
  return within_groups(column, time).norm() <= kAbsorbed * column.norm();
}

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

int driscoll_kraay_lags(const PooledUnits& units, const ElasticitySpec& spec) {
  const auto periods = static_cast<double>(units.panel.time.count);
  const int lags = spec.lags.value_or(static_cast<int>(4 * std::pow(periods / 100, 2.0 / 9)));
  return std::min(lags, units.calendar.count - 1);
}

void infer_panel(const PanelFit& fit, const PooledUnits& units, const ElasticitySpec& spec,
                 PanelEstimate& estimate) {
  const std::vector<std::string> silent = silent_units(units, spec.effects);
  if (!silent.empty()) {
    estimate.notes.push_back(
        fmt::format("observed once and so silent about the slopes beside a constant of their own: "
                    "{}",
                    join(silent, ", ")));
  }
  const int entities = units.panel.entity.count - static_cast<int>(silent.size());
  const int periods = units.panel.time.count;
  const auto n = static_cast<double>(fit.residuals.size()), k = static_cast<double>(fit.x.cols());
  const auto factor = [&](double groups) { return groups / (groups - 1) * (n - 1) / (n - k); };
  ErrorsKind kind = spec.panel_errors;
  if (kind == ErrorsKind::automatic) {
    // What all units share speaks once a period, however many units there are.
    kind = entities >= kManyClusters && !has_common(units) ? ErrorsKind::clustered
                                                           : ErrorsKind::driscoll_kraay;
  }
  if (entities < 2 && (kind == ErrorsKind::clustered || kind == ErrorsKind::two_way)) {
    throw InputError(fmt::format("the number of units with more than one observation is {}, but "
                                 "must be at least 2 for errors clustered by unit",
                                 entities),
                     "errors = \"driscoll_kraay\" rests on the periods");
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
      const int lags = driscoll_kraay_lags(units, spec);
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

std::vector<PanelQuestion> residual_questions(const PanelFit& fit) {
  std::vector<PanelQuestion> questions;
  questions.push_back(
      {pesaran_cd(fit.residuals, fit.entity, fit.time), "do the units share shocks?",
       "errors of a period go together: driscoll_kraay allows for it, clustering by "
       "unit does not",
       "no sign of shocks in common"});
  return questions;
}

}  // namespace amnok
