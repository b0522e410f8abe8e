#include "engine/report/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/report/numbers.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

// Eight digits at most, and no zeros for show.
std::string figure(double value) {
  return fmt::format("{:.8g}", value);
}

std::string place(const Frame& frame, const std::string& variable, Period period) {
  const SourceRange where = frame.get(variable).where(period);
  return where.line > 0 ? fmt::format("{}:{}", where.file, where.line) : where.file;
}

std::string figure_list(const std::vector<RepairedFigure>& figures, const Frame& frame) {
  std::vector<std::string> parts;
  for (const RepairedFigure& f : figures) {
    parts.push_back(fmt::format("{} of {} ({}): {} -> {}", f.variable, format_period(f.period),
                                place(frame, f.variable, f.period), figure(f.value),
                                figure(f.repaired)));
  }
  return join(parts, "; ");
}

}  // namespace

std::string repair_text(const Repair& repair, const Frame& frame) {
  std::string text = fmt::format("unit slip, {}, repair factor {}: {}", factor_words(repair.factor),
                                 format_number(repair.factor), figure_list(repair.figures, frame));
  if (!repair.alternative.empty()) {
    text += fmt::format(
        "\n      or the other way round, {}, repair factor {}: {}\n      "
        "(a figure from an independent source, named in `trusted`, would tell which)",
        factor_words(1 / repair.factor), format_number(1 / repair.factor),
        figure_list(repair.alternative, frame));
  }
  return text;
}

namespace {

std::string head_text(const Study& study, const StudyData& data, const ProblemList& problems,
                      std::ptrdiff_t violated) {
  const auto errors = std::count_if(problems.all().begin(), problems.all().end(),
                                    [](const auto& p) { return p.severity == Severity::error; });
  std::string text = fmt::format(
      "{}: {} ({} series, {} equations, {} identities, {} scenarios)\n", study.file,
      errors > 0     ? fmt::format("{} problem{}", errors, errors == 1 ? "" : "s")
      : violated > 0 ? fmt::format("{} {} violated by the data", violated,
                                   violated == 1 ? "identity is" : "identities are")
                     : "config is valid",
      study.data.size(), study.equations.size(), study.identities.size(), study.scenarios.size());
  text += fmt::format("sample {} ({} periods)", format_range(data.sample), data.sample.count);
  if (data.horizon.count > 0) text += fmt::format(", horizon {}", format_range(data.horizon));
  text += "\n";
  std::vector<InputProblem> warnings = study.warnings;
  warnings.insert(warnings.end(), data.warnings.begin(), data.warnings.end());
  for (const InputProblem& warning : problems.warnings()) warnings.push_back(warning);
  if (!warnings.empty()) text += format_problems(warnings) + "\n";
  return text;
}

// The rows of a violated check.
std::string violation_text(const IdentityCheck& check, const IdentityViolation& v,
                           const Frame& frame) {
  std::string text =
      fmt::format("    {}: left {} and right {} differ by {}\n", format_period(v.period),
                  figure(v.left), figure(v.right), figure(v.left - v.right));
  std::vector<std::string> places;
  for (const Expression* e : {&check.relation.left, &check.relation.right}) {
    for (const std::string& name : e->variables()) {
      places.push_back(fmt::format("{} {}", name, place(frame, name, v.period)));
    }
  }
  return text + "      rows: " + join(places, ", ") + "\n";
}

}  // namespace

CheckText check_text(const Study& study, const StudyData& data, const IdentityReport& report,
                     const std::vector<SeriesIssue>& issues,
                     const std::vector<BehaviouralEquation>& equations,
                     const ProblemList& problems) {
  CheckText result;
  std::string& text = result.text;
  const std::vector<CheckLine> lines = check_lines(study, report);
  text += head_text(study, data, problems,
                    std::count_if(lines.begin(), lines.end(),
                                  [](const CheckLine& c) { return c.verdict == "VIOLATED"; }));
  if (!study.checks.empty()) text += "\nIdentities\n";
  for (std::size_t c = 0; c < lines.size(); ++c) {
    text += fmt::format("  {:9} {}  ({} period{} checked)\n", lines[c].verdict, lines[c].name,
                        lines[c].periods, lines[c].periods == 1 ? "" : "s");
    result.failed = result.failed || lines[c].verdict == "VIOLATED";
    for (const IdentityViolation& v : report.violations) {
      if (v.check == c) text += violation_text(study.checks[c], v, data.frame);
    }
  }
  for (const Repair& repair : report.repairs) {
    text += "\n  explained by a " + repair_text(repair, data.frame) + "\n";
  }
  if (!data.regimes.empty()) text += "\nRegimes found in the data\n";
  for (const DetectedRegimes& regimes : data.regimes) {
    for (const std::string& event : regimes.events) {
      text += fmt::format("  {} from {} ({}, {})\n", event,
                          format_period(data.events.at(event).start()), regimes.name,
                          regimes.drawn ? "dates are drawn" : "as estimated");
    }
  }
  if (!equations.empty()) text += "\nEquations\n";
  for (const BehaviouralEquation& equation : equations) {
    const FitResult& fit = equation.fitted.result;
    text += fmt::format("  {:13} {}: {} observations in {}\n", status_name(fit.status),
                        equation.name, fit.nobs, format_range(fit.sample));
    result.usable = result.usable && fit.usable();
  }
  if (!issues.empty()) text += "\nData\n";
  for (const SeriesIssue& issue : issues) {
    text += issue.series.empty() ? fmt::format("  {}\n", issue.words)
                                 : fmt::format("  {}: {}\n", issue.series, issue.words);
  }
  return result;
}

std::string check_json(const Study& study, const StudyData& data, const IdentityReport& report,
                       const std::vector<SeriesIssue>& issues) {
  const auto figures = [&](const std::vector<RepairedFigure>& list) {
    Json all = Json::array();
    for (const RepairedFigure& f : list) {
      const SourceRange where = data.frame.get(f.variable).where(f.period);
      all.push_back({{"variable", f.variable},
                     {"period", format_period(f.period)},
                     {"file", study.shown(where.file)},
                     {"line", where.line},
                     {"value", f.value},
                     {"repaired", f.repaired}});
    }
    return all;
  };
  Json checks = Json::array();
  for (std::size_t c = 0; c < study.checks.size(); ++c) {
    Json violations = Json::array();
    for (const IdentityViolation& v : report.violations) {
      if (v.check != c) continue;
      violations.push_back(
          {{"period", format_period(v.period)}, {"left", v.left}, {"right", v.right}});
    }
    checks.push_back({{"identity", study.checks[c].text},
                      {"periods", report.periods[c]},
                      {"violations", violations}});
  }
  Json repairs = Json::array();
  for (const Repair& repair : report.repairs) {
    repairs.push_back({{"factor", repair.factor},
                       {"words", factor_words(repair.factor)},
                       {"figures", figures(repair.figures)},
                       {"alternative", figures(repair.alternative)}});
  }
  Json list = Json::array();
  for (const SeriesIssue& issue : issues) {
    list.push_back({{"series", issue.series}, {"kind", issue.kind}, {"words", issue.words}});
  }
  return Json{{"checks", checks}, {"repairs", repairs}, {"issues", list}}.dump(2) + "\n";
}

}  // namespace amnok
