#include "engine/report/break_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/numbers.h"
#include "engine/report/result_table.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

constexpr std::size_t kEvents = 4;  // listed of a break

std::string digits(double value, int count = 4) {
  return std::isfinite(value) ? format_significant(value, count) : "-";
}

std::string size_line(const TableRow& row) {
  std::string text = fmt::format("size: {} [{}, {}]", digits(row.number("effect")),
                                 digits(row.number("low")), digits(row.number("high")));
  if (std::isfinite(row.number("per_cent"))) {
    text += fmt::format(", {:.1f} % [{:.1f}, {:.1f}], from {} to {}", row.number("per_cent"),
                        row.number("per_cent_low"), row.number("per_cent_high"),
                        digits(row.number("level_before")), digits(row.number("level_after")));
  }
  return text;
}

std::string events_line(const FitResult& fit, const std::string& first_after) {
  std::vector<std::string> events;
  std::size_t more = 0;
  bool asked = false;
  for (const TableRow& row : rows_of(fit, "break_events")) {
    if (row.text("first_period_after") != first_after) continue;
    asked = true;
    if (row.text("event").empty()) continue;
    if (events.size() == kEvents) {
      ++more;
      continue;
    }
    const bool end = row.text("says").rfind("end", 0) == 0;
    events.push_back(fmt::format("{}{} ({}, score {:.2f})", end ? "end of " : "", row.text("event"),
                                 row.text("period"), row.number("score")));
  }
  if (!asked) return "";
  if (events.empty()) return "events: none in the date set";
  std::string text = "events: " + join(events, ", ");
  if (more > 0) text += fmt::format(" and {} more", more);
  return text + (events.size() > 1 ? "; not separable by this series" : "");
}

std::string half_life_text(double periods) {
  return std::isfinite(periods) ? fmt::format("{:.1f} periods", periods) : "never reached";
}

void add_permanence(const FitResult& fit, const TableRow& row, BreakWords& words) {
  std::string text = row.text("verdict");
  if (std::isfinite(row.number("p_permanent"))) {
    text += fmt::format(": P(permanent) {:.2f} [{:.2f}, {:.2f}], half-life {}",
                        row.number("p_permanent"), row.number("p_low"), row.number("p_high"),
                        half_life_text(row.number("half_life")));
  }
  words.details.push_back(text);
  for (const TableRow& reason : rows_of(fit, "permanence_reasons")) {
    const bool same =
        reason.text("event") == row.text("event") && reason.text("start") == row.text("start");
    if (same) words.reasons.push_back(reason.text("reason"));
  }
  const std::string settled = row.text("settled_after");
  if (!settled.empty()) words.reasons.push_back("settled after: " + settled);
}

std::string breaks_text(const FitResult& fit) {
  const std::size_t count = rows_of(fit, "breaks").size();
  std::string text;
  std::size_t number = 0;
  for (const BreakWords& words : break_words(fit)) {
    ++number;
    text += number <= count ? fmt::format("  {}. {}\n", number, words.what)
                            : fmt::format("  {}\n", words.what);
    for (const std::string& detail : words.details) text += "    " + detail + "\n";
    for (const std::string& reason : words.reasons) {
      const bool settled = starts_with(reason, "settled after");
      text += (settled ? "      " : "      - ") + reason + "\n";
    }
  }
  return text;
}

// Whether persistent errors without a break could have made what was found; "" where it was not
// asked.
std::string noise_words(const FitResult& fit) {
  for (const TableRow& row : rows_of(fit, "break_tests")) {
    if (row.text("test") != "persistent errors without a break") continue;
    const std::string p = p_text(row.number("p_value"));
    return starts_with(row.text("says"), "rejects")
               ? fmt::format("; persistent errors without a break do not explain them (p {})", p)
               : fmt::format(
                     ", or none: persistent errors without a break could look like this "
                     "(p {})",
                     p);
  }
  return "";
}

// A table of the fit with some of its columns.
std::string table_text(const FitResult& fit, const std::string& name,
                       const std::vector<std::string>& columns) {
  const ResultTable* found = find_table(fit, name);
  if (found == nullptr || found->rows.empty()) return "";
  TextTable table(columns);
  for (const TableRow& row : rows_of(fit, name)) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const double value = row.number(column);
      if (column == "p_value") {
        cells.push_back(p_text(value));
        continue;
      }
      const bool whole = std::isnan(value) || value == std::round(value);
      cells.push_back(whole ? row.text(column) : digits(value, 5));
    }
    table.add(cells);
  }
  return "  " + found->title + "\n" + table.text("    ");
}

}  // namespace

std::string break_verdict(const FitResult& fit) {
  const auto has = [&](const char* table) { return find_table(fit, table) != nullptr; };
  if (!has("number_of_breaks") && !has("break_tests") && !has("breaks")) return "";
  const std::size_t count = rows_of(fit, "breaks").size();
  if (count == 0 && rows_of(fit, "number_of_breaks").size() == 1) return "no break was looked for";
  std::string text =
      count == 0 ? std::string("no break")
                 : fmt::format("{} break{}", count, count == 1 ? "" : "s") + noise_words(fit);
  const auto disagreement =
      std::find_if(fit.notes.begin(), fit.notes.end(), [](const std::string& note) {
        return note.find("the criteria disagree") != std::string::npos;
      });
  return disagreement == fit.notes.end() ? text : text + "; " + *disagreement;
}

std::vector<BreakWords> break_words(const FitResult& fit) {
  std::vector<BreakWords> all;
  const std::vector<TableRow> breaks = rows_of(fit, "breaks"),
                              sizes = rows_of(fit, "break_effects"),
                              permanence = rows_of(fit, "permanence");
  for (std::size_t b = 0; b < breaks.size() && b < sizes.size(); ++b) {
    const std::string after = breaks[b].text("first_period_after");
    BreakWords words;
    const std::string low = sizes[b].text("set_low"), high = sizes[b].text("set_high");
    words.what = fmt::format("between {} and {} (the new regime began in {}, 95 %)",
                             breaks[b].text("last_period_before"), after,
                             low == high ? low : low + ".." + high);
    words.details.push_back(size_line(sizes[b]));
    const std::string events = events_line(fit, after);
    if (!events.empty()) words.details.push_back(events);
    if (b < permanence.size()) add_permanence(fit, permanence[b], words);
    all.push_back(std::move(words));
  }
  for (std::size_t i = breaks.size(); i < permanence.size(); ++i) {
    BreakWords words;
    words.what = fmt::format("{} ({})", permanence[i].text("event"), permanence[i].text("start"));
    add_permanence(fit, permanence[i], words);
    all.push_back(std::move(words));
  }
  return all;
}

std::vector<std::string> break_verdicts(const FitResult& fit) {
  const std::string verdict = break_verdict(fit);
  if (verdict.empty() && find_table(fit, "permanence") == nullptr) return {};
  std::vector<std::string> lines;
  if (!verdict.empty()) lines.push_back(fmt::format("{}: {}", fit.name, verdict));
  const std::string text = breaks_text(fit);
  for (const std::string_view line : split(text, '\n')) {
    std::string_view words = trim(line);
    if (starts_with(words, "- ")) words.remove_prefix(2);  // a reason: the list has its own marks
    if (!words.empty()) lines.emplace_back(words);
  }
  return lines;
}

std::string break_summary(const FitResult& fit) {
  std::string text = fmt::format("{}: {}\n", fit.name, fit.equation);
  text += fmt::format("  sample {}, {} observations", format_range(fit.sample), fit.nobs);
  if (fit.missing > 0) {
    text += fmt::format(", {} period{} missing", fit.missing, fit.missing == 1 ? "" : "s");
  }
  text += fmt::format("\n\n  Verdict: {}\n", break_verdict(fit)) + breaks_text(fit) + "\n";
  text += table_text(fit, "placebo", {"measure", "observed", "random_as_good", "mc_error"});
  text += table_text(fit, "monitoring",
                     {"process", "alarm", "largest_over_boundary", "critical", "says"});
  text += table_text(fit, "break_tests", {"test", "statistic", "critical", "p_value", "says"});
  text += table_text(fit, "multiple_break_tests", {"test", "statistic", "critical", "says"});
  text += table_text(fit, "number_of_breaks", {"breaks", "rss", "bic", "lwz", "kt", "dates"});
  text += table_text(fit, "breaks_by_criterion",
                     {"criterion", "breaks", "last_periods_before", "says"});
  for (const TableRow& row : rows_of(fit, "further_tests")) {
    text += fmt::format("  {} {}\n", row.text("question"), row.text("answer"));
  }
  for (const char* name : {"variance_tests", "persistence_tests", "trend_tests"}) {
    text += table_text(
        fit, name,
        {"test", "null", "statistic", "critical", "p_value", "last_period_before", "says"});
    if (std::string_view(name) != "variance_tests") continue;
    text +=
        table_text(fit, "variance_segments", {"first_period", "last_period", "observations", "sd"});
  }
  for (const std::string& note : fit.notes) {
    if (note.find("P(permanent)") == std::string::npos) text += "  note: " + note + "\n";
  }
  for (const Diagnostic& d : fit.diagnostics) {
    if (!d.words.empty() && d.p_value < 0.05) text += "  note: " + d.words + "\n";
  }
  return text;
}

}  // namespace amnok
