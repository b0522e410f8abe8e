#include "engine/report/html_chart.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/report/figures.h"
#include "engine/report/html_assets.h"
#include "engine/report/time_axis.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

// Six digits are more than a screen shows.
Json number(double value) {
  return std::isfinite(value) ? Json(std::stod(fmt::format("{:.6g}", value))) : Json(nullptr);
}

Json point(Period t) {
  return {std::stod(fmt::format("{:.5f}", axis_value(t))), format_period(t)};
}

Json observed_json(const Series& series, Period first, Period last) {
  Json points = Json::array();
  for (Period t = first; t <= last; t = t + 1) {
    Json row = point(t);
    row.push_back(number(series.at(t)));
    points.push_back(std::move(row));
  }
  return points;
}

Json scenario_json(const RunResults& run, const std::string& scenario,
                   const std::string& variable) {
  Json periods = Json::array();
  const Projection& projection = run.projection(scenario, variable);
  for (std::size_t h = 0; h < projection.periods.size(); ++h) {
    const Distribution& d = projection.periods[h];
    Json row = point(run.horizon[static_cast<std::int64_t>(h)]);
    for (double p : {0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95}) row.push_back(number(d.quantile(p)));
    periods.push_back(std::move(row));
  }
  return {{"label", run.scenario_title(scenario)}, {"periods", periods}};
}

Json variable_json(const RunResults& run, const std::string& variable) {
  const Period first = chart_begin(run, variable), last = run.horizon.last();
  const Series& observed = run.observed.get(variable);
  Json ticks = Json::array(), scenarios = Json::array();
  for (const AxisTick& tick : time_ticks(first, last, 9)) ticks.push_back({tick.at, tick.label});
  for (const std::string& scenario : run.scenarios) {
    scenarios.push_back(scenario_json(run, scenario, variable));
  }
  return {{"label", run.study.label(variable)},
          {"unit", run.unit(variable)},
          {"range", {axis_value(first), axis_value(last + 1)}},
          {"origin", axis_value(run.horizon.first)},
          {"ticks", ticks},
          {"history", observed_json(observed, first, run.horizon.first - 1)},
          {"realised", observed_json(observed, run.horizon.first, last)},
          {"scenarios", scenarios}};
}

}  // namespace

std::string switchable_chart(const RunResults& run) {
  if (run.variables.empty() || run.scenarios.empty()) return "";
  Json data = Json::array();
  for (const std::string& variable : run.variables) data.push_back(variable_json(run, variable));
  // No text of a study can end the script element.
  std::string text;
  for (char c : data.dump()) text += c == '<' ? "\\u003c" : std::string(1, c);
  return fmt::format(
      "<div id=\"chart\"><noscript>With scripts allowed, a chart here shows scenarios over each "
      "other; the figures below need none.</noscript></div>\n"
      "<script type=\"application/json\" id=\"chart-data\">{}</script>\n<script>{}</script>\n",
      text, kReportScript);
}

}  // namespace amnok
