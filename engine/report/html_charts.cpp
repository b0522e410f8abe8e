#include "engine/report/html_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/html_assets.h"
#include "engine/report/html_data.h"
#include "engine/report/numbers.h"

namespace amnok {

namespace {

constexpr int kStyles = 7;  // of scenarios, in report.css

std::string interval(const PageWords& words, const Distribution& d, double size) {
  if (d.undefined > 0) return words("not_defined");
  return typeset(fmt::format("{} [{}, {}]", rounded(d.median(), size),
                             rounded(d.quantile(0.05), size), rounded(d.quantile(0.95), size)));
}

std::string figure(const PageWords& words, const std::string& attributes, const std::string& title,
                   const HtmlTable& table) {
  return chart_figure(words, attributes, title, table, words("table_note"));
}

bool has_realised(const RunResults& run, const Series& observed) {
  const VectorXd later = observed.window(run.horizon).values;
  return std::any_of(later.begin(), later.end(), [](double v) { return std::isfinite(v); });
}

// Every period of the horizon: the realised figure where there is any, and each scenario.
HtmlTable fan_table(const RunResults& run, const PageWords& words, const std::string& variable) {
  const Series& observed = run.observed.get(variable);
  const bool realised = has_realised(run, observed);
  const double size = column_size(run, variable);
  std::vector<std::string> head = {words("column_period")};
  if (realised) head.push_back(words("realised"));
  const std::vector<std::string> outlooks = run.outlooks();
  for (const std::string& outlook : outlooks) {
    head.push_back(html_escape(run.scenario_label(outlook)));
  }
  HtmlTable table(head);
  for (std::int64_t h = 0; h < run.horizon.count; ++h) {
    std::vector<HtmlTable::Cell> row = {{format_period(run.horizon[h])}};
    if (realised) row.push_back({typeset(rounded(observed.at(run.horizon[h]), size))});
    for (std::size_t s = 0; s < outlooks.size(); ++s) {
      const Distribution& d =
          run.projection(outlooks[s], variable).periods[static_cast<std::size_t>(h)];
      row.push_back({interval(words, d, size), fmt::format(" data-scenario=\"{}\"", s)});
    }
    table.row(row);
  }
  return table;
}

// The names of all marks, for those whose name has no room in a chart.
std::string events_text(const RunResults& run, const PageWords& words) {
  std::vector<std::string> names;
  for (const EventMark& mark : event_marks(run)) {
    if (!mark.scenario.empty() && !run.horizon.contains(mark.at)) continue;
    std::string text =
        words(mark.ends ? "event_until" : "event_from",
              {{"event", html_escape(mark.name)}, {"period", format_period(mark.at)}});
    if (!mark.scenario.empty()) {
      text = words("of_scenario",
                   {{"event", text}, {"scenario", html_escape(run.scenario_label(mark.scenario))}});
    }
    if (std::find(names.begin(), names.end(), text) == names.end()) names.push_back(text);
  }
  if (names.empty()) return "";
  return "<p class=\"soft\">" + words("events", {{"list", join(names, "; ")}}) + "</p>\n";
}

HtmlTable effect_table(const RunResults& run, const PageWords& words, const EffectFigure& shown) {
  std::vector<std::string> head = {words("column_period")};
  for (const EffectPath* path : shown.paths) {
    head.push_back(words(fmt::format("measure_{}", measure_name(path->measure))));
  }
  head.push_back(words("column_probability"));
  HtmlTable table(head);
  for (std::int64_t h = 0; h < run.horizon.count; ++h) {
    const auto at = static_cast<std::size_t>(h);
    std::vector<std::string> row = {format_period(run.horizon[h])};
    for (const EffectPath* path : shown.paths) {
      row.push_back(interval(words, path->periods[at], effect_size(*path)));
    }
    const double probability = shown.paths.front()->probability_positive[at];
    const bool none = std::isnan(probability) || shown.paths.front()->is_zero_at(at);
    row.push_back(none ? "–" : fmt::format("{:.2f}", probability));
    table.row(row);
  }
  return table;
}

std::string measure_choice(const PageWords& words, const std::vector<EffectFigure>& figures,
                           int index) {
  std::vector<EffectMeasure> measures;
  for (const EffectFigure& figure : figures) {
    for (const EffectPath* path : figure.paths) {
      if (std::find(measures.begin(), measures.end(), path->measure) == measures.end()) {
        measures.push_back(path->measure);
      }
    }
  }
  if (measures.size() < 2) return "";
  std::sort(measures.begin(), measures.end());
  std::string text = fmt::format("<p class=\"hint\"><label>{} <select data-effect=\"{}\">",
                                 words("measure"), index);
  for (EffectMeasure measure : measures) {
    text += fmt::format("<option value=\"{0}\">{1}</option>", measure_name(measure),
                        words(fmt::format("measure_{}", measure_name(measure))));
  }
  return text + "</select></label></p>\n";
}

}  // namespace

std::string chart_figure(const PageWords& words, const std::string& attributes,
                         const std::string& title, const HtmlTable& table,
                         const std::string& note) {
  return fmt::format(
      "<figure class=\"chart\" {}><figcaption>{}</figcaption>\n<div class=\"plot\"></div>"
      "<p class=\"reading\" aria-live=\"polite\"></p>\n<details><summary>{}</summary>"
      "<p class=\"soft\">{}</p>{}</details></figure>\n",
      attributes, title, words("table", {{"variable", title}}), note, table.html());
}

std::string fan_charts(const RunResults& run, const PageWords& words) {
  std::string text = fmt::format(
      "<noscript><p class=\"bad\">{}</p></noscript>\n<form id=\"controls\" aria-label=\"{}\">"
      "</form>\n<p id=\"live-note\" role=\"status\"></p>\n<div class=\"key\" id=\"key\"></div>\n"
      "<p class=\"soft hint\">{}</p>\n<div class=\"charts\">\n",
      words("no_script"), words("heading_charts"), words("chart_hint"));
  for (std::size_t v = 0; v < run.variables.size(); ++v) {
    text += figure(words, fmt::format("data-variable=\"{}\"", v),
                   variable_html(run, run.variables[v]), fan_table(run, words, run.variables[v]));
  }
  return text + "</div>\n" + events_text(run, words);
}

std::string effect_charts(const RunResults& run, const PageWords& words, const EffectSpec& effect,
                          int index) {
  const std::vector<EffectFigure> figures = effect_figures(run, effect);
  if (figures.empty()) return "";
  const auto at = std::find(run.scenarios.begin(), run.scenarios.end(), effect.scenario);
  const auto style = (at - run.scenarios.begin()) % kStyles;
  std::string text = measure_choice(words, figures, index);
  text +=
      fmt::format("<div class=\"key\" data-style=\"s{}\"></div>\n<div class=\"charts\">\n", style);
  for (std::size_t i = 0; i < figures.size(); ++i) {
    text += figure(words, fmt::format("data-effect=\"{}\" data-path=\"{}\"", index, i),
                   variable_html(run, figures[i].variable), effect_table(run, words, figures[i]));
  }
  return text + "</div>\n";
}

std::string chart_scripts(const RunResults& run) {
  return fmt::format(
      "<script type=\"application/json\" id=\"report-data\">{}</script>\n<script>{}</script>\n"
      "<script>{}</script>\n",
      report_data(run), kChartLibrary, kReportScript);
}

}  // namespace amnok
