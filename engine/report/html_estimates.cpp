#include "engine/report/html_estimates.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/text.h"
#include "engine/report/break_summary.h"
#include "engine/report/numbers.h"
#include "engine/report/result_table.h"
#include "engine/report/summary.h"

namespace amnok {

namespace {

std::string e(std::string_view text) {
  return html_escape(text);
}

std::string breaks_of(const FitResult& fit) {
  const std::string verdict = break_verdict(fit);
  const std::vector<BreakWords> breaks = break_words(fit);
  if (verdict.empty() && breaks.empty()) return "";
  std::string text = fmt::format("<h3>{}</h3>\n", e(fit.name));
  if (!verdict.empty()) text += fmt::format("<p><strong>{}</strong></p>\n", typeset(e(verdict)));
  for (const BreakWords& words : breaks) {
    std::vector<std::string> items;
    for (const std::string& detail : words.details) items.push_back(typeset(e(detail)));
    for (const std::string& reason : words.reasons) {
      items.push_back("<span class=\"soft\">" + typeset(e(reason)) + "</span>");
    }
    text += fmt::format("<h4>{}</h4>\n{}", typeset(e(words.what)), html_list(items));
  }
  return text;
}

std::string coefficients(const FitResult& fit, const PageWords& words) {
  HtmlTable table({words("column_coefficient"), words("column_estimate"), words("column_std_error"),
                   words("column_statistic"), words("column_interval_95"), words("column_p")});
  for (const Coefficient& c : coefficient_table(fit)) {
    if (std::isnan(c.std_error)) {
      table.row({e(c.name), typeset(format_significant(c.estimate, 5)), "–", "–", "–", "–"});
      continue;
    }
    table.row({e(c.name), typeset(format_significant(c.estimate, 5)),
               format_significant(c.std_error, 4), typeset(fmt::format("{:.2f}", c.statistic)),
               typeset(fmt::format("[{}, {}]", format_significant(c.ci_low, 4),
                                   format_significant(c.ci_high, 4))),
               e(p_text(c.p_value))});
  }
  return table.html();
}

std::string diagnostics(const FitResult& fit) {
  std::vector<std::string> items;
  for (const Diagnostic& d : fit.diagnostics) {
    items.push_back(fmt::format("{}{}: {} (p {}){}", e(d.name),
                                d.lag > 0 ? fmt::format("({})", d.lag) : "",
                                typeset(format_significant(d.statistic, 4)), e(p_text(d.p_value)),
                                d.words.empty() ? "" : " — " + e(d.words)));
  }
  for (const std::string& note : fit.notes) items.push_back(typeset(e(note)));
  return html_list(items);
}

std::string further_tables(const FitResult& fit, const PageWords& words) {
  if (fit.tables.empty()) return "";
  std::string text = fmt::format("<details><summary>{}</summary>\n", words("further_tables"));
  for (const ResultTable& result : fit.tables) {
    std::vector<std::string> head;
    for (const std::string& column : result.columns) head.push_back(e(column));
    HtmlTable table(head);
    for (const auto& cells : result.rows) {
      std::vector<std::string> row;
      for (std::size_t j = 0; j < cells.size(); ++j) {
        row.push_back(typeset(e(result_text(result.columns[j], cells[j]))));
      }
      table.row(row);
    }
    text += fmt::format("<h4>{}</h4>{}", e(result.title), table.html());
  }
  return text + "</details>\n";
}

std::string estimate(const FitResult& fit, const PageWords& words) {
  std::string sample = words(
      "sample", {{"sample", format_range(fit.sample)}, {"count", fmt::format("{}", fit.nobs)}});
  if (fit.missing > 0) {
    sample += ", " + words("missing", {{"count", fmt::format("{}", fit.missing)}});
  }
  std::string text = fmt::format(
      "<h3>{}</h3>\n<p><code>{}</code><br><span class=\"soft\">{}; {}; {}{}; {}</span></p>\n",
      e(fit.name), e(fit.equation), status_name(fit.status), e(fit.message), sample,
      typeset(fit_measures(fit)),
      fit.covariance_kind.empty() ? words("no_std_errors")
                                  : words("std_errors", {{"kind", e(fit.covariance_kind)}}));
  if (fit.parameters.size() > 0) text += coefficients(fit, words);
  return text + diagnostics(fit) + further_tables(fit, words);
}

}  // namespace

std::string breaks_section(const RunResults& run, const PageWords& words) {
  std::string text;
  for (const FitResult* fit : run.fits()) text += breaks_of(*fit);
  if (text.empty()) return "";
  return fmt::format("<h2 id=\"breaks\">{}</h2>\n", words("heading_breaks")) + text;
}

std::string estimates_section(const RunResults& run, const PageWords& words) {
  if (run.equations.empty()) return "";
  std::string text = fmt::format("<h2 id=\"estimates\">{}</h2>\n", words("heading_estimates"));
  for (const FitResult* fit : run.fits()) text += estimate(*fit, words);
  return text;
}

}  // namespace amnok
