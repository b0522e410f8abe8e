// The tables of a dynamic elasticity: lags tried, long run, adjustment, bounds tests, multipliers,
// symmetry.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/regression/ardl_selection.h"
#include "engine/regression/nardl.h"

namespace amnok {

// The ten best orders that were tried.
ResultTable lag_table(const ArdlSelection& selection, ArdlCriterion criterion);

// Long-run elasticities with Fieller sets (to be reported) and delta-method intervals.
ResultTable long_run_table(const ArdlFit& fit);

// Speed of adjustment and half-life.
ResultTable adjustment_table(const ArdlFit& fit);

// F and t bounds tests with p-values for a sample of this size and their verdicts.
ResultTable bounds_table(const ArdlFit& fit);

// What the target has changed by, h periods after a lasting unit change of each regressor.
ResultTable multiplier_table(const NardlFit& fit, int horizon);

// Wald tests that rises and falls act alike.
ResultTable symmetry_table(const NardlFit& fit);

// diff(log(rice)) = -0.4 (L.log(rice) + 0.75 L.log(imports)) - 0.2 dL0.log(imports) + e
std::string error_correction_algebra(const ArdlFit& fit);

}  // namespace amnok
