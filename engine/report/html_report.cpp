#include "engine/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/base/version.h"
#include "engine/report/explanation.h"
#include "engine/report/html_assets.h"
#include "engine/report/html_charts.h"
#include "engine/report/html_data.h"
#include "engine/report/html_estimates.h"
#include "engine/report/html_past.h"
#include "engine/report/html_text.h"
#include "engine/report/numbers.h"
#include "engine/report/run_document.h"
#include "engine/report/run_facts.h"
#include "engine/report/scenario_text.h"
#include "engine/report/summary.h"

namespace amnok {

namespace {

class Page {
 public:
  Page(const RunResults& run, const FigureResult& figures)
      : run_(run),
        figures_(figures),
        words_(run.study),
        facts_(run_facts(run)),
        provenance_(run_provenance(run)) {}

  std::string text() {
    const bool projected = !run_.projections.empty();
    if (projected) {
      section("charts", "heading_charts", fan_charts(run_, words_));
      section("projections", "heading_projections", projections());
      section("effects", "heading_effects", effects());
    }
    section("past", "heading_past", past_section(run_, words_));
    section("findings", "heading_findings", findings());
    section("claims", "heading_claims", claims());
    if (projected) {
      section("realised", "heading_realised", realised());
      section("assumptions", "heading_assumptions", assumptions());
    }
    add_section("breaks", "heading_breaks", breaks_section(run_, words_));
    add_section("estimates", "heading_estimates", estimates_section(run_, words_));
    section("sentences", "heading_sentences", sentences());
    section("data", "heading_data", data());
    section("made", "heading_made", provenance());
    std::string page = head() + "<nav aria-label=\"" + words_("contents") + "\">" + contents_ +
                       "</nav>\n" + answer() + body_ + "</main>\n";
    const bool past = std::any_of(run_.counterfactuals.begin(), run_.counterfactuals.end(),
                                  [](const StudyCounterfactual& c) { return c.usable(); });
    if (projected || past) page += chart_scripts(run_);
    return page + "</body></html>\n";
  }

 private:
  static std::string e(std::string_view text) { return html_escape(text); }

  // A section with its heading, named in the contents; nothing when it is empty.
  void section(const char* id, const char* heading, const std::string& html) {
    if (html.empty()) return;
    add_section(id, heading, fmt::format("<h2 id=\"{}\">{}</h2>\n{}", id, words_(heading), html));
  }
  void add_section(const char* id, const char* heading, const std::string& html) {
    if (html.empty()) return;
    contents_ += fmt::format("<a href=\"#{}\">{}</a>", id, words_(heading));
    body_ += "<section>\n" + html + "</section>\n";
  }

  std::string head() const {
    const std::string title = e(run_.study.run.title);
    const PageWords::Places places = {
        {"frequency", std::string(frequency_name(run_.study.run.frequency))},
        {"sample", format_range(run_.data.sample)},
        {"horizon", run_.horizon.count > 0 ? format_range(run_.horizon) : ""}};
    return fmt::format(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{}</title>\n<style>{}</style></head>\n<body><main>\n<h1>{}</h1>\n"
        "<p class=\"soft\">{}</p>\n",
        words_("language"), title, kReportStyle, title,
        words_(run_.horizon.count > 0 ? "subtitle" : "subtitle_without_horizon", places));
  }

  // One paragraph with numbers and intervals: the first variable at the end of the horizon.
  std::string answer() const {
    std::string text;
    for (const std::string& fault : run_.faults()) {
      text += fmt::format("<p class=\"bad\">{}.</p>\n", e(fault));
    }
    if (!run_.projections.empty() && !run_.variables.empty()) {
      text += fmt::format(
          "<p class=\"lead\">{}{}{} {}</p>\n", levels(), expected(), effect_sentences(),
          words_(run_.study.run.parameters_drawn ? "answer_note" : "answer_note_estimated"));
    }
    if (!run_.study.run.note.empty()) text += fmt::format("<p>{}</p>\n", e(run_.study.run.note));
    if (!run_.warnings.empty()) {
      text += fmt::format("<p class=\"soft\">{}</p>\n",
                          words_("remarks", {{"count", fmt::format("{}", run_.warnings.size())},
                                             {"heading", words_("heading_data")}}));
    }
    return text + scenarios();
  }

  std::string levels() const {
    const std::string& variable = run_.variables.front();
    const double size = column_size(run_, variable);
    std::vector<std::string> parts;
    for (const std::string& scenario : run_.scenarios) {
      const Distribution& d = run_.projection(scenario, variable).periods.back();
      if (d.undefined > 0) continue;
      parts.push_back(
          words_("answer_scenario",
                 {{"median", "<strong>" + typeset(rounded(d.median(), size)) + "</strong>"},
                  {"low", typeset(rounded(d.quantile(0.05), size))},
                  {"high", typeset(rounded(d.quantile(0.95), size))},
                  {"scenario", e(run_.scenario_label(scenario))}}));
    }
    return words_("answer", {{"variable", variable_html(run_, variable)},
                             {"period", format_period(run_.horizon.last())},
                             {"list", parts.empty() ? words_("not_defined") : join(parts, "; ")}});
  }

  // The first variable over all scenarios by their probabilities.
  std::string expected() const {
    if (run_.mixture.empty()) return "";
    const std::string& variable = run_.variables.front();
    const Distribution& d = run_.projection(kMixture, variable).periods.back();
    if (d.undefined > 0) return "";
    const double size = column_size(run_, variable);
    return " " + words_("answer_mixture",
                        {{"mean", "<strong>" + typeset(rounded(d.mean, size)) + "</strong>"},
                         {"low", typeset(rounded(d.quantile(0.05), size))},
                         {"high", typeset(rounded(d.quantile(0.95), size))}});
  }

  // Each effect on the first variable that it moves, at the end of the horizon.
  std::string effect_sentences() const {
    std::string text;
    for (const EffectSpec& spec : run_.study.effects) {
      for (const EffectFigure& figure : effect_figures(run_, spec)) {
        const EffectPath& path = *figure.paths.front();
        const Distribution& d = path.periods.back();
        if (d.undefined > 0) continue;
        const double size = effect_size(path);
        const std::string sign = d.median() > 0 ? "+" : "";
        std::string unit = e(run_.unit(figure.variable));
        if (!unit.empty()) unit = " " + unit;
        text += " " + words_("answer_effect",
                             {{"effect", e(spec.label)},
                              {"variable", e(run_.study.label(figure.variable))},
                              {"median", sign + typeset(rounded(d.median(), size)) + unit},
                              {"low", typeset(rounded(d.quantile(0.05), size))},
                              {"high", typeset(rounded(d.quantile(0.95), size))},
                              {"period", format_period(run_.horizon.last())}});
        break;
      }
    }
    return text;
  }

  // Probabilities and notes, where the config gives some.
  std::string scenarios() const {
    std::vector<std::string> items;
    for (const std::string& name : run_.scenarios) {
      const ScenarioSpec& scenario = *run_.study.scenario(name);
      if (!scenario.probability && scenario.note.empty()) continue;
      items.push_back(fmt::format("<strong>{}</strong>{}{}", e(run_.scenario_title(name)),
                                  scenario.note.empty() ? "" : ": ", e(scenario.note)));
    }
    return html_list(items);
  }

  // What is expected over the scenarios, the best and the worst of them.
  std::string mixture() const {
    if (run_.mixture.empty()) return "";
    HtmlTable table({words_("column_variable"), words_("expected"), words_("band_90"),
                     words_("highest_median"), words_("lowest_median")});
    for (const MixtureLine& line : mixture_lines(run_)) {
      const Distribution& d = *line.distribution;
      const double size = column_size(run_, line.variable);
      const auto named = [&](double median, const std::string& scenario) {
        return fmt::format("{} <span class=\"soft\">{}</span>", typeset(rounded(median, size)),
                           line.alike ? words_("all_alike") : e(run_.scenario_label(scenario)));
      };
      if (d.undefined > 0) {
        table.row({variable_html(run_, line.variable), words_("not_defined"), "", "", ""});
        continue;
      }
      table.row({variable_html(run_, line.variable), typeset(rounded(d.mean, size)),
                 typeset(fmt::format("[{}, {}]", rounded(d.quantile(0.05), size),
                                     rounded(d.quantile(0.95), size))),
                 named(line.highest_median, line.highest), named(line.lowest_median, line.lowest)});
    }
    return fmt::format("<h3>{}</h3>\n<p class=\"soft\">{}</p>\n{}",
                       words_("mixture", {{"period", format_period(run_.horizon.last())}}),
                       words_("mixture_note"), table.html());
  }

  std::string projections() const {
    std::string text =
        mixture() + fmt::format("<p class=\"soft\">{}</p>\n", words_("projections_note"));
    const std::vector<std::size_t> shown = shown_periods(run_.horizon);
    for (const std::string& variable : run_.variables) {
      const double size = column_size(run_, variable);
      std::vector<std::string> head = {words_("column_scenario")};
      for (std::size_t h : shown) {
        head.push_back(format_period(run_.horizon[static_cast<std::int64_t>(h)]));
      }
      HtmlTable table(head);
      for (const std::string& scenario : run_.outlooks()) {
        std::vector<std::string> row = {e(run_.scenario_title(scenario))};
        for (std::size_t h : shown) {
          const Distribution& d = run_.projection(scenario, variable).periods[h];
          row.push_back(d.undefined > 0 ? words_("not_defined")
                                        : fmt::format("{} <span class=\"soft\">[{}, {}]</span>",
                                                      typeset(rounded(d.median(), size)),
                                                      typeset(rounded(d.quantile(0.05), size)),
                                                      typeset(rounded(d.quantile(0.95), size))));
        }
        table.row(row);
      }
      text += fmt::format("<h3>{}</h3>{}", variable_html(run_, variable), table.html());
    }
    return text;
  }

  std::string effects() const {
    const std::vector<EffectTable> tables = effect_tables(run_);
    const std::vector<std::string> notes = effect_notes(run_);
    if (tables.empty() && notes.empty()) return "";
    std::string text = "<p class=\"soft\">" + words_("effects_note");
    for (const std::string& note : notes) text += " " + e(note);
    text += "</p>\n";
    int index = 0;
    for (const EffectTable& effect : tables) {
      text += fmt::format("<h3>{}</h3>", e(effect.title));
      HtmlTable table({words_("column_variable"), words_("column_measure"), words_("column_in"),
                       words_("median"), words_("column_interval"), words_("column_probability")});
      for (const EffectLine& line : effect.lines) {
        table.row({e(line.variable), words_("measure_" + line.measure), line.period,
                   typeset(line.median), typeset(line.interval), typeset(line.probability)});
      }
      if (!table.empty()) text += table.html();
      if (!effect.untouched.empty()) {
        text += fmt::format("<p class=\"soft\">{}</p>\n",
                            words_("effect_none", {{"list", e(join(effect.untouched, ", "))}}));
      }
      const std::string charts = effect_charts(run_, words_, *effect.effect, index);
      if (!charts.empty()) ++index;
      text += charts;
    }
    return text;
  }

  std::string findings() const {
    std::string list;
    for (const std::string& sentence : finding_sentences(run_)) {
      list += "<li>" + typeset(e(sentence)) + "</li>\n";
    }
    return list.empty() ? "" : "<ul>\n" + list + "</ul>\n";
  }

  // What a text claims, against the run.
  std::string claims() const {
    if (run_.claims.empty()) return "";
    HtmlTable table({words_("column_claim"), words_("column_verdict"), words_("column_figures")},
                    true);
    for (const JudgedClaim& judged : judge_claims(run_.claims, facts_)) {
      const bool bad = judged.verdict == ClaimVerdict::contradicts;
      table.row(std::vector<HtmlTable::Cell>{
          {e(judged.claim.id)},
          {fmt::format("<span class=\"{}\">{}</span>", bad ? "nowrap bad" : "nowrap",
                       verdict_words(judged.verdict))},
          {typeset(e(judged.reason))}});
    }
    return fmt::format("<p class=\"soft\">{}</p>\n{}", words_("claims_note"), table.html());
  }

  // Findings as sentences, each with what it rests on.
  std::string sentences() const {
    if (facts_.empty()) return "";
    Document document;
    document.facts = facts_;
    HtmlTable table({words_("column_sentence"), words_("column_unit"), words_("column_vintage")},
                    true);
    for (const Fact* fact : matching_facts(document, {})) {
      table.row({typeset(e(fact_sentence(*fact))), e(fact->unit),
                 e(vintage_of(provenance_, fact->variable))});
    }
    if (table.empty()) return "";
    return fmt::format("<p>{}</p>\n<details><summary>{}</summary>{}</details>\n",
                       words_("sentences_note", {{"source", e(provenance_words(provenance_))}}),
                       words_("heading_sentences"), table.html());
  }

  std::string realised() const {
    const std::vector<RealisedTable> tables = realised_tables(run_);
    if (tables.empty()) return "";
    std::string text = fmt::format("<p class=\"soft\">{}</p>\n", words_("realised_note"));
    for (const RealisedTable& realised : tables) {
      HtmlTable table({words_("column_scenario"), words_("band_30"), words_("band_60"),
                       words_("band_90"), words_("column_of"), words_("column_error")});
      for (const RealisedCoverage* r : realised.lines) {
        table.row({e(run_.scenario_label(r->scenario)), fmt::format("{}", r->inside30),
                   fmt::format("{}", r->inside60), fmt::format("{}", r->inside90),
                   fmt::format("{}", r->periods),
                   rounded(r->mean_absolute_error, r->mean_absolute_error)});
      }
      text += fmt::format("<p>{}.</p>\n{}", e(realised.verdict), table.html());
    }
    return text;
  }

  std::string assumptions() const {
    HtmlTable table({words_("column_scenario"), words_("column_what"), words_("column_assumption"),
                     words_("column_type"), words_("column_why")},
                    true);
    for (const AssumptionLine& a : assumption_lines(run_)) {
      std::string why = a.reason;
      if (!a.source.empty()) why += (why.empty() ? "" : " ") + ("[" + a.source + "]");
      std::string scenario =
          a.scenario.empty() ? "<em>" + words_("all_scenarios") + "</em>" : e(a.label);
      if (!a.inherited.empty()) {
        scenario += " <span class=\"soft\">" + words_("inherited") + "</span>";
      }
      table.row({scenario, fmt::format("{} <code>{}</code>", a.kind, e(a.subject)),
                 typeset(e(a.detail)), a.type, e(why)});
    }
    return table.html();
  }

  std::string data() const {
    std::vector<std::string> items;
    for (const SeriesIssue& issue : run_.issues) {
      items.push_back((issue.series.empty() ? "" : "<code>" + e(issue.series) + "</code>: ") +
                      e(issue.words));
    }
    std::string text = html_list(items);
    items.clear();
    for (const InputProblem& warning : run_.warnings)
      items.push_back(e(run_.warning_text(warning)));
    if (!items.empty()) {
      text += fmt::format("<h3>{}</h3>\n{}", words_("remarks_heading"), html_list(items));
    }
    return text + identities();
  }

  std::string identities() const {
    const std::vector<CheckLine> checks = check_lines(run_.study, run_.identities);
    if (checks.empty()) return "";
    HtmlTable table({words_("column_identity"), words_("column_verdict"), words_("column_periods"),
                     words_("column_violated")});
    for (const CheckLine& c : checks) {
      table.row(std::vector<HtmlTable::Cell>{{e(c.name)},
                                             {c.verdict, c.violations > 0 ? " class=\"bad\"" : ""},
                                             {fmt::format("{}", c.periods)},
                                             {fmt::format("{}", c.violations)}});
    }
    std::vector<std::string> violations;
    for (const IdentityViolation& v : run_.identities.violations) {
      violations.push_back(
          "<span class=\"bad\">" +
          words_("violation", {{"identity", e(run_.study.checks[v.check].text)},
                               {"period", format_period(v.period)},
                               {"left", typeset(format_significant(v.left, 6))},
                               {"right", typeset(format_significant(v.right, 6))}}) +
          "</span>");
    }
    return fmt::format("<h3>{}</h3>{}", words_("identities"), table.html()) + html_list(violations);
  }

  std::string provenance() const {
    std::string text = fmt::format(
        "<p>{}</p>\n",
        words_("made",
               {{"version", version()},
                {"draws", fmt::format("{}", run_.draws)},
                {"seed", fmt::format("{}", run_.seed)},
                {"config", "<code>" + e(run_.study.shown(run_.study.file)) + "</code>"},
                {"hash", "<code>" + sha256_hex(run_.study.text).substr(0, 16) + "</code>"}}));
    if (!run_.projections.empty()) {
      text +=
          fmt::format("<p>{}</p>\n",
                      words_("made_charts", {{"versions", e(std::string(kChartLibraryVersions))}}));
    }
    if (!figures_.problem.empty()) text += fmt::format("<p>{}</p>\n", e(figures_.problem));
    std::vector<std::string> inputs;
    for (const auto& [file, hash] : run_.data.inputs) {
      inputs.push_back(fmt::format("<code>{}</code> {}", e(file), hash.substr(0, 16)));
    }
    if (!inputs.empty()) {
      text += fmt::format("<details><summary>{}</summary>{}</details>\n", words_("made_inputs"),
                          html_list(inputs));
    }
    return text +
           fmt::format("<details><summary>{}</summary><pre tabindex=\"0\">{}</pre></details>\n",
                       words_("config"), e(run_.study.text));
  }

  const RunResults& run_;
  const FigureResult& figures_;
  PageWords words_;
  std::vector<Fact> facts_;
  Provenance provenance_;
  std::string contents_, body_;
};

}  // namespace

std::string html_report(const RunResults& run, const FigureResult& figures) {
  return Page(run, figures).text();
}

}  // namespace amnok
