// The estimates behind elasticity_panel.h: units laid out as one panel, slopes and the own unit's
// constant with their joint covariance, tests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/regression/heterogeneous_panel.h"
#include "engine/regression/robust_covariance.h"
#include "models/trade_elasticity/elasticity_design.h"

namespace amnok {

// Unit 0 is the equation's own.
struct PooledUnits {
  PanelData panel;  // x without the constant; periods numbered without gaps
  Groups calendar;  // periods of the sample, those without rows included
  std::vector<std::string> units;
  std::vector<std::string> slopes;  // names of the columns of x
  Eigen::Index regressors = 0;      // the last of them; those before are deterministic
  std::vector<Period> periods;      // of the rows
};

// Complete rows of all units. Throws InputError where a unit has none.
PooledUnits pool_units(const ElasticitySpec& spec, const Sample& sample,
                       const ElasticityDesign& design);
// The panel without some rows, and without the units that have none left.
PooledUnits some_rows(const PooledUnits& units, const std::vector<int>& rows);

struct PanelEstimate {
  VectorXd coefficients;  // constant of the own unit, slopes
  MatrixXd covariance;
  std::string covariance_name;
  ReferenceDistribution reference;
  LinearLeastSquares problem;  // whose solution the slopes are, where there is one
  std::vector<ResultTable> tables;
  std::vector<Diagnostic> tests;
  std::vector<std::string> notes;
  // Of a Poisson regression: how its iteration ended, and the own unit's rows used, among its
  // complete ones.
  FitStatus status = FitStatus::not_run;
  std::string message;
  std::vector<int> own_rows;
};

PanelEstimate estimate_panel(const PooledUnits& units, const ElasticitySpec& spec);

// Levels with a log-linear mean (engine/regression/poisson.h), effects none, unit or two_way:
//
//   E y_it = exp(a_i + g_t + x_it'b),   a_1 = log(sum_t y_1t / sum_t exp(x_1t'b))
//
// With the weights mu, x~ less its effects, the joint covariance is of sums of influences times
// e = y - mu:
//   b:    (X'WX)^-1 x~_it
//   a_1:  1(i = 1) / sum_t y_1t - m_1'(X'WX)^-1 x~_it,   m_1 the mean of x_1 by exp(x_1t'b)
// which with unit effects is that of the regression with a dummy for each unit. Input errors: those
// of the other panels, and negative targets by unit and period.
PanelEstimate estimate_poisson_panel(const PooledUnits& units, const ElasticitySpec& spec);

// What the fit of a panel says beside its coefficients: the table of elasticities, the panel's own
// tables and notes. `names` are those of the coefficients.
void report_panel(const PooledUnits& units, const PanelEstimate& estimate,
                  const std::vector<std::string>& names, FitResult& result);

}  // namespace amnok
