#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/names.h"
#include "engine/cli/commands.h"
#include "engine/cli/forecast_options.h"
#include "engine/cli/series_csv.h"
#include "engine/cli/series_forecast.h"
#include "engine/evaluation/rolling_origin.h"
#include "engine/report/run_folder.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

// Naive forecasts stand beside every model: nothing is good that does not beat them.
const std::string kNaive = "naive", kSeasonalNaive = "snaive";

struct ModelBacktest {
  std::string model;
  RollingForecasts forecasts;
  std::vector<HorizonScores> scores;
};

struct SeriesBacktest {
  std::string name, baseline;
  int first = 0;                      // periods before the first origin
  std::vector<ModelBacktest> models;  // the baselines last
  std::string note;                   // why there is none
};

std::vector<std::string> chosen_models(const std::vector<std::string>& asked, int season) {
  const std::vector<std::string> known = series_models();
  std::vector<std::string> models = asked;
  for (const std::string& model : asked) {
    if (model == kNaive || std::find(known.begin(), known.end(), model) != known.end()) continue;
    throw InputError(fmt::format("--model {} is not a model", model), name_hint(model, known));
  }
  if (season > 1) models.push_back(kSeasonalNaive);
  models.push_back(kNaive);
  std::vector<std::string> once;
  for (const std::string& model : models) {
    if (std::find(once.begin(), once.end(), model) == once.end()) once.push_back(model);
  }
  return once;
}

QuantileForecast forecast_by(const std::string& model, const VectorXd& history, int season,
                             int horizon, const std::vector<double>& probabilities) {
  const bool naive = model == kNaive;
  const SeriesForecast forecast =
      forecast_series(history, naive ? 1 : season, horizon, naive ? kSeasonalNaive : model);
  if (!forecast.distribution) throw InputError(forecast.note);
  QuantileForecast result{forecast.distribution->mean(),
                          MatrixXd(horizon, static_cast<Eigen::Index>(probabilities.size()))};
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    result.quantiles.col(static_cast<Eigen::Index>(i)) =
        forecast.distribution->quantile(probabilities[i]);
  }
  return result;
}

SeriesBacktest backtest_series(const Series& series, const std::vector<std::string>& models,
                               int season, const RollingOriginPlan& plan,
                               const std::vector<double>& levels, int threads) {
  SeriesBacktest result;
  result.name = series.name;
  result.first = plan.first;
  if (series.values.size() <= plan.first) {
    result.note = fmt::format("{} periods leave none to forecast after the first origin, {}",
                              series.values.size(), plan.first);
    return result;
  }
  const std::vector<double> probabilities = scoring_probabilities(levels);
  for (const std::string& model : models) {
    const Forecaster forecaster = [&](const VectorXd& history, int horizon,
                                      const std::vector<double>& at) {
      return forecast_by(model, history, season, horizon, at);
    };
    ModelBacktest backtest{
        model, rolling_origin(series.values, season, plan, probabilities, forecaster, threads), {}};
    backtest.scores = score_by_horizon(backtest.forecasts, levels);
    result.models.push_back(std::move(backtest));
  }
  result.baseline = season > 1 ? kSeasonalNaive : kNaive;
  return result;
}

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

std::string table_of(const SeriesBacktest& series, const std::vector<double>& levels) {
  std::string text = fmt::format("{}: ", series.name);
  if (!series.note.empty()) return text + series.note + "\n";
  text += fmt::format("{} origins, baseline {}\n", series.models.front().forecasts.origins.size(),
                      series.baseline);
  std::vector<std::string> header = {"model", "h", "n", "ME", "MAE", "RMSE", "MASE", "CRPS"};
  for (double level : levels) header.push_back(fmt::format("within {:g}%", 100 * level));
  header.emplace_back("DM p");
  TextTable table(header);
  for (const ModelBacktest& model : series.models) {
    for (const HorizonScores& s : model.scores) {
      std::vector<std::string> row = {model.model,
                                      s.horizon == 0 ? "all" : std::to_string(s.horizon),
                                      std::to_string(s.count),
                                      number(s.me),
                                      number(s.mae),
                                      number(s.rmse),
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

nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
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
  json["dm_p_value"] = json_number(baseline_p_value(series, model, s.horizon));
  return json;
}

std::string json_of(const std::vector<SeriesBacktest>& all, const RollingOriginPlan& plan,
                    int season) {
  nlohmann::ordered_json json;
  json["format"] = "amnok-backtest/1";
  json["plan"] = {
      {"horizon", plan.horizon}, {"step", plan.step}, {"window", plan.window}, {"season", season}};
  json["series"] = nlohmann::ordered_json::array();
  for (const SeriesBacktest& series : all) {
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
    json["series"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

void put(const std::string& path, const std::string& text) {
  if (path.empty() || path == "-") {
    fmt::print("{}", text);
  } else {
    write_file(path, text);
  }
}

}  // namespace

int backtest_command(const BacktestArguments& arguments) {
  const std::vector<double> levels_pct = parse_levels(arguments.levels);
  std::vector<double> levels;
  for (double level : levels_pct) levels.push_back(level / 100);
  const SeriesFile file = read_series_file(arguments.file, arguments.columns,
                                           parse_frequency_option(arguments.frequency));
  tell_left_out(file);
  const int season = arguments.period.value_or(season_length(file.frequency));
  const std::vector<std::string> models = chosen_models(arguments.models, season);
  RollingOriginPlan plan;
  plan.horizon = arguments.horizon.value_or(default_horizon(file.frequency, season));
  plan.step = arguments.step;
  plan.window = arguments.window;
  std::vector<SeriesBacktest> all;
  for (const Series& series : file.series) {
    // Unless told: the last third is forecast, from at least three seasons or ten observations.
    const auto n = static_cast<int>(series.values.size());
    plan.first =
        arguments.first.value_or(std::max({10, 3 * season, n - std::max(n / 3, plan.horizon)}));
    all.push_back(backtest_series(series, models, season, plan, levels, arguments.threads));
  }
  if (!arguments.json.empty()) put(arguments.json, json_of(all, plan, season));
  if (arguments.json != "-") {
    std::string text;
    for (const SeriesBacktest& series : all) text += table_of(series, levels);
    text +=
        "n forecasts; scores in units of the series but MASE; DM p: Diebold-Mariano of squared "
        "errors against the baseline\n";
    put(arguments.output, text);
  }
  return 0;
}

}  // namespace amnok
