#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <thread>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/forecast_options.h"
#include "engine/cli/progress.h"
#include "engine/cli/series_csv.h"
#include "engine/cli/series_forecast.h"
#include "engine/data/csv.h"
#include "engine/report/run_folder.h"

namespace amnok {

namespace {

constexpr std::size_t kTogether = 512;  // series whose rows are held before they are written

std::string rows_of(const Series& series, const SeriesForecast& forecast, int horizon,
                    const std::vector<double>& levels) {
  std::vector<VectorXd> columns;
  if (forecast.distribution) {
    columns = {forecast.distribution->mean(), forecast.distribution->quantile(0.5)};
    for (double level : levels) {
      columns.push_back(forecast.distribution->quantile(0.5 - level / 200));
      columns.push_back(forecast.distribution->quantile(0.5 + level / 200));
    }
  }
  std::string text;
  for (int h = 0; h < horizon; ++h) {
    const std::string date =
        series.values.size() > 0 ? format_period(series.range().last() + (h + 1)) : std::string();
    text += fmt::format("{},{},{}", csv_field(series.name), date, forecast.model);
    for (std::size_t j = 0; j < 2 + 2 * levels.size(); ++j) {
      text += ',';
      if (!columns.empty()) text += format_number(columns[j](h));
    }
    text += fmt::format(",{}\n", csv_field(forecast.note));
  }
  return text;
}

}  // namespace

int forecast_command(const ForecastArguments& arguments) {
  const std::vector<std::string> models = series_models();
  if (std::find(models.begin(), models.end(), arguments.model) == models.end()) {
    throw InputError(fmt::format("--model {} is not a model", arguments.model),
                     name_hint(arguments.model, models));
  }
  const std::optional<Frequency> frequency = parse_frequency_option(arguments.frequency);
  const std::vector<double> levels = parse_levels(arguments.levels);
  SeriesFile file = read_series_file(arguments.file, arguments.columns, frequency, BadSeries::tell);
  tell_left_out(file);
  tell_trouble(file);
  const int season = arguments.period.value_or(season_length(file.frequency));
  const int horizon = arguments.horizon.value_or(default_horizon(file.frequency, season));

  const auto threads = arguments.threads > 0
                           ? static_cast<std::size_t>(arguments.threads)
                           : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  std::optional<FileInParts> output;
  if (!arguments.output.empty()) output.emplace(arguments.output);
  const auto write = [&](const std::string& text) {
    if (output) {
      output->add(text);
    } else {
      fmt::print("{}", text);
    }
  };
  std::string names = "series,date,model,mean,median";
  for (double level : levels) names += fmt::format(",lo{0:g},hi{0:g}", level);
  write(names + ",note\n");

  // Some series at a time, in the order of the file: what is done is written and forgotten.
  Progress progress(fmt::format("forecasting {} series", file.series.size()), false);
  std::atomic<std::size_t> done = 0;
  for (std::size_t first = 0; first < file.series.size(); first += kTogether) {
    std::vector<std::string> rows(std::min(kTogether, file.series.size() - first));
    tbb::parallel_for(std::size_t{0}, rows.size(), [&](std::size_t i) {
      Series& series = file.series[first + i];
      SeriesForecast forecast = forecast_series(series.values, season, horizon, arguments.model);
      if (const std::string& trouble = file.trouble[first + i]; !trouble.empty()) {
        forecast.note = trouble;
      }
      rows[i] = rows_of(series, forecast, horizon, levels);
      series.values.resize(0);  // no longer needed
      progress.update(static_cast<double>(++done) / static_cast<double>(file.series.size()));
    });
    for (const std::string& part : rows) write(part);
  }
  if (output) output->finish();
  return 0;
}

}  // namespace amnok
