#include "engine/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/base/version.h"

namespace amnok {

namespace {

constexpr const char* kStyle = R"css(
:root { --ink:#1c2733; --soft:#5b6875; --line:#d9dee3; --back:#fff; --panel:#f6f8fa; --accent:#08306b; }
@media (prefers-color-scheme: dark) {
  :root { --ink:#e6eaee; --soft:#a3adb7; --line:#3a444e; --back:#15191e; --panel:#1d232a; --accent:#9ecae1; }
  figure svg { background:#fff; border-radius:6px; }
}
* { box-sizing:border-box; }
body { margin:0 auto; max-width:66rem; padding:1.5rem 1rem 4rem; color:var(--ink); background:var(--back);
  font:16px/1.5 system-ui, "Noto Sans", "Noto Sans CJK KR", "Malgun Gothic", sans-serif; }
h1 { font-size:1.6rem; line-height:1.25; margin:0 0 .3rem; }
h2 { font-size:1.2rem; margin:2.2rem 0 .6rem; border-bottom:1px solid var(--line); padding-bottom:.2rem; }
h3 { font-size:1rem; margin:1.4rem 0 .4rem; }
p.lead { font-size:1.05rem; }
.soft { color:var(--soft); font-size:.9rem; }
.scroll { overflow-x:auto; }
table { border-collapse:collapse; width:100%; font-size:.9rem; font-variant-numeric:tabular-nums; }
th, td { padding:.3rem .55rem; text-align:right; border-bottom:1px solid var(--line); white-space:nowrap; }
th:first-child, td:first-child { text-align:left; }
td.text, th.text { text-align:left; white-space:normal; }
thead th { background:var(--panel); font-weight:600; }
figure { margin:1rem 0; }
figure svg { width:100%; height:auto; }
figcaption { color:var(--soft); font-size:.9rem; }
nav a { margin-right:.9rem; color:var(--accent); }
code { background:var(--panel); padding:0 .25rem; border-radius:3px; }
pre { background:var(--panel); padding:.8rem; overflow-x:auto; font-size:.82rem; border-radius:6px; }
.bad { font-weight:600; }
@media print { body { max-width:none; } nav, details:not([open]) { display:none; } }
)css";

std::string rounded(double value, double size) {
  if (std::isnan(value)) return "–";
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text[0] == '-') text = "−" + text.substr(1);
  return text;
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
        title, kStyle, title);
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
    if (!run_.usable()) {
      out_ +=
          "<p class=\"lead bad\">At least one equation did not converge; results that rest on it "
          "should not be used.</p>\n";
    }
    if (!run_.study.run.note.empty()) add("<p>{}</p>\n", e(run_.study.run.note));
    if (run_.projections.empty() || run_.variables.empty()) return;
    const std::string& variable = run_.variables.front();
    const auto last = static_cast<std::size_t>(run_.horizon.count) - 1;
    double size = 0;
    for (const std::string& s : run_.scenarios) {
      size = std::max(size, std::fabs(run_.projection(s, variable).periods[last].median()));
    }
    add("<p class=\"lead\">{} in {}: ", with_unit(variable), format_period(run_.horizon.last()));
    for (std::size_t i = 0; i < run_.scenarios.size(); ++i) {
      const Distribution& d = run_.projection(run_.scenarios[i], variable).periods[last];
      add("{}<strong>{}</strong> (90 % band {} to {}) if “{}”", i == 0 ? "" : "; ",
          rounded(d.median(), size), rounded(d.quantile(0.05), size),
          rounded(d.quantile(0.95), size), e(run_.scenario_label(run_.scenarios[i])));
    }
    out_ += ". Medians; bands include the uncertainty of the estimates.</p>\n";
  }

  void fans() {
    out_ += "<h2 id=\"fans\">Fan charts</h2>\n";
    if (!figures_.problem.empty()) add("<p class=\"bad\">{}</p>\n", e(figures_.problem));
    for (const Figure& figure : figures_.figures) {
      if (!figure.drawn) continue;
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
      add("<figure role=\"img\" aria-label=\"Fan charts of {} by scenario\">{}"
          "<figcaption>{}: median (line), mean (dotted), 30, 60 and 90 % bands; black: observed; "
          "red "
          "circles: realised after the forecast origin (dashed line).</figcaption></figure>\n",
          label(figure.name), svg, label(figure.name));
    }
  }

  void projections() {
    out_ +=
        "<h2 id=\"projections\">Projections</h2>\n"
        "<p class=\"soft\">Median, and the 5 % and 95 % quantiles in brackets. All quantiles and "
        "their "
        "Monte-Carlo errors are in <code>projections.csv</code>.</p>\n";
    std::vector<std::size_t> shown;
    const auto count = static_cast<std::size_t>(run_.horizon.count);
    for (std::size_t k = 1; k <= 6; ++k) {
      const std::size_t at = count * k / 6;
      if (at > 0 && (shown.empty() || shown.back() != at - 1)) shown.push_back(at - 1);
    }
    for (const std::string& variable : run_.variables) {
      double size = 0;
      for (const std::string& s : run_.scenarios) {
        for (const Distribution& d : run_.projection(s, variable).periods) {
          if (!std::isnan(d.mean)) size = std::max(size, std::fabs(d.median()));
        }
      }
      add("<h3>{}</h3><div class=\"scroll\"><table><thead><tr><th scope=\"col\">scenario</th>",
          with_unit(variable));
      for (std::size_t h : shown) {
        add("<th scope=\"col\">{}</th>", format_period(run_.horizon[static_cast<std::int64_t>(h)]));
      }
      out_ += "</tr></thead><tbody>\n";
      for (const std::string& scenario : run_.scenarios) {
        add("<tr><th scope=\"row\">{}</th>", e(run_.scenario_label(scenario)));
        for (std::size_t h : shown) {
          const Distribution& d = run_.projection(scenario, variable).periods[h];
          add("<td>{} <span class=\"soft\">[{}, {}]</span></td>", rounded(d.median(), size),
              rounded(d.quantile(0.05), size), rounded(d.quantile(0.95), size));
        }
        out_ += "</tr>\n";
      }
      out_ += "</tbody></table></div>\n";
    }
  }

  void effects() {
    if (run_.effects.empty()) return;
    const auto last = static_cast<std::size_t>(run_.horizon.count) - 1;
    add("<h2 id=\"effects\">Effects</h2>\n<p class=\"soft\">Scenario A less scenario B in {}, draw "
        "by draw "
        "with the same shocks and parameters, so that common noise cancels.</p>\n",
        format_period(run_.horizon.last()));
    for (const EffectSpec& spec : run_.study.effects) {
      add("<h3>{}: {} less {}</h3><div "
          "class=\"scroll\"><table><thead><tr><th>variable</th><th>measure</th>"
          "<th>median</th><th>90 % interval</th><th>P(&gt; 0)</th></tr></thead><tbody>\n",
          e(spec.label), e(run_.scenario_label(spec.scenario)),
          e(run_.scenario_label(spec.against)));
      for (const EffectPath& path : run_.effects) {
        if (path.effect != spec.name || path.is_zero()) continue;
        const Distribution& d = path.periods[last];
        const double size = std::max(std::fabs(d.quantile(0.05)), std::fabs(d.quantile(0.95)));
        add("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>[{}, "
            "{}]</td><td>{:.2f}</td></tr>\n",
            label(path.variable), measure_name(path.measure), rounded(d.median(), size),
            rounded(d.quantile(0.05), size), rounded(d.quantile(0.95), size),
            path.probability_positive[last]);
      }
      out_ += "</tbody></table></div>\n";
    }
  }

  void realised() {
    const bool any = std::any_of(run_.realised.begin(), run_.realised.end(),
                                 [](const auto& r) { return r.periods > 0; });
    if (!any) return;
    out_ +=
        "<h2>What came true</h2>\n<p class=\"soft\">Periods of the horizon with a realised figure "
        "inside each band, and the mean absolute error of the median.</p>\n<div "
        "class=\"scroll\"><table>"
        "<thead><tr><th>variable</th><th class=\"text\">scenario</th><th>30 %</th><th>60 %</th>"
        "<th>90 %</th><th>of</th><th>error</th></tr></thead><tbody>\n";
    for (const std::string& variable : run_.variables) {
      for (const RealisedCoverage& r : run_.realised) {
        if (r.variable != variable || r.periods == 0) continue;
        add("<tr><th scope=\"row\">{}</th><td "
            "class=\"text\">{}</td><td>{}</td><td>{}</td><td>{}</td>"
            "<td>{}</td><td>{}</td></tr>\n",
            label(variable), e(run_.scenario_label(r.scenario)), r.inside30, r.inside60, r.inside90,
            r.periods, rounded(r.mean_absolute_error, r.mean_absolute_error));
      }
    }
    out_ += "</tbody></table></div>\n";
  }

  void assumptions() {
    out_ +=
        "<h2 id=\"assumptions\">Assumptions</h2>\n<div class=\"scroll\"><table><thead><tr>"
        "<th class=\"text\">scenario</th><th class=\"text\">what</th><th "
        "class=\"text\">assumption</th>"
        "<th class=\"text\">type</th><th class=\"text\">reason and "
        "source</th></tr></thead><tbody>\n";
    for (const std::string& name : run_.scenarios) {
      const ScenarioSpec& scenario = *run_.study.scenario(name);
      const std::size_t inherited = scenario.changes.size() - scenario.own.size();
      for (std::size_t i = 0; i < scenario.changes.size(); ++i) {
        const Change& change = scenario.changes[i];
        const ChangeText words = describe(change);
        std::string why = change.reason;
        if (!change.source.empty()) why += (why.empty() ? "" : " ") + ("[" + change.source + "]");
        add("<tr><td class=\"text\">{}{}</td><td class=\"text\">{} <code>{}</code></td>"
            "<td class=\"text\">{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td></tr>\n",
            e(scenario.label), i < inherited ? " <span class=\"soft\">(inherited)</span>" : "",
            words.kind, e(words.subject), e(words.detail), change.type, e(why));
      }
    }
    out_ += "</tbody></table></div>\n";
  }

  void estimates() {
    out_ += "<h2 id=\"estimates\">Estimates</h2>\n";
    for (const BehaviouralEquation& equation : run_.equations) estimate(equation.fitted.result);
  }

  void estimate(const FitResult& fit) {
    add("<h3>{}</h3>\n<p><code>{}</code><br><span class=\"soft\">{}; {}; sample {}, {} observations"
        "{}; {}</span></p>\n",
        e(fit.name), e(fit.equation), status_name(fit.status), e(fit.message),
        format_range(fit.sample), fit.nobs,
        fit.missing > 0 ? fmt::format(", {} periods missing", fit.missing) : "",
        e(fit.covariance_kind.empty() ? "no standard errors"
                                      : "standard errors: " + fit.covariance_kind));
    out_ +=
        "<div class=\"scroll\"><table><thead><tr><th>coefficient</th><th>estimate</th><th>std. "
        "error</th>"
        "<th>95 % interval</th><th>p</th></tr></thead><tbody>\n";
    for (const Coefficient& c : coefficient_table(fit)) {
      const bool has = !std::isnan(c.std_error);
      add("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
          e(c.name), format_significant(c.estimate, 5),
          has ? format_significant(c.std_error, 4) : "–",
          has ? fmt::format("[{}, {}]", format_significant(c.ci_low, 4),
                            format_significant(c.ci_high, 4))
              : "–",
          has ? fmt::format("{:.3f}", c.p_value) : "–");
    }
    out_ += "</tbody></table></div>\n";
    if (!fit.diagnostics.empty() || !fit.notes.empty()) {
      out_ += "<ul>";
      for (const Diagnostic& d : fit.diagnostics) {
        add("<li>{}: {} (p = {:.3f}){}</li>", e(d.name), format_significant(d.statistic, 4),
            d.p_value, d.words.empty() ? "" : " — " + e(d.words));
      }
      for (const std::string& note : fit.notes) add("<li>{}</li>", e(note));
      out_ += "</ul>\n";
    }
    for (const ResultTable& table : fit.tables) {
      add("<h3>{}</h3><div class=\"scroll\"><table><thead><tr>", e(table.title));
      for (const std::string& column : table.columns) add("<th>{}</th>", e(column));
      out_ += "</tr></thead><tbody>\n";
      for (const auto& cells : table.rows) {
        out_ += "<tr>";
        for (const auto& cell : cells) add("<td>{}</td>", e(cell_text(cell)));
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
    for (const IdentityViolation& v : run_.identities.violations) {
      add("<li class=\"bad\">{} does not hold in {}: {} against {}</li>\n",
          e(run_.study.checks[v.check].text), format_period(v.period),
          format_significant(v.left, 6), format_significant(v.right, 6));
    }
    out_ += "</ul>\n";
  }

  void provenance() {
    add("<h2 id=\"made\">How it was made</h2>\n<p>Amnok {}; {} draws, seed {}; config "
        "<code>{}</code>, SHA-256 <code>{}</code>. Input files and library versions are in "
        "<code>manifest.json</code>.</p>\n",
        version(), run_.draws, run_.seed, e(run_.study.file),
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
