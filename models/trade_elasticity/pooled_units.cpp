#include <fmt/format.h>

#include <cmath>

#include "engine/base/input_error.h"
#include "models/trade_elasticity/panel_estimate.h"

namespace amnok {

namespace {

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

Groups without_empty(const Groups& groups, const std::vector<int>& rows) {
  return renumbered(group_subset(groups, rows).code, groups.count);
}

}  // namespace

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

}  // namespace amnok
