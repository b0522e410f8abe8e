// The forecast of one series without a config: a model of choice, or a combination.
//
//   arima        automatic orders, averaged over the candidates by AICc weights, in logarithms
//                where the likelihood prefers them
//   ets          exponential smoothing, averaged over its forms in the same way
//   theta        the theta method
//   combination  the mixture of the distributions of the three (quantile by quantile their average
//                or median forecasts M3 worse: docs/accuracy.md)
//   ucm          level, slope and season as unobserved components, in logarithms by AICc
//   snaive       the last season again
//   naive, drift the last figure; the same, gaining what the series gained on average
//   auto         combination
//
// Bands contain the uncertainty of parameters and of the choice of the model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/forecast_mixture.h"
#include "engine/model/sample.h"

namespace amnok {

struct SeriesForecast {
  std::string model;                            // what was used
  std::optional<ForecastMixture> distribution;  // nothing: see note
  std::string note;                             // why there is none, or a fallback
};

std::vector<std::string> series_models();

// y: from the first to the last observation, NaN inside gaps; season: observations a cycle (1:
// none). Nothing throws: a series too short or constant is told in the note.
SeriesForecast forecast_series(const VectorXd& y, int season, int horizon,
                               const std::string& model);

}  // namespace amnok
