// What the estimates of all panels share: columns that effects leave nothing of, the covariance of
// constant and slopes, tables and questions.
#pragma once

#include <string>
#include <vector>

#include "engine/regression/fixed_effects.h"
#include "engine/stats/diagnostic.h"
#include "models/trade_elasticity/panel_estimate.h"

namespace amnok {

// The same value for all units of a period.
bool is_common(const VectorXd& column, const Groups& time);

// Names the columns that effects leave nothing of, or that depend on each other.
void check_absorbed(const PooledUnits& units, const Effects& sets,
                    ElasticitySpec::PanelEffectsKind effects);

// As asked for, or 4 (T / 100)^(2/9) of the T periods.
int driscoll_kraay_lags(const PooledUnits& units, const ElasticitySpec& spec);
// Sets covariance, name and reference. `fit` has influences and calendar periods.
void infer_panel(const PanelFit& fit, const PooledUnits& units, const ElasticitySpec& spec,
                 PanelEstimate& estimate);

void add_fact(ResultTable& table, const std::string& what, double value);
ResultTable panel_table(const PooledUnits& units);
// Rows of each unit, and a number of each where there is one (its effect, its slopes).
ResultTable unit_table(const PooledUnits& units, const std::vector<std::string>& columns,
                       const MatrixXd& values);

struct PanelQuestion {
  Diagnostic test;
  const char *question, *bad, *good;
};
// p-values of tests the panel can carry.
void add_tests(const std::vector<PanelQuestion>& questions, PanelEstimate& estimate);
// Those of residuals: across units.
std::vector<PanelQuestion> residual_questions(const PanelFit& fit);

}  // namespace amnok
