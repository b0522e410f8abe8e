#include "engine/report/html_past.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/report/counterfactual_report.h"
#include "engine/report/html_charts.h"
#include "engine/report/numbers.h"

namespace amnok {

namespace {

std::string e(std::string_view text) {
  return html_escape(text);
}

std::string band_cell(double value, double low, double high, double size) {
  if (!std::isfinite(value)) return "–";
  if (!std::isfinite(low)) return typeset(rounded(value, size));
  return typeset(
      fmt::format("{} [{}, {}]", rounded(value, size), rounded(low, size), rounded(high, size)));
}

double largest(const VectorXd& values) {
  double size = 0;
  for (double value : values) {
    if (std::isfinite(value)) size = std::max(size, std::fabs(value));
  }
  return size;
}

HtmlTable level_table(const StudyCounterfactual& found, const PageWords& words) {
  const Counterfactual& c = found.result;
  const double size = largest(c.counterfactual);
  HtmlTable table({words("column_period"), words("observed"), words("without_event")});
  for (std::int64_t h = 0; h < c.range.count; ++h) {
    const double actual = c.actual(h);
    table.row({format_period(c.range[h]),
               std::isfinite(actual) ? typeset(rounded(actual, size)) : "–",
               band_cell(c.counterfactual(h), c.low(h), c.high(h), size)});
  }
  return table;
}

HtmlTable band_table(const PeriodRange& range, const std::vector<EffectBand>& bands, double size,
                     const PageWords& words, const std::string& column) {
  HtmlTable table({words("column_period"), column});
  for (std::int64_t h = 0; h < range.count; ++h) {
    const EffectBand& band = bands[static_cast<std::size_t>(h)];
    table.row({format_period(range[h]), band_cell(band.estimate, band.low, band.high, size)});
  }
  return table;
}

std::string charts(const RunResults& run, const PageWords& words, const StudyCounterfactual& found,
                   int index) {
  const Counterfactual& c = found.result;
  const bool bands = found.spec.method == CounterfactualSpec::Method::model;
  const std::string unit = run.unit(found.spec.variable);
  const std::string with_unit = unit.empty() ? "" : ", " + e(unit);
  const auto place = [&](const char* panel) {
    return fmt::format("data-past=\"{}\" data-panel=\"{}\"", index, panel);
  };
  const PageWords::Places level = {{"level", fmt::format("{:g} %", 100 * found.spec.level)}};
  std::string text =
      fmt::format("<div class=\"key\" data-past-key=\"{}\" data-band=\"{}\"></div>\n", index,
                  bands ? words("band_of", level) : "");
  text += "<div class=\"charts three\">\n";
  text += chart_figure(words, place("level"), variable_html(run, found.spec.variable),
                       level_table(found, words), words("past_table_note", level));
  text += chart_figure(
      words, place("difference"), words("difference") + with_unit,
      band_table(c.range, c.effect, largest(c.counterfactual), words, words("difference")),
      words("past_table_note", level));
  text += chart_figure(
      words, place("added"), words("added_up") + with_unit,
      band_table(c.range, c.cumulative, std::fabs(c.total.estimate), words, words("added_up")),
      words("past_table_note", level));
  return text + "</div>\n";
}

// Placebo dates, controls left out, donors: the tables after the path.
std::string further(const RunResults& run, const StudyCounterfactual& found) {
  std::string text;
  const std::vector<DocumentTable> tables = counterfactual_tables(run, found);
  for (std::size_t i = 1; i < tables.size(); ++i) {
    text += fmt::format("<h4>{}</h4>\n{}", e(tables[i].title), document_table_html(tables[i]));
  }
  return text;
}

}  // namespace

std::string past_section(const RunResults& run, const PageWords& words) {
  std::string text;
  int index = 0;
  for (const StudyCounterfactual& found : run.counterfactuals) {
    text += fmt::format("<h3>{}</h3>\n<p{}>{}</p>\n", e(found.spec.label),
                        found.usable() ? "" : " class=\"bad\"",
                        typeset(e(counterfactual_verdict(run, found))));
    if (found.usable()) text += charts(run, words, found, index++) + further(run, found);
    std::vector<std::string> remarks;
    if (!found.model.empty()) remarks.push_back("<code>" + e(found.model) + "</code>");
    for (const std::string& remark : counterfactual_remarks(found)) {
      remarks.push_back(typeset(e(remark)));
    }
    text += html_list(remarks);
  }
  return text;
}

}  // namespace amnok
