#include "engine/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/counterfactual_report.h"
#include "engine/report/document.h"
#include "engine/report/numbers.h"
#include "engine/report/projection_tables.h"
#include "engine/report/result_table.h"
#include "engine/report/scenario_text.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

std::string title(const std::string& text) {
  return text + "\n" + std::string(static_cast<std::size_t>(display_width(text)), '=') + "\n";
}

// Which shocks are not gaussian.
std::string innovations_text(const RunResults& run) {
  std::vector<std::string> words;
  for (const BehaviouralEquation& equation : run.equations) {
    if (equation.shocks.kind() == Innovations::gaussian) continue;
    words.push_back(equation.name + ": " + equation.shocks.words());
  }
  if (words.empty()) return "";
  if (words.size() < run.equations.size()) words.push_back("the others: gaussian");
  return "\nshocks of " + join(words, "; ");
}

// The range that the sparklines of a variable share: its medians in all scenarios.
std::pair<double, double> median_range(const RunResults& run, const std::string& variable) {
  double low = INFINITY, high = -INFINITY;
  for (const std::string& scenario : run.scenarios) {
    for (const Distribution& d : run.projection(scenario, variable).periods) {
      if (d.undefined > 0) continue;
      low = std::min(low, d.median());
      high = std::max(high, d.median());
    }
  }
  return {low, high};
}

std::string path_line(const RunResults& run, const std::string& scenario,
                      const std::string& variable) {
  std::vector<double> medians;
  for (const Distribution& d : run.projection(scenario, variable).periods) {
    medians.push_back(d.undefined > 0 ? kMissing : d.median());
  }
  const auto [low, high] = median_range(run, variable);
  return sparkline(medians, low, high);
}

// Flows by year: what a budget or a policy paper asks for. Years that the horizon cuts are marked.
std::string years_text(const RunResults& run, const std::string& variable) {
  if (run.study.run.frequency == Frequency::annual || !run.study.is_flow(variable)) return "";
  const int decimals = annual_decimals(run, variable);
  TextTable table({"by year"});
  bool cut = false;
  for (const std::string& scenario : run.outlooks()) {
    const AnnualPath* path = find_annual(run, scenario, variable);
    if (path == nullptr) return "";
    std::vector<std::string> head = {"sums by year"}, row = {run.scenario_title(scenario)};
    for (const AnnualYear& year : path->years) {
      const bool part = year.coverage.missing > 0;
      cut = cut || part;
      head.push_back(fmt::format("{}{}", year.year, part ? "*" : ""));
      const Distribution& d = year.distribution;
      row.push_back(d.undefined > 0 ? "not defined"
                                    : fmt::format("{} [{}, {}]", printed(d.median(), decimals),
                                                  printed(d.quantile(0.05), decimals),
                                                  printed(d.quantile(0.95), decimals)));
    }
    if (table.empty()) table = TextTable(head);
    table.add(row);
  }
  return table.text() + (cut ? "  * not the whole year\n" : "");
}

std::string projections_text(const RunResults& run) {
  std::string text;
  const std::vector<std::size_t> shown = shown_periods(run.horizon);
  for (const std::string& variable : run.variables) {
    const std::string unit = run.unit(variable);
    const double size = column_size(run, variable);
    const Series& observed = run.observed.get(variable);
    Period last = run.horizon.first - 1;
    while (last > observed.first && std::isnan(observed.at(last))) last = last - 1;
    text += fmt::format("\n{}{}\n", run.study.label(variable), unit.empty() ? "" : ", " + unit);
    text += std::isnan(observed.at(last))
                ? "no known value; "
                : fmt::format("last known: {} in {}; ", rounded(observed.at(last), size),
                              format_period(last));
    text += "median [90 % band]\n";
    std::vector<std::string> header = {"scenario"};
    for (std::size_t h : shown) {
      header.push_back(format_period(run.horizon[static_cast<std::int64_t>(h)]));
    }
    header.push_back("path");
    TextTable table(header);
    for (const std::string& scenario : run.outlooks()) {
      std::vector<std::string> row = {run.scenario_title(scenario)};
      for (std::size_t h : shown) {
        const Distribution& d = run.projection(scenario, variable).periods[h];
        row.push_back(d.undefined > 0 ? "not defined"
                                      : fmt::format("{} [{}, {}]", rounded(d.median(), size),
                                                    rounded(d.quantile(0.05), size),
                                                    rounded(d.quantile(0.95), size)));
      }
      row.push_back(path_line(run, scenario, variable));
      table.add(row);
    }
    text += table.text() + years_text(run, variable);
  }
  return text;
}

std::string realised_text(const RunResults& run) {
  const std::vector<RealisedTable> tables = realised_tables(run);
  if (tables.empty()) return "";
  std::string text = "\n" + title("What came true");
  text +=
      "Periods of the horizon with a realised figure inside each scenario's bands, and the mean\n"
      "absolute error of its median.\n";
  for (const RealisedTable& realised : tables) {
    TextTable table({"scenario", "30 %", "60 %", "90 %", "of", "error"});
    for (const RealisedCoverage* r : realised.lines) {
      table.add({run.scenario_label(r->scenario), fmt::format("{}", r->inside30),
                 fmt::format("{}", r->inside60), fmt::format("{}", r->inside90),
                 fmt::format("{}", r->periods),
                 rounded(r->mean_absolute_error, std::max(r->mean_absolute_error, 1e-3))});
    }
    text += "\n" + realised.verdict + "\n" + table.text();
  }
  return text;
}

// Probabilities and notes, where the config gives some.
std::string scenarios_text(const RunResults& run) {
  std::string text;
  for (const std::string& name : run.scenarios) {
    const ScenarioSpec& scenario = *run.study.scenario(name);
    if (!scenario.probability && scenario.note.empty()) continue;
    text += "  " + run.scenario_title(name);
    if (!scenario.note.empty()) text += ": " + scenario.note;
    text += "\n";
  }
  return text.empty() ? text : "\n" + title("Scenarios") + text;
}

std::string data_text(const RunResults& run) {
  std::string text;
  for (const SeriesIssue& issue : run.issues) {
    text += issue.series.empty() ? fmt::format("  {}\n", issue.words)
                                 : fmt::format("  {}: {}\n", issue.series, issue.words);
  }
  return text.empty() ? text : "\n" + title("Data") + text;
}

std::string identities_text(const RunResults& run) {
  std::string text;
  for (const CheckLine& check : check_lines(run.study, run.identities)) {
    text += fmt::format("  {:9} {}  ({})\n", check.verdict, check.name,
                        check.violations > 0
                            ? fmt::format("violated in {} of {} periods: see checks.json or "
                                          "`amnok check`",
                                          check.violations, check.periods)
                            : fmt::format("{} periods checked", check.periods));
  }
  return text.empty() ? text : "\n" + title("Identities of the data") + text;
}

// A further table of a fit. Of a long one, a row a period, the first and the last rows.
std::string result_table_text(const ResultTable& result) {
  constexpr std::size_t kWhole = 30, kFirst = 4, kLast = 12;
  const std::size_t count = result.rows.size();
  const bool cut = count > kWhole;
  TextTable table(result.columns);
  for (std::size_t i = 0; i < count; ++i) {
    if (cut && i >= kFirst && i < count - kLast) continue;
    std::vector<std::string> row;
    for (std::size_t j = 0; j < result.rows[i].size(); ++j) {
      row.push_back(result_text(result.columns[j], result.rows[i][j]));
    }
    table.add(row);
  }
  std::string text = "  " + result.title + "\n" + table.text("    ");
  if (cut) {
    text += fmt::format("    the first {} and the last {} of {} rows; all are in the JSON\n",
                        kFirst, kLast, count);
  }
  return text;
}

}  // namespace

std::string effects_text(const RunResults& run) {
  const std::vector<EffectTable> tables = effect_tables(run);
  const std::vector<std::string> notes = effect_notes(run);
  if (tables.empty() && notes.empty()) return "";
  std::string text = "\n" + title("Effects (paired differences, draw by draw)");
  for (const std::string& note : notes) text += wrapped(note);
  for (const EffectTable& effect : tables) {
    TextTable table({"variable", "measure", "in", "median", "90 % interval", "P(> 0)", "MC error"});
    for (const EffectLine& line : effect.lines) {
      table.add({line.variable, line.measure, line.period, line.median, line.interval,
                 line.probability, line.error});
    }
    text += "\n" + effect.title + "\n";
    if (!table.empty()) text += table.text();
    if (!effect.untouched.empty()) {
      text += "  exactly no effect on: " + join(effect.untouched, ", ") + "\n";
    }
  }
  return text;
}

// What there is of log-likelihood, AICc and sigma.
std::string fit_measures(const FitResult& fit) {
  std::string text;
  if (!std::isnan(fit.log_likelihood)) {
    text += "; log-likelihood " + format_significant(fit.log_likelihood, 7);
  }
  if (!std::isnan(fit.aicc)) text += ", AICc " + format_significant(fit.aicc, 6);
  if (!std::isnan(fit.sigma2)) text += ", sigma " + format_significant(std::sqrt(fit.sigma2), 4);
  return text;
}

std::string fit_text(const FitResult& fit) {
  std::string text = fmt::format("\n{} ({}): {}\n", fit.name, fit.plugin, fit.equation);
  text += fmt::format("  {}: {}\n", status_name(fit.status), fit.message);
  text += fmt::format("  sample {}, {} observations", format_range(fit.sample), fit.nobs);
  if (fit.missing > 0) text += fmt::format(", {} periods missing", fit.missing);
  if (fit.dropped > 0)
    text += fmt::format(", {} dropped for a missing regressor or lag", fit.dropped);
  text += fit_measures(fit) + "\n";
  if (fit.parameters.size() > 0) {
    TextTable table({"coefficient", "estimate", "std. error", "statistic", "p", "95 % interval"});
    for (const Coefficient& c : coefficient_table(fit)) {
      const bool inference = !std::isnan(c.std_error);
      table.add({c.name, format_significant(c.estimate, 5),
                 inference ? format_significant(c.std_error, 4) : "-",
                 inference ? fmt::format("{:.2f}", c.statistic) : "-", p_text(c.p_value),
                 inference ? fmt::format("[{}, {}]", format_significant(c.ci_low, 4),
                                         format_significant(c.ci_high, 4))
                           : "-"});
    }
    text += table.text("    ");
    if (!fit.covariance_kind.empty()) text += "    standard errors: " + fit.covariance_kind + "\n";
  }
  for (const Diagnostic& d : fit.diagnostics) {
    text +=
        fmt::format("    {}{}: {} (p {}){}\n", d.name, d.lag > 0 ? fmt::format("({})", d.lag) : "",
                    format_significant(d.statistic, 4), p_text(d.p_value),
                    d.words.empty() ? "" : ": " + d.words);
  }
  for (const ResultTable& result : fit.tables) text += result_table_text(result);
  for (const std::string& note : fit.notes) text += "    note: " + note + "\n";
  return text;
}

std::string summary_text(const RunResults& run) {
  const Study& study = run.study;
  std::string text = title(study.run.title);
  text += fmt::format("{} run, sample {}", frequency_name(study.run.frequency),
                      format_range(run.data.sample));
  if (run.horizon.count > 0) {
    text +=
        fmt::format(", horizon {} ({} periods)\n", format_range(run.horizon), run.horizon.count);
    text += fmt::format("{} draws of {}states and shocks, seed {}", run.draws,
                        study.run.parameters_drawn ? "parameters, " : "", run.seed);
    if (study.run.sampling != Sampling::independent) {
      text += fmt::format(", {}", sampling_name(study.run.sampling));
    }
    text += innovations_text(run);
  }
  text += "\n";
  if (!study.run.note.empty()) text += wrapped(study.run.note);
  const std::vector<std::string> faults = run.faults();
  if (!faults.empty() || !run.warnings.empty()) text += "\n" + title("Warnings");
  for (const std::string& fault : faults) text += "  " + fault + "\n";
  for (const InputProblem& warning : run.warnings) text += "  " + run.warning_text(warning) + "\n";
  text += data_text(run);
  text += identities_text(run);
  if (!run.data.regimes.empty()) text += "\n" + title("Regimes found in the data");
  for (const DetectedRegimes& regimes : run.data.regimes) text += fit_text(regimes.fitted.result);
  if (!run.equations.empty()) text += "\n" + title("Equations");
  for (const BehaviouralEquation& equation : run.equations)
    text += fit_text(equation.fitted.result);
  if (run.projections.empty()) return text + counterfactuals_text(run);
  text += scenarios_text(run);
  text += "\n" + title("Projections");
  text += projections_text(run);
  text += mixture_text(run);
  text += effects_text(run);
  text += attribution_text(run);
  text += answers_text(run);
  text += plausibility_text(run);
  text += uncertainty_text(run);
  text += counterfactuals_text(run);
  text += realised_text(run);
  return text;
}

}  // namespace amnok
