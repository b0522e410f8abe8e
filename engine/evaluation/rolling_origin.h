// Rolling-origin evaluation: forecasts of the past as they would have been made at the time
// (Tashman 2000, Int. J. Forecasting 16, 437-450).
//
//   origin o: a forecaster sees y_1 .. y_o (or the last `window` of them) and forecasts y_{o+1} ..
//   y_{o+H};  o = first, first + step, ... while y_{o+1} exists
//
// The forecaster is any function from a history to a distribution, so that every model is refitted
// at every origin. Near the end of the sample long horizons have fewer actuals.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/evaluation/forecast_comparison.h"
#include "engine/evaluation/scores.h"

namespace amnok {

struct RollingOriginPlan {
  int horizon = 1;
  int first = 1;   // observations before the first origin
  int step = 1;    // periods between origins
  int window = 0;  // observations a forecaster sees; 0: all before the origin
};

// What a forecaster says of the next H periods.
struct QuantileForecast {
  VectorXd mean;       // H
  MatrixXd quantiles;  // H x Q, at the probabilities asked for
};
// Throws InputError where it cannot forecast: the origin then has none.
using Forecaster = std::function<QuantileForecast(const VectorXd& history, int horizon,
                                                  const std::vector<double>& probabilities)>;

struct RollingForecasts {
  std::vector<int> origins;           // observations before each
  std::vector<double> probabilities;  // of the quantiles
  MatrixXd actual, mean;              // origins x H; NaN: none
  std::vector<MatrixXd> quantiles;    // one a probability, origins x H
  VectorXd scale;                     // seasonal absolute scale of each origin's history
  int failures = 0;                   // origins without a forecast
  std::string failure;                // the first reason
};

// Origins may be worked on by several threads (0: all); the result does not depend on them.
RollingForecasts rolling_origin(const VectorView& y, int season, const RollingOriginPlan& plan,
                                const std::vector<double>& probabilities,
                                const Forecaster& forecaster, int threads = 1);

struct BandScore {
  double level = 0;  // 0.8
  Coverage coverage;
  double interval_score = kMissing;
};
struct QuantileScore {
  double probability = 0, loss = kMissing;  // the mean pinball loss
};
// Where actuals fell in their forecast distributions: even when those are calibrated.
struct PitHistogram {
  std::vector<int> counts;  // of ten equal classes of [0, 1]
  double mean = kMissing;
  // Pearson's chi-squared test of even classes. It takes cases as independent, which forecasts that
  // overlap are not.
  double p_value = kMissing;
};
struct HorizonScores {
  int horizon = 0;  // 0: all horizons together
  int count = 0;
  double me = kMissing, mae = kMissing, rmse = kMissing, mase = kMissing;
  double smape = kMissing;  // the absolute form
  // Twice the mean quantile loss over the probabilities that are evenly spread: with many of them
  // the CRPS.
  double crps = kMissing;
  std::vector<BandScore> bands;
  std::vector<QuantileScore> quantiles;  // of the even grid
  PitHistogram pit;
};

// The probabilities that score_by_horizon needs: an even grid for the CRPS and the ends of the
// central bands of the given levels (in (0, 1)).
std::vector<double> scoring_probabilities(const std::vector<double>& levels);

// One entry a horizon, then one for all of them together. The coverage bands take cases as
// independent; overlapping forecasts make them too narrow beyond the first horizon.
std::vector<HorizonScores> score_by_horizon(const RollingForecasts& forecasts,
                                            const std::vector<double>& levels);

// Diebold-Mariano of `first` against `second`, made at the same origins, at horizon h (from 1).
ComparisonTest compare_at_horizon(const RollingForecasts& first, const RollingForecasts& second,
                                  int h, double power = 2);

}  // namespace amnok
