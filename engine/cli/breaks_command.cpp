#include <fmt/format.h>

#include <limits>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/base/version.h"
#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/cli/series_csv.h"
#include "engine/data/csv.h"
#include "engine/data/event_table.h"
#include "engine/report/break_figures.h"
#include "engine/report/break_summary.h"
#include "engine/report/fit_json.h"
#include "engine/report/run_folder.h"
#include "models/builtin.h"

namespace amnok {

namespace {

using EventMap = std::map<std::string, EventActivity>;

EventMap events_from(const std::string& path, Frequency frequency) {
  EventMap events;
  if (path.empty()) return events;
  if (frequency == Frequency::undated) {
    throw InputError("--events needs dated series, but the file numbers its observations");
  }
  ProblemList problems;
  for (const Event& event : read_events(path, problems)) {
    events[event.id] = activity_of(event, frequency);
  }
  problems.throw_if_errors();
  return events;
}

ConfigValue breaks_value(const std::string& breaks) {
  const auto number = parse_integer(breaks);
  return number ? ConfigValue(static_cast<std::int64_t>(*number)) : ConfigValue(breaks);
}

// The options as the config of a model has them, checked against the plugin's schema.
Options plugin_options(const BreaksArguments& arguments, const Plugin& plugin) {
  ConfigValue table;
  const auto set = [&](const char* key, ConfigValue value) {
    table.add(ConfigValue::Member{key, {}, std::move(value)});
  };
  set("plugin", ConfigValue(plugin.name));
  set("target", ConfigValue(std::string("y")));
  set("max_breaks", ConfigValue(static_cast<std::int64_t>(arguments.max_breaks)));
  set("breaks", breaks_value(arguments.breaks));
  set("trim", ConfigValue(arguments.trim));
  set("level", ConfigValue(arguments.level));
  set("errors", ConfigValue(arguments.errors));
  set("trend", ConfigValue(arguments.trend));
  set("events", ConfigValue(!arguments.events.empty()));
  set("permanence", ConfigValue(!arguments.no_permanence));
  set("seasonal", ConfigValue(arguments.seasonal));
  set("settle", ConfigValue(arguments.settle));
  if (!arguments.monitor.empty()) set("monitor", ConfigValue(arguments.monitor));
  set("further_tests", ConfigValue(arguments.further_tests));
  set("f_path", ConfigValue(true));
  set("cusum_path", ConfigValue(true));
  ProblemList problems;
  check_schema(table, plugin.schema, "breaks", problems);
  problems.throw_if_errors();
  return Options(table, plugin.schema);
}

Transform transform_of(const std::string& name) {
  for (const auto kind : {Transform::Kind::level, Transform::Kind::log, Transform::Kind::sqrt}) {
    Transform transform;
    transform.kind = kind;
    const bool same = (name == "level" && kind == Transform::Kind::level) ||
                      (name == "log" && kind == Transform::Kind::log) ||
                      (name == "sqrt" && kind == Transform::Kind::sqrt);
    if (same) return transform;
  }
  throw InputError(fmt::format("--transform is {}, but must be level, log or sqrt", name));
}

Sample sample_of(const Series& series, const std::vector<Series>& regressors,
                 const Transform& transform, const EventMap& events) {
  Sample sample;
  if (series.values.size() == 0) {
    throw InputError(fmt::format("{} has no observation", series.name));
  }
  sample.range = series.range();
  sample.season = season_length(sample.range.first.frequency);
  sample.target = {series.name, transform};
  sample.y.resize(series.values.size());
  for (Eigen::Index t = 0; t < sample.y.size(); ++t) {
    const double value = series.values(t);
    sample.y(t) = std::isnan(value) ? kMissing : transform.forward(value);
    if (std::isnan(value) || std::isfinite(sample.y(t))) continue;
    throw InputError(fmt::format("{} is {} in {}, but must be {} zero for {}", series.name,
                                 format_number(value), format_period(sample.range[t]),
                                 transform.kind == Transform::Kind::log ? "above" : "at least",
                                 transform.text(series.name)),
                     "--transform level or sqrt");
  }
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (double y : sample.y) {
    if (std::isnan(y)) continue;
    low = std::min(low, y);
    high = std::max(high, y);
  }
  if (low == high) {
    throw InputError(fmt::format("{} is {} in every period, but must vary to have a break",
                                 series.name, format_number(transform.inverse(low))));
  }
  sample.regressors.resize(sample.range.count, static_cast<Eigen::Index>(regressors.size()));
  for (std::size_t j = 0; j < regressors.size(); ++j) {
    sample.regressor_names.push_back(regressors[j].name);
    sample.regressors.col(static_cast<Eigen::Index>(j)) = regressors[j].window(sample.range).values;
  }
  sample.events = events;
  return sample;
}

struct SeriesBreaks {
  FitResult fit;
  Series observed;
};

SeriesBreaks breaks_of(const Series& series, const std::vector<Series>& regressors,
                       const BreaksArguments& arguments, const Plugin& plugin,
                       const EventMap& events) {
  const Transform transform = transform_of(arguments.transform);
  const Options options = plugin_options(arguments, plugin);
  EquationSpec spec{series.name, plugin.name, {series.name, transform}, {}, {}, options, {}};
  ProblemList problems;
  const std::unique_ptr<Model> model = plugin.make(spec, problems);
  problems.throw_if_errors();
  SeriesBreaks result{fit_model(*model, sample_of(series, regressors, transform, events)).result,
                      series};
  result.fit.name = series.name;
  return result;
}

std::vector<Series> series_of(const BreaksArguments& arguments, std::vector<Series>& regressors,
                              Frequency& frequency) {
  std::optional<Frequency> given;
  if (!arguments.frequency.empty()) {
    given = parse_frequency(arguments.frequency);
    if (!given) {
      throw InputError(
          fmt::format("--frequency is {}, but must be annual, quarterly, monthly, weekly, daily or "
                      "undated",
                      arguments.frequency));
    }
  }
  std::vector<std::string> columns = arguments.columns;
  if (!columns.empty()) {
    columns.insert(columns.end(), arguments.regressors.begin(), arguments.regressors.end());
  }
  SeriesFile file = read_series_file(arguments.file, columns, given);
  tell_left_out(file);
  frequency = file.frequency;
  std::vector<Series> targets;
  for (const std::string& name : arguments.regressors) {
    const auto at = std::find_if(file.series.begin(), file.series.end(),
                                 [&](const Series& s) { return s.name == name; });
    if (at == file.series.end()) {
      throw InputError(fmt::format("--regressors {} is not a series of {}", name, arguments.file));
    }
    regressors.push_back(*at);
  }
  for (Series& series : file.series) {
    const bool regressor = std::find(arguments.regressors.begin(), arguments.regressors.end(),
                                     series.name) != arguments.regressors.end();
    if (!regressor) targets.push_back(std::move(series));
  }
  if (targets.empty()) {
    throw InputError(fmt::format("every series of {} is a regressor", arguments.file));
  }
  return targets;
}

// What the folder was made from; without clock or host, so that the same input gives the same
// bytes.
std::string manifest_of(const BreaksArguments& arguments) {
  nlohmann::ordered_json json;
  json["program"] = "amnok";
  json["version"] = version();
  json["command"] = "breaks";
  for (const std::string& file : {arguments.file, arguments.events}) {
    if (!file.empty()) json["inputs"][file] = sha256_hex(read_file(file));
  }
  return json.dump(2) + "\n";
}

// Summary, JSON and figures in a folder of their own.
void write_folder(const BreaksArguments& arguments, const std::vector<SeriesBreaks>& all,
                  const EventMap& events, const std::string& summary, const std::string& json) {
  RunFolder folder(arguments.output, arguments.force);
  folder.write("summary.txt", summary);
  folder.write("fits.json", json);
  const Transform transform = transform_of(arguments.transform);
  for (const SeriesBreaks& breaks : all) {
    const std::string problem =
        draw_break_figures({breaks.fit, breaks.observed, transform, events}, folder);
    if (!problem.empty()) fmt::print(stderr, "warning: {}\n", problem);
  }
  folder.write("manifest.json", manifest_of(arguments));
  folder.finish();
}

}  // namespace

int breaks_command(const BreaksArguments& arguments) {
  const Plugin& plugin = *find_plugin(builtin_plugins(), "structural_break");
  std::vector<Series> regressors;
  Frequency frequency = Frequency::undated;
  const std::vector<Series> series = series_of(arguments, regressors, frequency);
  const EventMap events = events_from(arguments.events, frequency);
  std::vector<SeriesBreaks> all;
  std::string summary;
  for (const Series& one : series) {
    all.push_back(breaks_of(one, regressors, arguments, plugin, events));
    summary += (summary.empty() ? "" : "\n") + break_summary(all.back().fit);
  }
  std::vector<const FitResult*> fits;
  bool usable = true;
  for (const SeriesBreaks& breaks : all) {
    fits.push_back(&breaks.fit);
    usable = usable && breaks.fit.usable();
  }
  const std::string json = fits_json(fits);
  if (!arguments.output.empty()) write_folder(arguments, all, events, summary, json);
  if (!arguments.json.empty() && arguments.json != "-") write_file(arguments.json, json);
  print_out(arguments.json == "-" ? json : summary);
  return usable ? 0 : 3;
}

}  // namespace amnok
