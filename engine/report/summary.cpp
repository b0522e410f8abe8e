#include "engine/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

std::string p_text(double p) {
  if (std::isnan(p)) return "";
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
}

std::string title(const std::string& text) {
  return text + "\n" + std::string(static_cast<std::size_t>(display_width(text)), '=') + "\n";
}

// Digits that suit a whole column: three significant for its largest value.
std::string rounded(double value, double size) {
  if (std::isnan(value)) return "-";
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  return text == "-0" || text == "-0.0" || text == "-0.00" || text == "-0.000" ? text.substr(1)
                                                                               : text;
}

double column_size(const RunResults& run, const std::string& variable) {
  double size = 0;
  for (const std::string& scenario : run.scenarios) {
    for (const Distribution& d : run.projection(scenario, variable).periods) {
      if (!std::isnan(d.mean)) size = std::max(size, std::fabs(d.median()));
    }
  }
  return size;
}

// Periods shown in the summary: the end of each quarter of the horizon.
std::vector<std::size_t> shown_periods(const PeriodRange& horizon) {
  std::vector<std::size_t> shown;
  const auto count = static_cast<std::size_t>(horizon.count);
  for (std::size_t quarter = 1; quarter <= 4; ++quarter) {
    const std::size_t at = count * quarter / 4;
    if (at > 0 && (shown.empty() || shown.back() != at - 1)) shown.push_back(at - 1);
  }
  return shown;
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
    text += fmt::format("last known: {} in {}; median [90 % band]\n",
                        rounded(observed.at(last), size), format_period(last));
    std::vector<std::string> header = {"scenario"};
    for (std::size_t h : shown) {
      header.push_back(format_period(run.horizon[static_cast<std::int64_t>(h)]));
    }
    TextTable table(header);
    for (const std::string& scenario : run.scenarios) {
      std::vector<std::string> row = {run.scenario_label(scenario)};
      for (std::size_t h : shown) {
        const Distribution& d = run.projection(scenario, variable).periods[h];
        row.push_back(fmt::format("{} [{}, {}]", rounded(d.median(), size),
                                  rounded(d.quantile(0.05), size),
                                  rounded(d.quantile(0.95), size)));
      }
      table.add(row);
    }
    text += table.text();
  }
  return text;
}

bool is_shown(const RunResults& run, const std::string& variable) {
  return std::find(run.variables.begin(), run.variables.end(), variable) != run.variables.end();
}

std::string realised_text(const RunResults& run) {
  const bool any = std::any_of(run.realised.begin(), run.realised.end(), [&](const auto& r) {
    return r.periods > 0 && is_shown(run, r.variable);
  });
  if (!any) return "";
  std::string text = "\n" + title("What came true");
  text +=
      "Periods of the horizon with a realised figure inside each scenario's bands, and the mean\n"
      "absolute error of its median.\n";
  for (const std::string& variable : run.variables) {
    TextTable table({"scenario", "30 %", "60 %", "90 %", "of", "error"});
    const RealisedCoverage* best = nullptr;
    for (const RealisedCoverage& r : run.realised) {
      if (r.variable != variable || r.periods == 0) continue;
      const double size = std::max(r.mean_absolute_error, 1e-3);
      table.add({run.scenario_label(r.scenario), fmt::format("{}", r.inside30),
                 fmt::format("{}", r.inside60), fmt::format("{}", r.inside90),
                 fmt::format("{}", r.periods), rounded(r.mean_absolute_error, size)});
      if (best == nullptr || r.mean_absolute_error < best->mean_absolute_error) best = &r;
    }
    if (best == nullptr) continue;
    text += fmt::format("\n{}: nearest was \"{}\", whose 90 % band held {} of {}\n",
                        run.study.label(variable), run.scenario_label(best->scenario),
                        best->inside90, best->periods);
    text += table.text();
  }
  return text;
}

}  // namespace

std::string effects_text(const RunResults& run) {
  std::string text;
  if (run.effects.empty() || run.horizon.count == 0) return text;
  text += "\n" + title("Effects (paired differences, draw by draw)");
  const std::size_t last = static_cast<std::size_t>(run.horizon.count) - 1;
  for (const EffectSpec& spec : run.study.effects) {
    TextTable table({"variable", "measure", "median", "90 % interval", "P(> 0)", "MC error"});
    std::vector<std::string> untouched;
    for (const EffectPath& path : run.effects) {
      if (path.effect != spec.name || !is_shown(run, path.variable)) continue;
      if (path.is_zero()) {
        if (path.measure == EffectMeasure::level)
          untouched.push_back(run.study.label(path.variable));
        continue;
      }
      const Distribution& d = path.periods[last];
      const double size = std::max(std::fabs(d.quantile(0.05)), std::fabs(d.quantile(0.95)));
      table.add({run.study.label(path.variable), std::string(measure_name(path.measure)),
                 rounded(d.median(), size),
                 fmt::format("[{}, {}]", rounded(d.quantile(0.05), size),
                             rounded(d.quantile(0.95), size)),
                 fmt::format("{:.2f}", path.probability_positive[last]),
                 format_significant(d.quantile_errors[d.quantile_errors.size() / 2], 2)});
    }
    if (table.empty() && untouched.empty()) continue;
    text += fmt::format("\n{}: {} less {}, {} ({} periods)\n", spec.label,
                        run.scenario_label(spec.scenario), run.scenario_label(spec.against),
                        format_period(run.horizon.last()), run.horizon.count);
    if (!table.empty()) text += table.text();
    if (!untouched.empty()) text += "  no effect on: " + join(untouched, ", ") + "\n";
  }
  return text;
}

std::string fit_text(const FitResult& fit) {
  std::string text = fmt::format("\n{} ({}): {}\n", fit.name, fit.plugin, fit.equation);
  text += fmt::format("  {}: {}\n", status_name(fit.status), fit.message);
  text += fmt::format("  sample {}, {} observations", format_range(fit.sample), fit.nobs);
  if (fit.missing > 0) text += fmt::format(", {} periods missing", fit.missing);
  if (fit.dropped > 0) text += fmt::format(", {} dropped for a missing regressor", fit.dropped);
  text += fmt::format("; log-likelihood {}, AICc {}, sigma {}\n",
                      format_significant(fit.log_likelihood, 7), format_significant(fit.aicc, 6),
                      format_significant(std::sqrt(fit.sigma2), 4));
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
  for (const ResultTable& result : fit.tables) {
    TextTable table(result.columns);
    for (const auto& cells : result.rows) {
      std::vector<std::string> row;
      for (const auto& cell : cells) row.push_back(cell_text(cell));
      table.add(row);
    }
    text += "  " + result.title + "\n" + table.text("    ");
  }
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
    text += fmt::format("{} draws of parameters, states and shocks, seed {}", run.draws, run.seed);
  }
  text += "\n";
  if (!study.run.note.empty()) text += study.run.note + "\n";
  if (!run.issues.empty()) {
    text += "\n" + title("Data");
    for (const SeriesIssue& issue : run.issues) {
      text += issue.series.empty() ? fmt::format("  {}\n", issue.words)
                                   : fmt::format("  {}: {}\n", issue.series, issue.words);
    }
  }
  if (!run.identities.violations.empty()) {
    text += fmt::format("  {} identities are violated: see checks.json or `amnok check`\n",
                        run.identities.violations.size());
  }
  text += "\n" + title("Equations");
  for (const BehaviouralEquation& equation : run.equations)
    text += fit_text(equation.fitted.result);
  if (run.projections.empty()) return text;
  text += "\n" + title("Projections");
  text += projections_text(run);
  text += effects_text(run);
  text += realised_text(run);
  return text;
}

}  // namespace amnok
