// What a backtest found, as tables and JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/evaluation/rolling_origin.h"

namespace amnok {

// Naive forecasts stand beside every model: nothing is good that does not beat them.
inline const std::string kNaive = "naive", kSeasonalNaive = "snaive", kDrift = "drift";

struct ModelBacktest {
  std::string model;
  RollingForecasts forecasts;
  std::vector<HorizonScores> scores;
};

struct SeriesBacktest {
  std::string name, baseline;
  int first = 0;                      // periods before the first origin
  std::vector<ModelBacktest> models;  // the naive ones last
  std::string note;                   // why there is none
};

// Naive, and seasonally so where there is a season; drift.
std::vector<std::string> naive_models(int season);

// A model of `amnok forecast` (or naive, drift) on one history, which may end in gaps.
QuantileForecast forecast_by(const std::string& model, const VectorXd& history, int season,
                             int horizon, const std::vector<double>& probabilities);

// horizons: the rows that are shown; empty: all.
std::string backtest_table(const SeriesBacktest& series, const std::vector<double>& levels,
                           const std::vector<int>& horizons = {});
nlohmann::ordered_json backtest_json(const SeriesBacktest& series);

// Null where it is not a number.
nlohmann::ordered_json json_number(double value);

// To a file, or to standard output for "" and "-".
void put_text(const std::string& path, const std::string& text);

}  // namespace amnok
