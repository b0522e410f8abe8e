#include "engine/report/html_report.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/base/version.h"
#include "engine/report/html_assets.h"
#include "engine/report/html_chart.h"
#include "engine/report/numbers.h"
#include "engine/report/summary.h"

namespace amnok {

namespace {

// Numbers with a minus sign instead of a hyphen.
std::string typeset(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1]));
    const bool after = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1]));
    if (text[i] == '-' && text.size() == 1) return "–";
    result += text[i] == '-' && digit && !after ? "−" : std::string(1, text[i]);
  }
  return result;
}

class Page {
 public:
  Page(const RunResults& run, const FigureResult& figures, std::string folder)
      : run_(run), figures_(figures), folder_(std::move(folder)) {}

  std::string text() {
    head();
    answer();
    if (!run_.projections.empty()) {
      fans();
      projections();
      effects();
      realised();
      assumptions();
    }
    estimates();
    data();
    provenance();
    out_ += "</main></body></html>\n";
    return std::move(out_);
  }

 private:
  template <class... Arguments>
  void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    out_ += fmt::format(format, std::forward<Arguments>(arguments)...);
  }
  static std::string e(std::string_view text) { return html_escape(text); }

  std::string label(const std::string& variable) const { return e(run_.study.label(variable)); }
  std::string with_unit(const std::string& variable) const {
    const std::string unit = run_.unit(variable);
    return label(variable) + (unit.empty() ? "" : ", " + e(unit));
  }

  void head() {
    const std::string title = e(run_.study.run.title);
    add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{}</title>\n<style>{}</style></head>\n<body><main>\n<h1>{}</h1>\n",
        title, kReportStyle, title);
    add("<p class=\"soft\">{} data, sample {}", frequency_name(run_.study.run.frequency),
        format_range(run_.data.sample));
    if (run_.horizon.count > 0) add("; projected {}", format_range(run_.horizon));
    out_ += "</p>\n";
    if (run_.projections.empty()) return;
    out_ += "<nav aria-label=\"Contents\">";
    for (const auto& [id, name] :
         {std::pair("fans", "Fan charts"), std::pair("projections", "Projections"),
          std::pair("effects", "Effects"), std::pair("assumptions", "Assumptions"),
          std::pair("estimates", "Estimates"), std::pair("data", "Data"),
          std::pair("made", "How it was made")}) {
      add("<a href=\"#{}\">{}</a>", id, name);
    }
    out_ += "</nav>\n";
  }

  // One paragraph with numbers and intervals: the first variable at the end of the horizon.
  void answer() {
    for (const std::string& fault : run_.faults()) add("<p class=\"bad\">{}.</p>\n", e(fault));
    if (!run_.warnings.empty()) {
      out_ += "<ul>\n";
      for (const InputProblem& w : run_.warnings) add("<li>{}</li>\n", e(run_.warning_text(w)));
      out_ += "</ul>\n";
    }
    if (!run_.study.run.note.empty()) add("<p>{}</p>\n", e(run_.study.run.note));
    if (run_.projections.empty() || run_.variables.empty()) return;
    const std::string& variable = run_.variables.front();
    const auto last = static_cast<std::size_t>(run_.horizon.count) - 1;
    const double size = column_size(run_, variable);
    add("<p class=\"lead\">{} in {}: ", with_unit(variable), format_period(run_.horizon.last()));
    for (std::size_t i = 0; i < run_.scenarios.size(); ++i) {
      const Distribution& d = run_.projection(run_.scenarios[i], variable).periods[last];
      add("{}<strong>{}</strong> (90 % band {} to {}) if “{}”", i == 0 ? "" : "; ",
          typeset(rounded(d.median(), size)), typeset(rounded(d.quantile(0.05), size)),
          typeset(rounded(d.quantile(0.95), size)), e(run_.scenario_label(run_.scenarios[i])));
    }
    out_ += ". Medians; bands include the uncertainty of the estimates.</p>\n";
    scenarios();
  }

  // Probabilities and notes, where the config gives some.
  void scenarios() {
    std::string list;
    for (const std::string& name : run_.scenarios) {
      const ScenarioSpec& scenario = *run_.study.scenario(name);
      if (!scenario.probability && scenario.note.empty()) continue;
      list += fmt::format("<li><strong>{}</strong>{}{}</li>\n", e(run_.scenario_title(name)),
                          scenario.note.empty() ? "" : ": ", e(scenario.note));
    }
    if (!list.empty()) add("<ul>\n{}</ul>\n", list);
  }

  void fans() {
    out_ += "<h2 id=\"fans\">Fan charts</h2>\n";
    out_ += switchable_chart(run_);
    if (!figures_.problem.empty()) add("<p class=\"bad\">{}</p>\n", e(figures_.problem));
    for (const Figure& figure : figures_.figures) {
      if (figure.kind == Figure::Kind::fans) picture(figure);
    }
  }

  void picture(const Figure& figure) {
    if (!figure.drawn) return;
    std::string svg = read_file(folder_ + "/" + figure.svg_file);
    const auto at = svg.find("<svg");
    svg = at == std::string::npos ? "" : svg.substr(at);
    // Each picture's ids are its own, or the first one's shapes would be drawn in all.
    for (const char* mark : {"id=\"", "xlink:href=\"#", "xlink:href='#", "id='", "url(#"}) {
      std::string replaced;
      std::size_t from = 0;
      const std::string_view token = mark;
      for (std::size_t hit = svg.find(token); hit != std::string::npos;
           hit = svg.find(token, from)) {
        replaced += svg.substr(from, hit - from) + mark + figure.name + "-";
        from = hit + token.size();
      }
      svg = replaced + svg.substr(from);
    }
    // The page's own background shows through, in the dark as well.
    const auto ground = svg.find("<rect");
    const auto end = svg.find("/>", ground);
    if (ground != std::string::npos &&
        svg.substr(ground, end - ground).find("#ffffff") != std::string::npos) {
      svg.erase(ground, end + 2 - ground);
    }
    add("<figure role=\"img\" aria-label=\"{}\">{}<figcaption>{}</figcaption></figure>\n",
        e(figure.title), svg, e(figure.caption));
  }

  void projections() {
    out_ +=
        "<h2 id=\"projections\">Projections</h2>\n"
        "<p class=\"soft\">Median, and the 5 % and 95 % quantiles in brackets. All quantiles and "
        "their Monte-Carlo errors are in <code>projections.csv</code>.</p>\n";
    const std::vector<std::size_t> shown = shown_periods(run_.horizon);
    for (const std::string& variable : run_.variables) {
      const double size = column_size(run_, variable);
      add("<h3>{}</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">scenario</th>",
          with_unit(variable));
      for (std::size_t h : shown) {
        add("<th scope=\"col\">{}</th>", format_period(run_.horizon[static_cast<std::int64_t>(h)]));
      }
      out_ += "</tr></thead><tbody>\n";
      for (const std::string& scenario : run_.scenarios) {
        add("<tr><th scope=\"row\">{}</th>", e(run_.scenario_title(scenario)));
        for (std::size_t h : shown) {
          const Distribution& d = run_.projection(scenario, variable).periods[h];
          if (d.undefined > 0) {
            out_ += "<td>not defined</td>";
            continue;
          }
          add("<td>{} <span class=\"soft\">[{}, {}]</span></td>",
              typeset(rounded(d.median(), size)), typeset(rounded(d.quantile(0.05), size)),
              typeset(rounded(d.quantile(0.95), size)));
        }
        out_ += "</tr>\n";
      }
      out_ += "</tbody></table></div>\n";
    }
  }

  void effects() {
    const std::vector<EffectTable> tables = effect_tables(run_);
    const std::vector<std::string> notes = effect_notes(run_);
    if (tables.empty() && notes.empty()) return;
    out_ +=
        "<h2 id=\"effects\">Effects</h2>\n<p class=\"soft\">Scenario A less scenario B, draw by "
        "draw with the same shocks and parameters, so that common noise cancels.";
    for (const std::string& note : notes) out_ += " " + e(note);
    out_ += "</p>\n";
    for (const EffectTable& table : tables) {
      add("<h3>{}</h3>", e(table.title));
      if (!table.lines.empty()) {
        out_ +=
            "<div class=\"scroll\"><table><thead><tr><th>variable</th><th>measure</th><th>in</th>"
            "<th>median</th><th>90 % interval</th><th>P(&gt; 0)</th></tr></thead><tbody>\n";
      }
      for (const EffectLine& line : table.lines) {
        add("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
            "</tr>\n",
            e(line.variable), line.measure, line.period, typeset(line.median),
            typeset(line.interval), typeset(line.probability));
      }
      if (!table.lines.empty()) out_ += "</tbody></table></div>\n";
      if (!table.untouched.empty()) {
        add("<p class=\"soft\">Exactly no effect on: {}.</p>\n", e(join(table.untouched, ", ")));
      }
      for (const Figure& figure : figures_.figures) {
        if (figure.name == "effect." + table.effect->name) picture(figure);
      }
    }
  }

  void realised() {
    const std::vector<RealisedTable> tables = realised_tables(run_);
    if (tables.empty()) return;
    out_ +=
        "<h2>What came true</h2>\n<p class=\"soft\">Periods of the horizon with a realised figure "
        "inside each band, and the mean absolute error of the median.</p>\n";
    for (const RealisedTable& table : tables) {
      add("<p>{}.</p>\n<div class=\"scroll\"><table><thead><tr><th>scenario</th><th>30 %</th>"
          "<th>60 %</th><th>90 %</th><th>of</th><th>error</th></tr></thead><tbody>\n",
          e(table.verdict));
      for (const RealisedCoverage* r : table.lines) {
        add("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
            "</tr>\n",
            e(run_.scenario_label(r->scenario)), r->inside30, r->inside60, r->inside90, r->periods,
            rounded(r->mean_absolute_error, r->mean_absolute_error));
      }
      out_ += "</tbody></table></div>\n";
    }
  }

  void assumptions() {
    out_ +=
        "<h2 id=\"assumptions\">Assumptions</h2>\n<div class=\"scroll\"><table><thead><tr>"
        "<th class=\"text\">scenario</th><th class=\"text\">what</th><th "
        "class=\"text\">assumption</th><th class=\"text\">type</th><th class=\"text\">reason and "
        "source</th></tr></thead><tbody>\n";
    for (const AssumptionLine& a : assumption_lines(run_)) {
      std::string why = a.reason;
      if (!a.source.empty()) why += (why.empty() ? "" : " ") + ("[" + a.source + "]");
      add("<tr><td class=\"text\">{}{}</td><td class=\"text\">{} <code>{}</code></td>"
          "<td class=\"text\">{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td></tr>\n",
          a.scenario.empty() ? "<em>all</em>" : e(a.label),
          a.inherited.empty() ? "" : " <span class=\"soft\">(inherited)</span>", a.kind,
          e(a.subject), typeset(e(a.detail)), a.type, e(why));
    }
    out_ += "</tbody></table></div>\n";
  }

  void estimates() {
    if (run_.equations.empty()) return;
    out_ += "<h2 id=\"estimates\">Estimates</h2>\n";
    for (const BehaviouralEquation& equation : run_.equations) estimate(equation.fitted.result);
  }

  void estimate(const FitResult& fit) {
    add("<h3>{}</h3>\n<p><code>{}</code><br><span class=\"soft\">{}; {}; sample {}, {} observations"
        "{}{}; {}</span></p>\n",
        e(fit.name), e(fit.equation), status_name(fit.status), e(fit.message),
        format_range(fit.sample), fit.nobs,
        fit.missing > 0 ? fmt::format(", {} periods missing", fit.missing) : "",
        typeset(fit_measures(fit)),
        e(fit.covariance_kind.empty() ? "no standard errors"
                                      : "standard errors: " + fit.covariance_kind));
    if (fit.parameters.size() > 0) coefficients(fit);
    if (!fit.diagnostics.empty() || !fit.notes.empty()) {
      out_ += "<ul>";
      for (const Diagnostic& d : fit.diagnostics) {
        add("<li>{}{}: {} (p {}){}</li>", e(d.name), d.lag > 0 ? fmt::format("({})", d.lag) : "",
            typeset(format_significant(d.statistic, 4)), e(p_text(d.p_value)),
            d.words.empty() ? "" : " — " + e(d.words));
      }
      for (const std::string& note : fit.notes) add("<li>{}</li>", typeset(e(note)));
      out_ += "</ul>\n";
    }
    result_tables(fit);
  }

  void coefficients(const FitResult& fit) {
    out_ +=
        "<div class=\"scroll\"><table><thead><tr><th>coefficient</th><th>estimate</th><th>std. "
        "error</th><th>statistic</th><th>95 % interval</th><th>p</th></tr></thead><tbody>\n";
    for (const Coefficient& c : coefficient_table(fit)) {
      const bool has = !std::isnan(c.std_error);
      add("<tr><th "
          "scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>"
          "\n",
          e(c.name), typeset(format_significant(c.estimate, 5)),
          has ? format_significant(c.std_error, 4) : "–",
          has ? typeset(fmt::format("{:.2f}", c.statistic)) : "–",
          has ? typeset(fmt::format("[{}, {}]", format_significant(c.ci_low, 4),
                                    format_significant(c.ci_high, 4)))
              : "–",
          has ? e(p_text(c.p_value)) : "–");
    }
    out_ += "</tbody></table></div>\n";
  }

  void result_tables(const FitResult& fit) {
    for (const ResultTable& table : fit.tables) {
      add("<h3>{}</h3><div class=\"scroll\"><table><thead><tr>", e(table.title));
      for (const std::string& column : table.columns) add("<th>{}</th>", e(column));
      out_ += "</tr></thead><tbody>\n";
      for (const auto& cells : table.rows) {
        out_ += "<tr>";
        for (const auto& cell : cells) add("<td>{}</td>", typeset(e(cell_text(cell))));
        out_ += "</tr>\n";
      }
      out_ += "</tbody></table></div>\n";
    }
  }

  void data() {
    out_ += "<h2 id=\"data\">Data</h2>\n<ul>\n";
    for (const SeriesIssue& issue : run_.issues) {
      add("<li>{}{}</li>\n",
          issue.series.empty() ? "" : "<code>" + e(issue.series) + "</code>: ", e(issue.words));
    }
    out_ += "</ul>\n";
    const std::vector<CheckLine> checks = check_lines(run_.study, run_.identities);
    if (checks.empty()) return;
    out_ +=
        "<h3>Identities</h3><div class=\"scroll\"><table><thead><tr><th>identity</th><th>verdict"
        "</th><th>periods</th><th>violated in</th></tr></thead><tbody>\n";
    for (const CheckLine& c : checks) {
      add("<tr><th scope=\"row\">{}</th><td{}>{}</td><td>{}</td><td>{}</td></tr>\n", e(c.name),
          c.violations > 0 ? " class=\"bad\"" : "", c.verdict, c.periods, c.violations);
    }
    out_ += "</tbody></table></div>\n<ul>\n";
    for (const IdentityViolation& v : run_.identities.violations) {
      add("<li class=\"bad\">{} does not hold in {}: {} against {}</li>\n",
          e(run_.study.checks[v.check].text), format_period(v.period),
          typeset(format_significant(v.left, 6)), typeset(format_significant(v.right, 6)));
    }
    out_ += "</ul>\n";
  }

  void provenance() {
    add("<h2 id=\"made\">How it was made</h2>\n<p>Amnok {}; {} draws, seed {}; config "
        "<code>{}</code>, SHA-256 <code>{}</code>. Input files and library versions are in "
        "<code>manifest.json</code>.</p>\n",
        version(), run_.draws, run_.seed, e(run_.study.shown(run_.study.file)),
        sha256_hex(run_.study.text).substr(0, 16));
    add("<details><summary>The config</summary><pre>{}</pre></details>\n", e(run_.study.text));
  }

  const RunResults& run_;
  const FigureResult& figures_;
  std::string folder_;
  std::string out_;
};

}  // namespace

std::string html_escape(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string html_report(const RunResults& run, const FigureResult& figures,
                        const std::string& folder) {
  return Page(run, figures, folder).text();
}

}  // namespace amnok
