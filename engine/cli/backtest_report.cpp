#include "engine/cli/backtest_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/input_error.h"
#include "engine/cli/series_forecast.h"
#include "engine/report/run_folder.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

const ModelBacktest& baseline_of(const SeriesBacktest& series) {
  return *std::find_if(series.models.begin(), series.models.end(),
                       [&](const ModelBacktest& m) { return m.model == series.baseline; });
}

// NaN where a model is compared with itself or the test has no answer.
double baseline_p_value(const SeriesBacktest& series, const ModelBacktest& model, int h) {
  if (h == 0 || model.model == series.baseline) return kMissing;
  return compare_at_horizon(model.forecasts, baseline_of(series).forecasts, h).p_value;
}

std::string number(double value) {
  return std::isnan(value) ? "-" : fmt::format("{:.4g}", value);
}

// "0.79 [0.70, 0.86]"
std::string coverage_text(const Coverage& c) {
  if (std::isnan(c.share)) return "-";
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", c.share, c.low, c.high);
}

nlohmann::ordered_json scores_json(const SeriesBacktest& series, const ModelBacktest& model,
                                   const HorizonScores& s) {
  nlohmann::ordered_json json;
  json["horizon"] = s.horizon;
  if (s.horizon == 0) json["horizon"] = "all";
  json["count"] = s.count;
  json["me"] = json_number(s.me);
  json["mae"] = json_number(s.mae);
  json["rmse"] = json_number(s.rmse);
  json["smape"] = json_number(s.smape);
  json["mase"] = json_number(s.mase);
  json["crps"] = json_number(s.crps);
  json["bands"] = nlohmann::ordered_json::array();
  for (const BandScore& band : s.bands) {
    json["bands"].push_back({{"level", band.level},
                             {"coverage", json_number(band.coverage.share)},
                             {"coverage_low", json_number(band.coverage.low)},
                             {"coverage_high", json_number(band.coverage.high)},
                             {"interval_score", json_number(band.interval_score)}});
  }
  json["quantile_scores"] = nlohmann::ordered_json::array();
  for (const QuantileScore& q : s.quantiles) {
    json["quantile_scores"].push_back(
        {{"probability", q.probability}, {"loss", json_number(q.loss)}});
  }
  json["pit"] = {{"counts", s.pit.counts},
                 {"mean", json_number(s.pit.mean)},
                 {"p_value", json_number(s.pit.p_value)}};
  json["dm_p_value"] = json_number(baseline_p_value(series, model, s.horizon));
  return json;
}

}  // namespace

std::vector<std::string> naive_models(int season) {
  if (season > 1) return {kSeasonalNaive, kNaive, kDrift};
  return {kNaive, kDrift};
}

QuantileForecast forecast_by(const std::string& model, const VectorXd& history, int season,
                             int horizon, const std::vector<double>& probabilities) {
  // What follows the last figure is forecast too, and left out.
  Eigen::Index known = history.size();
  while (known > 0 && std::isnan(history(known - 1))) --known;
  Eigen::Index before = 0;
  while (before < known && std::isnan(history(before))) ++before;
  const Eigen::Index late = history.size() - known;
  const SeriesForecast forecast = forecast_series(history.segment(before, known - before), season,
                                                  horizon + static_cast<int>(late), model);
  if (!forecast.distribution) throw InputError(forecast.note);
  QuantileForecast result{forecast.distribution->mean().tail(horizon),
                          MatrixXd(horizon, static_cast<Eigen::Index>(probabilities.size()))};
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    result.quantiles.col(static_cast<Eigen::Index>(i)) =
        forecast.distribution->quantile(probabilities[i]).tail(horizon);
  }
  return result;
}

std::string backtest_table(const SeriesBacktest& series, const std::vector<double>& levels,
                           const std::vector<int>& horizons) {
  std::string text = fmt::format("{}: ", series.name);
  if (!series.note.empty()) return text + series.note + "\n";
  text += fmt::format("{} origins, baseline {}\n", series.models.front().forecasts.origins.size(),
                      series.baseline);
  std::vector<std::string> header = {"model", "h",     "n",    "ME",  "MAE",
                                     "RMSE",  "sMAPE", "MASE", "CRPS"};
  for (double level : levels) header.push_back(fmt::format("within {:g}%", 100 * level));
  header.emplace_back("DM p");
  TextTable table(header);
  for (const ModelBacktest& model : series.models) {
    for (const HorizonScores& s : model.scores) {
      if (!horizons.empty() &&
          std::find(horizons.begin(), horizons.end(), s.horizon) == horizons.end()) {
        continue;
      }
      if (!horizons.empty() && s.count == 0) continue;
      std::vector<std::string> row = {model.model,
                                      s.horizon == 0 ? "all" : std::to_string(s.horizon),
                                      std::to_string(s.count),
                                      number(s.me),
                                      number(s.mae),
                                      number(s.rmse),
                                      number(s.smape),
                                      number(s.mase),
                                      number(s.crps)};
      for (const BandScore& band : s.bands) row.push_back(coverage_text(band.coverage));
      const double p = baseline_p_value(series, model, s.horizon);
      row.push_back(std::isnan(p) ? "-" : fmt::format("{:.3f}", p));
      table.add(row);
    }
  }
  text += table.text();
  for (const ModelBacktest& model : series.models) {
    if (model.forecasts.failures == 0) continue;
    text += fmt::format("  {}: no forecast at {} origins ({})\n", model.model,
                        model.forecasts.failures, model.forecasts.failure);
  }
  return text;
}

nlohmann::ordered_json backtest_json(const SeriesBacktest& series) {
  nlohmann::ordered_json entry;
  entry["name"] = series.name;
  if (!series.note.empty()) entry["note"] = series.note;
  entry["baseline"] = series.baseline;
  entry["first_origin"] = series.first;
  entry["models"] = nlohmann::ordered_json::array();
  for (const ModelBacktest& model : series.models) {
    nlohmann::ordered_json scores = nlohmann::ordered_json::array();
    for (const HorizonScores& s : model.scores) scores.push_back(scores_json(series, model, s));
    entry["models"].push_back({{"model", model.model},
                               {"origins", model.forecasts.origins.size()},
                               {"failures", model.forecasts.failures},
                               {"failure", model.forecasts.failure},
                               {"scores", std::move(scores)}});
  }
  return entry;
}

nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

void put_text(const std::string& path, const std::string& text) {
  if (path.empty() || path == "-") {
    fmt::print("{}", text);
  } else {
    write_file(path, text);
  }
}

}  // namespace amnok
