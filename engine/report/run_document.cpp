#include "engine/report/run_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/base/version.h"
#include "engine/report/break_summary.h"
#include "engine/report/claim_check.h"
#include "engine/report/counterfactual_report.h"
#include "engine/report/numbers.h"
#include "engine/report/projection_tables.h"
#include "engine/report/result_table.h"
#include "engine/report/run_facts.h"
#include "engine/report/scenario_text.h"
#include "engine/report/summary.h"

namespace amnok {

namespace {

using Row = DocumentTable::Row;

TableCell text_or_blank(const std::string& text) {
  return text.empty() ? TableCell() : TableCell(text);
}

TableCell whole(double value) {
  return NumberCell{value, 0};
}

// A number to so many significant digits; blank: there is none.
TableCell significant(double value, int digits) {
  if (!std::isfinite(value)) return {};
  return NumberCell{value, significant_decimals(value, digits)};
}

// What a p-value is worth: "<0.001" where it is smaller.
TableCell p_cell(double p) {
  if (!std::isfinite(p)) return {};
  if (p < 0.001) return std::string("<0.001");
  return NumberCell{p, 3};
}

std::string with_unit(const RunResults& run, const std::string& variable) {
  const std::string unit = run.unit(variable);
  return run.study.label(variable) + (unit.empty() ? "" : ", " + unit);
}

// What to expect without knowing the scenario; empty without probabilities.
std::string mixture_sentence(const RunResults& run, const std::string& variable) {
  if (run.mixture.empty()) return "";
  const Distribution& d = run.projection(kMixture, variable).periods.back();
  if (d.undefined > 0) return "";
  const int decimals = shown_decimals(run, variable);
  return fmt::format(
      " Over all scenarios by their probabilities {} is expected (90 % band {} to {}).",
      printed(d.mean, decimals), printed(d.quantile(0.05), decimals),
      printed(d.quantile(0.95), decimals));
}

std::string answer_sentence(const RunResults& run) {
  const std::string& variable = run.variables.front();
  const auto last = static_cast<std::size_t>(run.horizon.count) - 1;
  const int decimals = shown_decimals(run, variable);
  std::vector<std::string> parts;
  for (const std::string& scenario : run.scenarios) {
    const Distribution& d = run.projection(scenario, variable).periods[last];
    parts.push_back(
        d.undefined > 0
            ? fmt::format("not defined if “{}”", run.scenario_label(scenario))
            : fmt::format("{} (90 % band {} to {}) if “{}”", printed(d.median(), decimals),
                          printed(d.quantile(0.05), decimals), printed(d.quantile(0.95), decimals),
                          run.scenario_label(scenario)));
  }
  return fmt::format("{} in {}: {}.{} Medians; bands {} the uncertainty of the estimates.",
                     with_unit(run, variable), format_period(run.horizon.last()), join(parts, "; "),
                     mixture_sentence(run, variable),
                     run.study.run.parameters_drawn ? "include" : "leave out");
}

DocumentSection answer_section(const RunResults& run) {
  DocumentSection section{"answer", "Answer"};
  for (const std::string& fault : run.faults()) {
    section.blocks.push_back(Paragraph{fault + ".", true});
  }
  for (const InputProblem& w : run.warnings) {
    section.blocks.push_back(Paragraph{run.warning_text(w), true});
  }
  if (!run.study.run.note.empty()) section.blocks.push_back(Paragraph{run.study.run.note});
  if (run.projections.empty() || run.variables.empty()) return section;
  section.blocks.push_back(Paragraph{answer_sentence(run)});
  BulletList scenarios;
  for (const std::string& name : run.scenarios) {
    const ScenarioSpec& scenario = *run.study.scenario(name);
    if (!scenario.probability && scenario.note.empty()) continue;
    scenarios.items.push_back(run.scenario_title(name) +
                              (scenario.note.empty() ? "" : ": " + scenario.note));
  }
  if (!scenarios.items.empty()) section.blocks.push_back(std::move(scenarios));
  return section;
}

void add_figures(DocumentSection& section, const std::vector<Figure>& figures, Figure::Kind kind) {
  for (const Figure& figure : figures) {
    if (figure.kind != kind) continue;
    section.blocks.push_back(
        DocumentFigure{figure.name, figure.title, figure.caption, figure.drawn});
  }
}

DocumentTable mixture_table(const RunResults& run) {
  DocumentTable table;
  table.id = "mixture";
  table.title =
      fmt::format("All scenarios by their probabilities, {}", format_period(run.horizon.last()));
  table.columns = {{"variable", "", true}, {"unit", "", true},    {"expected"},
                   {"90 % band"},          {"highest median"},    {"scenario", "", true},
                   {"lowest median"},      {"scenario", "", true}};
  for (const MixtureLine& line : mixture_lines(run)) {
    const Distribution& d = *line.distribution;
    const int decimals = shown_decimals(run, line.variable);
    Row row{{run.study.label(line.variable), text_or_blank(run.unit(line.variable))}};
    if (d.undefined > 0) {
      row.cells.push_back(std::string("not defined"));
      row.cells.resize(table.columns.size());
    } else {
      row.cells.push_back(NumberCell{d.mean, decimals});
      row.cells.push_back(IntervalCell{d.quantile(0.05), d.quantile(0.95), decimals});
      row.cells.push_back(NumberCell{line.highest_median, decimals});
      row.cells.push_back(extreme_label(run, line, line.highest));
      row.cells.push_back(NumberCell{line.lowest_median, decimals});
      row.cells.push_back(extreme_label(run, line, line.lowest));
    }
    table.rows.push_back(std::move(row));
  }
  table.notes.push_back(
      "Expected: the mean over the draws of all scenarios, pooled with their probabilities; the "
      "band holds 90 % of them.");
  return table;
}

DocumentSection projection_section(const RunResults& run, const std::vector<Figure>& figures) {
  DocumentSection section{"projections", "Projections"};
  // Of annual data, years are periods: the one table says it all.
  const bool years = !run.annual.empty() && run.study.run.frequency != Frequency::annual;
  if (!run.annual.empty()) {
    section.blocks.push_back(overview_table(run, run.scenarios.front()));
  }
  if (!run.mixture.empty()) section.blocks.push_back(mixture_table(run));
  for (const std::string& variable : run.variables) {
    if (!run.annual.empty()) section.blocks.push_back(annual_table(run, variable));
    if (years || run.annual.empty()) section.blocks.push_back(period_table(run, variable));
  }
  add_figures(section, figures, Figure::Kind::fans);
  return section;
}

DocumentTable effect_document_table(const RunResults& run, const EffectTable& effect) {
  DocumentTable table;
  table.id = "effect_" + effect.effect->name;
  table.title = effect.title;
  table.columns = {
      {"variable", "", true}, {"unit", "", true}, {"measure", "", true}, {"in"}, {"median"},
      {"90 % interval"},      {"P(> 0)"},         {"MC error"}};
  for (const EffectLine& line : effect.lines) {
    const EffectPath& path = *line.path;
    const Distribution& d = path.periods[line.at];
    Row row{{run.study.label(path.variable)}};
    row.cells.push_back(path.measure == EffectMeasure::percent
                            ? TableCell(std::string("%"))
                            : text_or_blank(run.unit(path.variable)));
    row.cells.push_back(line.measure);
    row.cells.push_back(line.period);
    if (path.is_zero_at(line.at)) {
      row.cells.push_back(std::string("exactly 0"));
      row.cells.resize(table.columns.size());
    } else if (d.undefined > 0) {
      row.cells.push_back(std::string("not defined"));
      row.cells.resize(table.columns.size());
    } else {
      const double low = d.quantile(0.05), high = d.quantile(0.95);
      const int decimals = decimals_for(std::max(std::fabs(low), std::fabs(high)));
      const double p = path.probability_positive[line.at];
      row.cells.push_back(NumberCell{d.median(), decimals});
      row.cells.push_back(IntervalCell{low, high, decimals});
      row.cells.push_back(std::isfinite(p) ? TableCell(NumberCell{p, 2}) : TableCell());
      row.cells.push_back(significant(d.quantile_errors[d.quantile_errors.size() / 2], 2));
    }
    table.rows.push_back(std::move(row));
  }
  if (!effect.untouched.empty()) {
    table.notes.push_back("Exactly no effect on: " + join(effect.untouched, ", ") + ".");
  }
  return table;
}

DocumentSection effect_section(const RunResults& run, const std::vector<Figure>& figures) {
  DocumentSection section{"effects", "Effects"};
  const std::vector<EffectTable> tables = effect_tables(run);
  const std::vector<std::string> notes = effect_notes(run);
  if (tables.empty() && notes.empty()) return section;
  section.blocks.push_back(
      Paragraph{"Scenario A less scenario B, draw by draw with the same shocks and parameters, so "
                "that common noise cancels."});
  for (const std::string& note : notes) section.blocks.push_back(Paragraph{note});
  for (const EffectTable& table : tables) {
    section.blocks.push_back(effect_document_table(run, table));
  }
  add_figures(section, figures, Figure::Kind::effect);
  return section;
}

DocumentSection past_section(const RunResults& run, const std::vector<Figure>& figures) {
  DocumentSection section{"past", "Past events"};
  for (const StudyCounterfactual& found : run.counterfactuals) {
    section.blocks.push_back(Paragraph{counterfactual_verdict(run, found), !found.usable()});
    for (DocumentTable& table : counterfactual_tables(run, found)) {
      section.blocks.push_back(std::move(table));
    }
    BulletList remarks{counterfactual_remarks(found)};
    if (!found.model.empty()) remarks.items.insert(remarks.items.begin(), found.model);
    if (!remarks.items.empty()) section.blocks.push_back(std::move(remarks));
  }
  add_figures(section, figures, Figure::Kind::past);
  return section;
}

DocumentSection claim_section(const RunResults& run, const std::vector<Fact>& facts) {
  DocumentSection section{"claims", "Claims"};
  if (run.claims.empty()) return section;
  DocumentTable table;
  table.id = "claims";
  table.title = "What a text claims, against this run";
  for (const char* column : {"claim", "series", "period", "verdict", "figures"}) {
    table.columns.push_back({column, "", true});
  }
  for (const JudgedClaim& judged : judge_claims(run.claims, facts)) {
    table.rows.push_back(
        {{judged.claim.id, text_or_blank(judged.claim.series), text_or_blank(judged.claim.period),
          std::string(verdict_words(judged.verdict)), judged.reason}});
  }
  section.blocks.push_back(std::move(table));
  return section;
}

DocumentSection realised_section(const RunResults& run) {
  DocumentSection section{"realised", "What came true"};
  for (const RealisedTable& realised : realised_tables(run)) {
    DocumentTable table;
    table.id = "realised_" + realised.variable;
    table.title = realised.verdict;
    table.unit = run.unit(realised.variable);
    table.columns = {{"scenario", "", true}, {"in 30 %"}, {"in 60 %"}, {"in 90 %"}, {"of"},
                     {"mean absolute error"}};
    for (const RealisedCoverage* r : realised.lines) {
      table.rows.push_back(
          {{run.scenario_label(r->scenario), whole(r->inside30), whole(r->inside60),
            whole(r->inside90), whole(r->periods), significant(r->mean_absolute_error, 3)}});
    }
    table.notes.push_back(
        "Periods of the horizon with a realised figure inside each band; the error is the "
        "median's.");
    section.blocks.push_back(std::move(table));
  }
  return section;
}

DocumentSection assumption_section(const RunResults& run) {
  DocumentSection section{"assumptions", "Assumptions"};
  DocumentTable table;
  table.id = "assumptions";
  table.title = "What the scenarios assume";
  for (const char* column : {"scenario", "what", "assumption", "type", "reason", "place"}) {
    table.columns.push_back({column, "", true});
  }
  for (const AssumptionLine& a : assumption_lines(run)) {
    const std::string scenario =
        a.scenario.empty() ? "all" : a.label + (a.inherited.empty() ? "" : " (inherited)");
    std::string why = a.reason;
    if (!a.source.empty()) why += (why.empty() ? "" : " ") + ("[" + a.source + "]");
    table.rows.push_back({{scenario, a.kind + " " + a.subject, a.detail, a.type, text_or_blank(why),
                           fmt::format("{}:{}", a.file, a.line)}});
  }
  if (!table.rows.empty()) section.blocks.push_back(std::move(table));
  return section;
}

DocumentTable coefficient_document_table(const FitResult& fit) {
  DocumentTable table;
  table.id = "coefficients_" + fit.name;
  table.title = "Coefficients of " + fit.name;
  table.columns = {{"coefficient", "", true}, {"estimate"}, {"std. error"}, {"statistic"},
                   {"95 % interval"},         {"p"}};
  for (const Coefficient& c : coefficient_table(fit)) {
    Row row{{c.name, significant(c.estimate, 5), significant(c.std_error, 4)}};
    row.cells.push_back(std::isfinite(c.statistic) ? TableCell(NumberCell{c.statistic, 2})
                                                   : TableCell());
    const int decimals =
        std::max(significant_decimals(c.ci_low, 4), significant_decimals(c.ci_high, 4));
    row.cells.push_back(std::isfinite(c.ci_low)
                            ? TableCell(IntervalCell{c.ci_low, c.ci_high, std::min(decimals, 8)})
                            : TableCell());
    row.cells.push_back(p_cell(c.p_value));
    table.rows.push_back(std::move(row));
  }
  if (!fit.covariance_kind.empty()) {
    table.notes.push_back("Standard errors: " + fit.covariance_kind + ".");
  }
  return table;
}

TableCell result_cell(const ResultTable::Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return text_or_blank(*text);
  const double value = std::get<double>(cell);
  if (std::isfinite(value) && value == std::round(value)) return whole(value);
  return significant(value, 6);
}

// Small p-values are words: "<0.001".
TableCell p_cell(const ResultTable::Cell& cell) {
  const double* p = std::get_if<double>(&cell);
  if (p == nullptr || !(*p >= 0.001)) return text_or_blank(result_text("p", cell));
  return NumberCell{*p, 3};
}

DocumentTable result_document_table(const FitResult& fit, const ResultTable& result) {
  DocumentTable table;
  table.id = fit.name + "_" + result.name;
  table.title = fit.name + ": " + result.title;
  for (std::size_t j = 0; j < result.columns.size(); ++j) {
    const bool text = std::any_of(result.rows.begin(), result.rows.end(), [&](const auto& row) {
      return j < row.size() && std::holds_alternative<std::string>(row[j]);
    });
    table.columns.push_back({result.columns[j], "", text});
  }
  for (const auto& cells : result.rows) {
    Row row;
    for (std::size_t j = 0; j < cells.size(); ++j) {
      row.cells.push_back(holds_p_values(result.columns[j]) ? p_cell(cells[j])
                                                            : result_cell(cells[j]));
    }
    row.cells.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string fit_sentence(const FitResult& fit) {
  std::string text = fmt::format("{} ({}): {}. {}: {}; sample {}, {} observations", fit.name,
                                 fit.plugin, fit.equation, status_name(fit.status), fit.message,
                                 format_range(fit.sample), fit.nobs);
  if (fit.missing > 0) text += fmt::format(", {} periods missing", fit.missing);
  if (fit.dropped > 0)
    text += fmt::format(", {} dropped for a missing regressor or lag", fit.dropped);
  return text + fit_measures(fit) + ".";
}

DocumentSection estimate_section(const RunResults& run) {
  DocumentSection section{"estimates", "Estimates"};
  for (const FitResult* each : run.fits()) {
    const FitResult& fit = *each;
    section.blocks.push_back(Paragraph{fit_sentence(fit), !fit.usable()});
    if (fit.parameters.size() > 0) section.blocks.push_back(coefficient_document_table(fit));
    BulletList words;
    for (const Diagnostic& d : fit.diagnostics) {
      words.items.push_back(fmt::format("{}{}: {} (p {}){}", d.name,
                                        d.lag > 0 ? fmt::format("({})", d.lag) : "",
                                        format_significant(d.statistic, 4), p_text(d.p_value),
                                        d.words.empty() ? "" : ": " + d.words));
    }
    for (const std::string& note : fit.notes) words.items.push_back(note);
    if (!words.items.empty()) section.blocks.push_back(std::move(words));
    for (const ResultTable& result : fit.tables) {
      if (!result.rows.empty()) section.blocks.push_back(result_document_table(fit, result));
    }
  }
  return section;
}

DocumentSection finding_section(const RunResults& run) {
  DocumentSection section{"findings", "Findings"};
  std::vector<std::string> sentences = finding_sentences(run);
  if (!sentences.empty()) section.blocks.push_back(BulletList{std::move(sentences)});
  return section;
}

DocumentSection break_section(const RunResults& run) {
  DocumentSection section{"breaks", "Breaks"};
  for (const FitResult* fit : run.fits()) {
    std::vector<std::string> lines = break_verdicts(*fit);
    if (!lines.empty()) section.blocks.push_back(BulletList{std::move(lines)});
  }
  return section;
}

DocumentSection data_section(const RunResults& run) {
  DocumentSection section{"data", "Data"};
  BulletList issues;
  for (const SeriesIssue& issue : run.issues) {
    issues.items.push_back(issue.series.empty() ? issue.words : issue.series + ": " + issue.words);
  }
  if (!issues.items.empty()) section.blocks.push_back(std::move(issues));
  DocumentTable checks;
  checks.id = "checks";
  checks.title = "Identities of the data";
  checks.columns = {{"identity", "", true}, {"verdict", "", true}, {"periods"}, {"violated in"}};
  for (const CheckLine& c : check_lines(run.study, run.identities)) {
    checks.rows.push_back({{c.name, c.verdict, whole(c.periods), whole(c.violations)}});
  }
  for (const IdentityViolation& v : run.identities.violations) {
    checks.notes.push_back(fmt::format(
        "{} does not hold in {}: {} against {}.", run.study.checks[v.check].text,
        format_period(v.period), format_significant(v.left, 6), format_significant(v.right, 6)));
  }
  if (!checks.rows.empty()) section.blocks.push_back(std::move(checks));
  return section;
}

DocumentSection made_section(const Provenance& p) {
  DocumentSection section{"made", "How it was made"};
  section.blocks.push_back(Paragraph{fmt::format(
      "{}; {} draws, seed {}; config {}, SHA-256 {}. The same config, data, seed and version give "
      "the same figures.",
      p.program, p.draws, p.seed, p.config, p.config_sha256)});
  DocumentTable origins;
  origins.id = "sources";
  origins.title = "Sources of the series";
  for (const char* column : {"series", "label", "file", "source", "licence", "vintage"}) {
    origins.columns.push_back({column, "", true});
  }
  for (const Provenance::Origin& o : p.origins) {
    origins.rows.push_back({{o.series, o.label, o.file, text_or_blank(o.publisher),
                             text_or_blank(o.licence), text_or_blank(o.vintage)}});
  }
  if (!origins.rows.empty()) section.blocks.push_back(std::move(origins));
  DocumentTable inputs;
  inputs.id = "inputs";
  inputs.title = "Input files";
  inputs.columns = {{"file", "", true}, {"SHA-256", "", true}};
  for (const auto& [file, hash] : p.inputs) inputs.rows.push_back({{file, hash}});
  if (!inputs.rows.empty()) section.blocks.push_back(std::move(inputs));
  return section;
}

}  // namespace

Provenance run_provenance(const RunResults& run) {
  Provenance p;
  p.program = "amnok " + version();
  p.config = run.study.shown(run.study.file);
  p.config_sha256 = sha256_hex(run.study.text);
  p.frequency = frequency_name(run.study.run.frequency);
  p.sample = format_range(run.data.sample);
  if (run.horizon.count > 0) p.horizon = format_range(run.horizon);
  p.draws = run.draws;
  p.seed = run.seed;
  p.inputs = run.data.inputs;
  for (const DataOrigin& o : run.origins) {
    p.origins.push_back(
        {o.series, o.label, o.file, o.column, o.title, o.publisher, o.licence, o.vintage});
  }
  return p;
}

Document report_document(const RunResults& run, const std::vector<Figure>& figures) {
  Document document;
  document.title = run.study.run.title;
  document.provenance = run_provenance(run);
  const Provenance& p = document.provenance;
  document.subtitle = fmt::format("{} data, sample {}", p.frequency, p.sample) +
                      (p.horizon.empty() ? "" : "; projected " + p.horizon);
  std::vector<DocumentSection> sections = {answer_section(run)};
  if (!run.projections.empty()) {
    sections.push_back(projection_section(run, figures));
    sections.push_back(effect_section(run, figures));
  }
  sections.push_back(past_section(run, figures));
  sections.push_back(finding_section(run));
  if (!run.projections.empty()) {
    sections.push_back(realised_section(run));
    sections.push_back(assumption_section(run));
  }
  document.facts = run_facts(run);
  sections.push_back(claim_section(run, document.facts));
  sections.push_back(break_section(run));
  sections.push_back(estimate_section(run));
  sections.push_back(data_section(run));
  sections.push_back(made_section(p));
  for (DocumentSection& section : sections) {
    if (!section.blocks.empty()) document.sections.push_back(std::move(section));
  }
  return document;
}

}  // namespace amnok
