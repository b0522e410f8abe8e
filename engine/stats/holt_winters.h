// The Holt-Winters recursion at fixed smoothing parameters (Holt 1957; Winters 1960, Management
// Science 6, 324-342), with the start values of R's HoltWinters.
//
//   additive          f_t = l + b + s             multiplicative    f_t = (l + b) s
//   l_t = alpha (y_t - s) + (1 - alpha)(l + b)    l_t = alpha y_t / s + (1 - alpha)(l + b)
//   b_t = beta (l_t - l) + (1 - beta) b
//   s_t = gamma (y_t - l_t) + (1 - gamma) s       s_t = gamma y_t / l_t + (1 - gamma) s
//
// l and b are of the period before, s of the same season a cycle before. Without beta there is no
// trend (b = 0), without gamma no season.
#pragma once

#include <optional>

#include "engine/base/matrix.h"
#include "engine/stats/decomposition.h"

namespace amnok {

struct HoltWintersOptions {
  int period = 1;      // observations a cycle, at least 2 with a season
  double alpha = 0.5;  // in [0, 1], as are beta and gamma
  std::optional<double> beta, gamma;
  Seasonality seasonality = Seasonality::additive;
  int start_periods = 2;  // full cycles that give the start values, at least 2
};

// What the recursion carries from period to period.
struct HoltWintersState {
  double level = 0, trend = 0;
  VectorXd season;  // period; that of the next observation first; empty without a season
};

struct HoltWintersStart {
  HoltWintersState state;
  int first = 0;  // index of the first observation that is smoothed
};

struct HoltWintersResult {
  int first = 0;
  VectorXd fitted;     // one step ahead, from index first on
  VectorXd residuals;  // y - fitted
  double sse = 0;
  HoltWintersState state;  // after the last observation
};

// With a season: its indices from the classical decomposition of the first start_periods cycles,
// level and trend from the regression of that decomposition's trend on 1, 2, ...; smoothing starts
// in the second cycle. Else: level y_1 and trend y_1 - y_0 (indices from 0), or level y_0 without a
// trend; smoothing starts at the next observation. Throws InputError for parameters outside their
// ranges, a missing value, or a series too short for this.
HoltWintersStart holt_winters_start(const VectorView& y, const HoltWintersOptions& options);

HoltWintersResult holt_winters(const VectorView& y, const HoltWintersOptions& options,
                               const HoltWintersStart& start);
HoltWintersResult holt_winters(const VectorView& y, const HoltWintersOptions& options);

// Forecasts 1 .. horizon steps after the state.
VectorXd holt_winters_forecast(const HoltWintersState& state, Seasonality seasonality, int horizon);

}  // namespace amnok
