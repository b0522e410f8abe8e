#include "models/trade_elasticity/dynamic_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/regression/bounds_test.h"

namespace amnok {

namespace {

constexpr double kAlarm = 0.05;
constexpr std::size_t kMostOrders = 10;

void add_multipliers(ResultTable& table, const std::string& change,
                     const DynamicMultipliers& multipliers) {
  for (Eigen::Index h = 0; h < multipliers.cumulative.size(); ++h) {
    table.rows.push_back({change, static_cast<double>(h), multipliers.cumulative(h),
                          multipliers.lower(h), multipliers.upper(h), multipliers.long_run});
  }
}

// " + 0.31 x" or " - 0.31 x".
std::string signed_term(double value, const std::string& name) {
  return fmt::format(" {} {}{}{}", value < 0 ? '-' : '+', format_significant(std::fabs(value), 4),
                     name.empty() ? "" : " ", name);
}

ResultTable::Cell probability(const std::optional<BoundsPValues>& values, bool one) {
  if (!values) return std::string("not tabulated");
  return (one ? values->i1 : values->i0).words();
}

}  // namespace

ResultTable lag_table(const ArdlSelection& selection, ArdlCriterion criterion) {
  const char* name = criterion == ArdlCriterion::aic   ? "AIC"
                     : criterion == ArdlCriterion::bic ? "BIC"
                                                       : "AICc";
  ResultTable table{"lags",
                    fmt::format("Lags by {}: the best of {} orders, all on one sample", name,
                                selection.candidates.size()),
                    {"order", "aic", "aicc", "bic"},
                    {}};
  for (const ArdlCandidate& c : selection.candidates) {
    if (table.rows.size() == kMostOrders) break;
    table.rows.push_back({c.order.name(), c.aic, c.aicc, c.bic});
  }
  return table;
}

ResultTable long_run_table(const ArdlFit& fit) {
  ResultTable table{
      "long_run",
      "Long-run elasticities; the Fieller set is the one to report",
      {"term", "estimate", "fieller95", "delta_std_error", "delta_low95", "delta_high95"},
      {}};
  for (const LongRunCoefficient& c : long_run(fit)) {
    table.rows.push_back(
        {c.name, c.value(), c.fieller.words(), c.standard_error(), c.delta.lower, c.delta.upper});
  }
  return table;
}

ResultTable adjustment_table(const ArdlFit& fit) {
  const Adjustment a = adjustment(fit);
  return {"adjustment",
          "Adjustment to the long run",
          {"speed", "std_error", "t", "half_life", "verdict"},
          {{a.speed, a.standard_error, a.t, a.half_life.value_or(kMissing), a.words}}};
}

ResultTable bounds_table(const ArdlFit& fit) {
  ResultTable table{"bounds",
                    fmt::format("Is there a relationship in levels? Bounds tests, case {}",
                                static_cast<int>(fit.terms)),
                    {"statistic", "value", "k", "p_if_I0", "p_if_I1", "verdict"},
                    {}};
  if (fit.forcing.empty()) return table;
  for (const BoundsTest& test : {bounds_f_test(fit), bounds_t_test(fit)}) {
    table.rows.push_back({std::string(test.statistic == BoundsStatistic::f ? "F" : "t"), test.value,
                          static_cast<double>(test.k), probability(test.finite, false),
                          probability(test.finite, true), test.words});
  }
  return table;
}

ResultTable multiplier_table(const NardlFit& fit, int horizon) {
  ResultTable table{"multipliers",
                    "Cumulative response to a lasting unit change (95 % band, delta method)",
                    {"change", "h", "response", "low95", "high95", "long_run"},
                    {}};
  const auto k = static_cast<Eigen::Index>(fit.ardl.x_names.size());
  for (const SplitRegressor& split : fit.split) {
    const AsymmetricMultipliers m = asymmetric_multipliers(fit, split, horizon);
    add_multipliers(table, split.name + ": rise", m.rise);
    add_multipliers(table, split.name + ": fall", m.fall);
    add_multipliers(table, split.name + ": rise and fall together", m.asymmetry);
  }
  for (Eigen::Index j = 0; j < k && fit.split.empty(); ++j) {
    add_multipliers(table, fit.ardl.x_names[static_cast<std::size_t>(j)],
                    dynamic_multipliers(fit.ardl, VectorXd::Unit(k, j), horizon));
  }
  return table;
}

ResultTable symmetry_table(const NardlFit& fit) {
  ResultTable table{
      "symmetry", "Do rises and falls act alike?", {"regressor", "test", "f", "p", "verdict"}, {}};
  for (const SplitRegressor& split : fit.split) {
    const SymmetryTests tests = symmetry_tests(fit, split);
    for (const Diagnostic& test : {tests.long_run, tests.short_run_sum, tests.short_run_each}) {
      if (!std::isfinite(test.p_value)) continue;
      table.rows.push_back({split.name, test.name, test.statistic, test.p_value,
                            test.p_value < kAlarm ? std::string("rises and falls differ")
                                                  : std::string("symmetry is not rejected")});
    }
  }
  return table;
}

std::string error_correction_algebra(const ArdlFit& fit) {
  const std::vector<int> levels = fit.level_columns();
  const double speed = fit.coefficient(fit.level);
  std::string inside = fit.names[static_cast<std::size_t>(fit.level)];
  std::string outside;
  for (int j = 0; j < static_cast<int>(fit.names.size()); ++j) {
    if (j == fit.level) continue;
    const std::string name = j == fit.constant ? "" : fit.names[static_cast<std::size_t>(j)];
    const bool level = std::find(levels.begin(), levels.end(), j) != levels.end();
    (level ? inside : outside) +=
        signed_term(level ? fit.coefficient(j) / speed : fit.coefficient(j), name);
  }
  return fmt::format("diff({}) = {} ({}){} + e", fit.y_name, format_significant(speed, 4), inside,
                     outside);
}

}  // namespace amnok
