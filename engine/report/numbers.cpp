#include "engine/report/numbers.h"
#include "engine/report/scenario_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/document.h"
#include "engine/study/innovations.h"

namespace amnok {

std::string rounded(double value, double size) {
  if (std::isnan(value)) return "-";
  return printed(value, decimals_for(size));
}

int decimals_for(double size) {
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
}

int significant_decimals(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return 0;
  const int before = static_cast<int>(std::floor(std::log10(std::fabs(value)))) + 1;
  return std::clamp(digits - before, 0, 12);
}

std::optional<int> recorded_decimals(const Series& series) {
  constexpr int kMost = 6;
  bool any = false;
  int decimals = 0;
  for (double value : series.values) {
    if (!std::isfinite(value)) continue;
    any = true;
    const auto is_whole = [&](int d) {
      const double scaled = value * std::pow(10.0, d);
      return std::fabs(scaled - std::round(scaled)) <= 1e-9 * std::max(1.0, std::fabs(scaled));
    };
    while (decimals < kMost && !is_whole(decimals)) ++decimals;
  }
  return any ? std::optional<int>(decimals) : std::nullopt;
}

int shown_decimals(const RunResults& run, const std::string& variable) {
  const int wanted = decimals_for(column_size(run, variable));
  return std::min(wanted, recorded_decimals(run.observed.get(variable)).value_or(wanted));
}

std::string p_text(double p) {
  if (std::isnan(p)) return "";
  return p < 0.001 ? "<0.001" : fmt::format("{:.3f}", p);
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

std::vector<std::size_t> shown_periods(const PeriodRange& horizon) {
  std::vector<std::size_t> shown;
  const auto count = static_cast<std::size_t>(horizon.count);
  for (std::size_t quarter = 1; quarter <= 4; ++quarter) {
    const std::size_t at = count * quarter / 4;
    if (at > 0 && (shown.empty() || shown.back() != at - 1)) shown.push_back(at - 1);
  }
  return shown;
}

bool is_shown(const RunResults& run, const std::string& variable) {
  return std::find(run.variables.begin(), run.variables.end(), variable) != run.variables.end();
}

namespace {

EffectLine effect_line(const RunResults& run, const EffectPath& path, std::size_t h) {
  EffectLine line;
  line.variable = run.study.label(path.variable);
  line.measure = measure_name(path.measure);
  line.period = format_period(run.horizon[static_cast<std::int64_t>(h)]);
  line.path = &path;
  line.at = h;
  if (path.is_zero_at(h)) {
    line.median = "exactly 0";
    line.interval = line.probability = line.error = "-";
    return line;
  }
  const Distribution& d = path.periods[h];
  const double size = std::max(std::fabs(d.quantile(0.05)), std::fabs(d.quantile(0.95)));
  line.median = rounded(d.median(), size);
  line.interval =
      fmt::format("[{}, {}]", rounded(d.quantile(0.05), size), rounded(d.quantile(0.95), size));
  const double probability = path.probability_positive[h];
  line.probability = std::isnan(probability) ? "-" : fmt::format("{:.2f}", probability);
  line.error = format_significant(d.quantile_errors[d.quantile_errors.size() / 2], 2);
  return line;
}

// Whether the effect is larger before the end of the horizon, by more than simulation error.
bool peaks_before_end(const EffectPath& path) {
  const Distribution &peak = path.periods[path.largest()], &end = path.periods.back();
  const std::size_t middle = end.quantiles.size() / 2;
  const double error = 2 * (peak.quantile_errors[middle] + end.quantile_errors[middle]);
  return std::fabs(peak.median()) - std::fabs(end.median()) > error;
}

bool was_run(const RunResults& run, const std::string& scenario) {
  return std::find(run.scenarios.begin(), run.scenarios.end(), scenario) != run.scenarios.end();
}

}  // namespace

std::vector<EffectTable> effect_tables(const RunResults& run) {
  std::vector<EffectTable> tables;
  if (run.horizon.count == 0) return tables;
  const std::size_t last = static_cast<std::size_t>(run.horizon.count) - 1;
  for (const EffectSpec& spec : run.study.effects) {
    EffectTable table;
    table.effect = &spec;
    table.title = fmt::format("{}: {} less {}", spec.label, run.scenario_label(spec.scenario),
                              run.scenario_label(spec.against));
    for (const EffectPath& path : run.effects) {
      if (path.effect != spec.name || !is_shown(run, path.variable)) continue;
      if (path.is_zero()) {
        if (path.measure == EffectMeasure::level) {
          table.untouched.push_back(run.study.label(path.variable));
        }
        continue;
      }
      if (path.measure != EffectMeasure::cumulative && peaks_before_end(path)) {
        table.lines.push_back(effect_line(run, path, path.largest()));
      }
      table.lines.push_back(effect_line(run, path, last));
    }
    if (!table.lines.empty() || !table.untouched.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::string> effect_notes(const RunResults& run) {
  std::vector<std::string> notes;
  if (!run.effects.empty()) {
    notes.push_back(
        "Each effect is shown at the end of the horizon and, where it was clearly larger before, "
        "in the "
        "period of its largest median. "
        "Per cent is given where an equation is in logarithms, so that no path can reach zero; "
        "sums are cumulated for flows (kind = \"flow\").");
  }
  for (const EffectSpec& spec : run.study.effects) {
    for (const std::string& scenario : {spec.scenario, spec.against}) {
      if (was_run(run, scenario) || run.scenarios.empty()) continue;
      notes.push_back(
          fmt::format("Effect \"{}\" is left out: scenario {} was not run.", spec.label, scenario));
    }
  }
  return notes;
}

std::vector<RealisedTable> realised_tables(const RunResults& run) {
  std::vector<RealisedTable> tables;
  for (const std::string& variable : run.variables) {
    RealisedTable table;
    table.variable = variable;
    double best = INFINITY;
    for (const RealisedCoverage& r : run.realised) {
      if (r.variable != variable || r.periods == 0) continue;
      table.lines.push_back(&r);
      best = std::min(best, r.mean_absolute_error);
    }
    if (table.lines.empty()) continue;
    std::vector<std::string> nearest;
    const RealisedCoverage* first = nullptr;
    for (const RealisedCoverage* r : table.lines) {
      if (r->mean_absolute_error > best * (1 + 1e-9)) continue;
      nearest.push_back("\"" + run.scenario_label(r->scenario) + "\"");
      if (first == nullptr) first = r;
    }
    const std::string label = run.study.label(variable);
    if (table.lines.size() == 1) {
      table.verdict = fmt::format("{}: the 90 % band held {} of {}", label,
                                  table.lines[0]->inside90, table.lines[0]->periods);
    } else if (nearest.size() == table.lines.size()) {
      table.verdict =
          fmt::format("{}: all scenarios came equally near; the 90 % band held {} of {}", label,
                      first->inside90, first->periods);
    } else if (first != nullptr) {
      table.verdict = fmt::format("{}: nearest {} {}, whose 90 % band held {} of {}", label,
                                  nearest.size() == 1 ? "was" : "were", join(nearest, " and "),
                                  first->inside90, first->periods);
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<MixtureLine> mixture_lines(const RunResults& run) {
  std::vector<MixtureLine> lines;
  for (const Projection& projection : run.mixture) {
    if (!is_shown(run, projection.variable)) continue;
    const auto median = [&](const std::string& scenario) {
      return run.projection(scenario, projection.variable).periods.back().median();
    };
    const auto [low, high] =
        std::minmax_element(run.scenarios.begin(), run.scenarios.end(),
                            [&](const auto& a, const auto& b) { return median(a) < median(b); });
    const double highest = median(*high), lowest = median(*low);
    const bool alike = highest - lowest <= 1e-9 * std::fabs(highest);
    lines.push_back({projection.variable, &projection.periods.back(), *high, *low, highest, lowest,
                     alike && run.scenarios.size() > 1});
  }
  return lines;
}

std::string extreme_label(const RunResults& run, const MixtureLine& line,
                          const std::string& scenario) {
  return line.alike ? "all alike" : run.scenario_label(scenario);
}

std::vector<CheckLine> check_lines(const Study& study, const IdentityReport& report) {
  std::vector<CheckLine> lines;
  for (std::size_t c = 0; c < study.checks.size(); ++c) {
    const IdentityCheck& check = study.checks[c];
    CheckLine line;
    line.name = check.label.empty() ? check.text : check.label + ": " + check.text;
    line.periods = report.periods[c];
    line.violations =
        static_cast<int>(std::count_if(report.violations.begin(), report.violations.end(),
                                       [&](const IdentityViolation& v) { return v.check == c; }));
    line.verdict = line.periods == 0      ? "no data"
                   : line.violations == 0 ? "ok"
                   : check.warning        ? "warning"
                                          : "VIOLATED";
    lines.push_back(std::move(line));
  }
  return lines;
}

namespace {

// "; solved: 3.2 on imports in model units" of a scenario's target.
std::string solved_words(const RunResults& run, const std::string& scenario,
                         const HitTarget& target) {
  for (const ScenarioAccount& account : run.accounts) {
    if (account.scenario != scenario) continue;
    for (const TargetSolution& solution : account.targets) {
      if (solution.variable == target.variable && solution.at == target.at) {
        return "; " + target_words(solution);
      }
    }
  }
  return "";
}

}  // namespace

std::vector<AssumptionLine> assumption_lines(const RunResults& run) {
  std::vector<AssumptionLine> lines;
  for (const EventSetting& setting : run.study.event_settings) {
    const Event& event = *run.study.event(setting.event);
    AssumptionLine line;
    line.kind = "event";
    line.subject = event.id;
    line.detail = fmt::format("{}, {}{}", "starts on " + format_date(event.start),
                              event.end ? "ends on " + format_date(*event.end) : "goes on",
                              setting.in_calendar ? " (the calendar's own entry is changed)" : "");
    line.type = "data";
    line.reason = setting.reason;
    line.source = setting.source;
    line.file = run.study.shown(setting.where.file);
    line.line = setting.where.line;
    lines.push_back(std::move(line));
  }
  for (const UnrecordedSpec& unrecorded : run.study.unrecorded) {
    AssumptionLine line;
    line.kind = "unrecorded";
    line.subject = unrecorded.variable;
    line.detail = "multiplied by " + unrecorded.multiplier.text();
    if (!unrecorded.event.empty()) {
      line.detail += fmt::format("; what stays of the rest during {}: {}", unrecorded.event,
                                 unrecorded.stays.text());
    }
    line.type = "judgement";
    line.reason = unrecorded.reason;
    line.source = unrecorded.source;
    line.file = run.study.shown(unrecorded.where.file);
    line.line = unrecorded.where.line;
    lines.push_back(std::move(line));
  }
  for (const BehaviouralEquation& equation : run.equations) {
    if (equation.shocks.kind() == Innovations::gaussian) continue;
    const SourceRange where = innovations_place(run.study, equation.name);
    AssumptionLine line;
    line.kind = "innovations";
    line.subject = equation.name;
    line.detail = equation.shocks.words();
    line.type = "judgement";
    line.file = run.study.shown(where.file);
    line.line = where.line;
    lines.push_back(std::move(line));
  }
  for (const std::string& name : run.scenarios) {
    const ScenarioSpec& scenario = *run.study.scenario(name);
    const std::size_t inherited = scenario.changes.size() - scenario.own.size();
    for (std::size_t i = 0; i < scenario.changes.size(); ++i) {
      const Change& change = scenario.changes[i];
      ChangeText words = describe(change);
      if (const auto* target = std::get_if<HitTarget>(&change.what)) {
        words.detail += solved_words(run, name, *target);
      }
      lines.push_back({name, scenario.label, i < inherited ? scenario.extends : "", words.kind,
                       words.subject, words.detail, change.type, change.reason, change.source,
                       run.study.shown(change.where.file), change.where.line});
    }
  }
  return lines;
}

}  // namespace amnok
