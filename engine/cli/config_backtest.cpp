#include "engine/cli/config_backtest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/cli/backtest_report.h"
#include "engine/cli/forecast_options.h"
#include "engine/cli/pipeline.h"
#include "engine/evaluation/system_backtest.h"
#include "engine/model/parallel.h"
#include "engine/report/numbers.h"
#include "engine/report/text_table.h"
#include "models/builtin.h"

namespace amnok {

namespace {

const std::string kInformed = "informed", kBlind = "blind";
constexpr int kMostDraws = 4000;  // an origin; their error is far below that of the scores

// The mean CRPS over the first periods of each origin: what a scenario backtest is judged by.
struct SpanScore {
  int periods = 0;  // 12: the first twelve
  std::string model;
  int count = 0;  // figures
  double crps = kMissing;
  VectorXd by_origin;
};

struct VariableScores {
  std::string variable;
  SeriesBacktest backtest;
  std::vector<SpanScore> spans;
  std::vector<std::string> verdicts;
};

void refuse_csv_options(const BacktestArguments& arguments) {
  const bool models = arguments.models != std::vector<std::string>{"auto"};
  if (!models && arguments.columns.empty() && arguments.frequency.empty() && !arguments.period &&
      arguments.window == 0) {
    return;
  }
  throw InputError(
      "--model, --column, --frequency, --period and --window go with a CSV file; a config says "
      "these itself");
}

Period last_figure(const Study& study, const Frame& observed) {
  std::optional<Period> last;
  for (const std::string& variable : study.endogenous()) {
    const Series& series = observed.get(variable);
    for (Eigen::Index t = series.values.size() - 1; t >= 0; --t) {
      if (std::isnan(series.values(t))) continue;
      if (!last || series.first + t > *last) last = series.first + t;
      break;
    }
  }
  if (!last) throw InputError("no explained series has a figure");
  return *last;
}

std::vector<Period> origins_of(const BacktestArguments& arguments, const Study& study,
                               const StudyData& data, Period last) {
  std::vector<Period> origins;
  for (const std::string& text : arguments.origins) {
    const auto period = parse_period(text, study.run.frequency);
    if (!period || *period <= data.sample.first || *period >= last) {
      throw InputError(fmt::format(
          "--origin is {}, but must be a {} period between {} and {}, the last with a figure", text,
          frequency_name(study.run.frequency), format_period(data.sample.first),
          format_period(last)));
    }
    origins.push_back(*period);
  }
  if (origins.empty()) {
    const std::int64_t n = last - data.sample.first + 1;
    const std::int64_t first = arguments.first.value_or(static_cast<int>(n - n / 3));
    if (first >= n) {
      throw InputError(fmt::format("--first is {}, but must be below the {} periods from {} to {}",
                                   first, n, format_period(data.sample.first),
                                   format_period(last)));
    }
    for (std::int64_t o = first; o < n; o += arguments.step) {
      origins.push_back(data.sample.first + (o - 1));
    }
  }
  std::sort(origins.begin(), origins.end());
  origins.erase(std::unique(origins.begin(), origins.end()), origins.end());
  return origins;
}

ModelBacktest naive_backtest(const std::string& model, const Series& observed, int season,
                             const SystemBacktestPlan& plan,
                             const std::vector<double>& probabilities) {
  ModelBacktest result{model, rolling_frame(observed, season, plan, probabilities), {}};
  RollingForecasts& rolling = result.forecasts;
  for (std::size_t o = 0; o < plan.origins.size(); ++o) {
    const auto row = static_cast<Eigen::Index>(o);
    const VectorXd history = observed.window(range_between(observed.first, plan.origins[o])).values;
    try {
      const QuantileForecast forecast =
          forecast_by(model, history, season, plan.horizon, probabilities);
      rolling.mean.row(row) = forecast.mean.transpose();
      for (std::size_t i = 0; i < probabilities.size(); ++i) {
        rolling.quantiles[i].row(row) =
            forecast.quantiles.col(static_cast<Eigen::Index>(i)).transpose();
      }
    } catch (const InputError& error) {
      if (rolling.failures++ == 0) rolling.failure = error.problems().front().message;
    }
  }
  return result;
}

// CRPS of one figure from the quantiles that are evenly spread: those of the CRPS grid.
MatrixXd crps_matrix(const RollingForecasts& forecasts, std::size_t grid) {
  MatrixXd crps = MatrixXd::Zero(forecasts.actual.rows(), forecasts.actual.cols());
  for (std::size_t i = 0; i < grid; ++i) {
    const double p = forecasts.probabilities[i];
    crps += (2.0 / static_cast<double>(grid)) *
            forecasts.actual.binaryExpr(forecasts.quantiles[i],
                                        [p](double y, double q) { return pinball_loss(y, q, p); });
  }
  return crps;
}

SpanScore span_score(const ModelBacktest& model, int periods, std::size_t grid) {
  const MatrixXd crps = crps_matrix(model.forecasts, grid).leftCols(periods);
  SpanScore score{periods, model.model, 0, kMissing, VectorXd::Constant(crps.rows(), kMissing)};
  double total = 0;
  for (Eigen::Index row = 0; row < crps.rows(); ++row) {
    double sum = 0;
    int count = 0;
    for (double value : crps.row(row)) {
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    if (count > 0) score.by_origin(row) = sum / count;
    total += sum;
    score.count += count;
  }
  if (score.count > 0) score.crps = total / score.count;
  return score;
}

const SpanScore& span_of(const VariableScores& scores, const std::string& model, int periods) {
  return *std::find_if(scores.spans.begin(), scores.spans.end(), [&](const SpanScore& s) {
    return s.model == model && s.periods == periods;
  });
}

// "knowing the events lowered the CRPS of the first 12 periods by 41 % ..."
std::string verdict(const VariableScores& scores, int periods, const std::string& baseline) {
  const SpanScore& informed = span_of(scores, kInformed, periods);
  const SpanScore& blind = span_of(scores, kBlind, periods);
  const SpanScore& naive = span_of(scores, baseline, periods);
  if (informed.count == 0) return fmt::format("no figure in the first {} periods", periods);
  std::string text;
  if (informed.crps == blind.crps) {
    text = fmt::format("first {} periods: knowing the events changed nothing", periods);
  } else {
    const double change = 100 * (informed.crps / blind.crps - 1);
    text = fmt::format("first {} periods: knowing the events {} the CRPS by {:.0f} %", periods,
                       change < 0 ? "lowered" : "raised", std::fabs(change));
  }
  text += fmt::format("; with them it is {:.0f} % {} that of {}",
                      std::fabs(100 * (informed.crps / naive.crps - 1)),
                      informed.crps < naive.crps ? "below" : "above", baseline);
  if (informed.by_origin.size() < 3) return text;
  // Losses of whole spans overlap between origins that are nearer than the span.
  ComparisonOptions options;
  options.power = 1;
  options.variance = LossVariance::bartlett;
  options.horizon = std::max<int>(
      1, static_cast<int>(std::min<Eigen::Index>(periods, informed.by_origin.size() / 2)));
  const ComparisonTest test = diebold_mariano(informed.by_origin, blind.by_origin, options);
  if (!std::isnan(test.p_value)) {
    text += fmt::format(" (Diebold-Mariano, informed against blind: p {})", p_text(test.p_value));
  }
  return text;
}

std::vector<int> spans_of(int horizon) {
  std::vector<int> spans;
  for (int periods : {12, 24}) {
    if (periods < horizon) spans.push_back(periods);
  }
  spans.push_back(horizon);
  return spans;
}

VariableScores score_variable(const VariableBacktest& variable, const Series& observed, int season,
                              const SystemBacktestPlan& plan, const std::vector<double>& levels,
                              const std::vector<double>& probabilities) {
  VariableScores scores;
  scores.variable = variable.variable;
  SeriesBacktest& backtest = scores.backtest;
  backtest.name = variable.variable;
  backtest.baseline = kNaive;
  backtest.first = variable.informed.origins.front();
  backtest.models.push_back({kInformed, variable.informed, {}});
  backtest.models.push_back({kBlind, variable.blind, {}});
  for (const std::string& model : naive_models(season)) {
    backtest.models.push_back(naive_backtest(model, observed, season, plan, probabilities));
  }
  const std::size_t grid = probabilities.size() - 2 * levels.size();
  for (ModelBacktest& model : backtest.models) {
    model.scores = score_by_horizon(model.forecasts, levels);
    for (int periods : spans_of(plan.horizon)) {
      scores.spans.push_back(span_score(model, periods, grid));
    }
  }
  for (int periods : spans_of(plan.horizon)) {
    scores.verdicts.push_back(verdict(scores, periods, backtest.baseline));
  }
  return scores;
}

std::string spans_table(const VariableScores& scores, int horizon) {
  std::vector<std::string> header = {"CRPS"};
  for (int periods : spans_of(horizon)) {
    header.push_back(fmt::format("first {}", periods));
    header.emplace_back("n");
  }
  TextTable table(header);
  for (const ModelBacktest& model : scores.backtest.models) {
    std::vector<std::string> row = {model.model};
    for (int periods : spans_of(horizon)) {
      const SpanScore& s = span_of(scores, model.model, periods);
      row.push_back(std::isnan(s.crps) ? "-" : fmt::format("{:.4g}", s.crps));
      row.push_back(std::to_string(s.count));
    }
    table.add(row);
  }
  return table.text();
}

std::string origins_text(const SystemBacktestPlan& plan) {
  if (plan.origins.size() == 1) return format_period(plan.origins.front()) + " alone";
  return fmt::format("{} from {} to {}", plan.origins.size(), format_period(plan.origins.front()),
                     format_period(plan.origins.back()));
}

std::string text_of(const Study& study, const std::vector<VariableScores>& all,
                    const SystemBacktestPlan& plan, const std::vector<double>& levels) {
  std::string text = fmt::format(
      "{}\norigins: {}; {} periods ahead, {} draws\n"
      "informed: events as they happened; blind: as they stood at the origin; exogenous series as "
      "they were, in both\n",
      study.run.title, origins_text(plan), plan.horizon, plan.draws);
  std::vector<int> horizons = {0, 1, 3, 6, 12, 24, plan.horizon};
  for (const VariableScores& scores : all) {
    text += "\n" + spans_table(scores, plan.horizon);
    for (const std::string& verdict : scores.verdicts) {
      text += fmt::format("  {}: {}\n", scores.variable, verdict);
    }
    text += backtest_table(scores.backtest, levels, horizons);
  }
  return text +
         "\nn forecasts; scores in units of the series but sMAPE (%) and MASE; DM p: "
         "Diebold-Mariano of squared errors against the baseline\n";
}

std::string json_of(const Study& study, const std::vector<VariableScores>& all,
                    const SystemBacktestPlan& plan) {
  nlohmann::ordered_json json;
  json["format"] = "amnok-system-backtest/1";
  json["title"] = study.run.title;
  nlohmann::ordered_json origins = nlohmann::ordered_json::array();
  for (Period origin : plan.origins) origins.push_back(format_period(origin));
  json["plan"] = {
      {"origins", origins}, {"horizon", plan.horizon}, {"draws", plan.draws}, {"seed", plan.seed}};
  json["variables"] = nlohmann::ordered_json::array();
  for (const VariableScores& scores : all) {
    nlohmann::ordered_json entry = backtest_json(scores.backtest);
    nlohmann::ordered_json spans = nlohmann::ordered_json::array();
    for (const SpanScore& s : scores.spans) {
      spans.push_back({{"periods", s.periods},
                       {"model", s.model},
                       {"count", s.count},
                       {"crps", json_number(s.crps)}});
    }
    entry["spans"] = spans;
    entry["verdicts"] = scores.verdicts;
    json["variables"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

}  // namespace

int backtest_config(const BacktestArguments& arguments, const std::vector<double>& levels) {
  refuse_csv_options(arguments);
  const LoadedStudy loaded = load_study_and_data(arguments.file, builtin_plugins());
  const Study& study = loaded.study;
  if (study.equations.empty()) {
    throw InputError(arguments.file + " has no [models], but a backtest needs equations");
  }
  const Frame observed = observed_values(study, loaded.data);
  const int season = season_length(study.run.frequency);
  SystemBacktestPlan plan;
  plan.horizon = arguments.horizon.value_or(default_horizon(study.run.frequency, season));
  plan.origins = origins_of(arguments, study, loaded.data, last_figure(study, observed));
  plan.draws = std::min(study.run.draws, kMostDraws);
  plan.seed = study.run.seed;
  plan.threads = arguments.threads;
  const std::vector<double> probabilities = scoring_probabilities(levels);
  const std::vector<VariableBacktest> found =
      backtest_system(study, loaded.data, builtin_plugins(), plan, probabilities);
  const std::vector<std::string>& shown = study.output.variables;
  std::vector<VariableScores> all;
  for (const VariableBacktest& variable : found) {
    if (!shown.empty() && std::find(shown.begin(), shown.end(), variable.variable) == shown.end()) {
      continue;
    }
    all.push_back(score_variable(variable, observed.get(variable.variable), season, plan, levels,
                                 probabilities));
  }
  const std::string json = json_of(study, all, plan);
  if (!arguments.json.empty()) put_text(arguments.json, json);
  if (arguments.json != "-") put_text(arguments.output, text_of(study, all, plan, levels));
  const bool failed = std::any_of(found.begin(), found.end(), [&](const VariableBacktest& v) {
    return v.informed.failures == static_cast<int>(plan.origins.size());
  });
  return failed ? 3 : 0;
}

}  // namespace amnok
