#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/names.h"
#include "engine/cli/backtest_report.h"
#include "engine/cli/commands.h"
#include "engine/cli/config_backtest.h"
#include "engine/cli/forecast_options.h"
#include "engine/cli/series_csv.h"
#include "engine/cli/series_forecast.h"

namespace amnok {

namespace {

std::vector<std::string> chosen_models(const std::vector<std::string>& asked, int season) {
  const std::vector<std::string> known = series_models();
  std::vector<std::string> models = asked;
  for (const std::string& model : asked) {
    if (std::find(known.begin(), known.end(), model) != known.end()) continue;
    throw InputError(fmt::format("--model {} is not a model", model), name_hint(model, known));
  }
  for (const std::string& model : naive_models(season)) models.push_back(model);
  std::vector<std::string> once;
  for (const std::string& model : models) {
    if (std::find(once.begin(), once.end(), model) == once.end()) once.push_back(model);
  }
  return once;
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

std::string json_of(const std::vector<SeriesBacktest>& all, const RollingOriginPlan& plan,
                    int season) {
  nlohmann::ordered_json json;
  json["format"] = "amnok-backtest/1";
  json["plan"] = {
      {"horizon", plan.horizon}, {"step", plan.step}, {"window", plan.window}, {"season", season}};
  json["series"] = nlohmann::ordered_json::array();
  for (const SeriesBacktest& series : all) json["series"].push_back(backtest_json(series));
  return json.dump(2) + "\n";
}

// Not one forecast is a mistake of the plan, not a result.
void check_any_done(const std::vector<SeriesBacktest>& all) {
  ProblemList problems;
  for (const SeriesBacktest& series : all) {
    if (!series.models.empty()) return;
    problems.error({}, fmt::format("{}: {}", series.name, series.note),
                   "--first is the number of periods before the first forecast");
  }
  problems.throw_if_errors();
}

}  // namespace

int backtest_command(const BacktestArguments& arguments) {
  std::vector<double> levels;
  for (double level : parse_levels(arguments.levels)) levels.push_back(level / 100);
  if (arguments.file.ends_with(".toml")) return backtest_config(arguments, levels);
  if (!arguments.origins.empty()) {
    throw InputError("--origin goes with a config; a CSV file has --first and --step");
  }
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
  check_any_done(all);
  if (!arguments.json.empty()) put_text(arguments.json, json_of(all, plan, season));
  if (arguments.json != "-") {
    std::string text;
    for (const SeriesBacktest& series : all) text += backtest_table(series, levels);
    text +=
        "n forecasts; scores in units of the series but MASE; DM p: Diebold-Mariano of squared "
        "errors against the baseline\n";
    put_text(arguments.output, text);
  }
  return 0;
}

}  // namespace amnok
