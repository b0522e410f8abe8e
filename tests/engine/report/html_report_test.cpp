// The report page as text: its structure, its numbers, its words.
#include "engine/report/html_report.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/text.h"
#include "engine/cli/pipeline.h"
#include "engine/report/html_data.h"
#include "engine/report/html_text.h"
#include "engine/study/page_text.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

const std::string kLive = R"toml(
[[live]]
label = "Opening"
scenario = "open"
change = "end_event closure"
vary = "at"
from = "2022-03"
to = "2022-06"
)toml";

RunResults results(const std::string& more = "", const std::string& title = "A test") {
  std::string config = StudyFixture::models_toml() + StudyFixture::scenarios_toml() + more;
  const std::string usual = "title = \"A test\"";
  config.replace(config.find(usual), usual.size(), "title = \"" + title + "\"");
  const StudyFixture fixture;
  PipelineSettings settings;
  settings.quiet = true;
  settings.threads = 1;
  return run_study(fixture.folder.write("page.toml", config), settings);
}

std::string page(const RunResults& run) {
  return html_report(run, FigureResult{});
}

// Where elements do not close in the order in which they open; empty: all is well. What scripts and
// styles hold is not looked at.
std::string nesting_fault(const std::string& html) {
  const std::set<std::string> empty = {"meta", "br", "input", "!doctype"};
  std::vector<std::string> open;
  for (auto at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const bool closes = html[at + 1] == '/';
    const auto begin = at + (closes ? 2 : 1), end = html.find_first_of(" >\n", begin);
    const std::string name = html.substr(begin, end - begin);
    if (empty.contains(name)) continue;
    if (!closes) {
      open.push_back(name);
      if (name == "script" || name == "style") at = html.find("</" + name, at) - 1;
      continue;
    }
    if (open.empty() || open.back() != name) {
      return fmt::format("</{}> at {} while <{}> is open", name, at,
                         open.empty() ? "nothing" : open.back());
    }
    open.pop_back();
  }
  return join(open, " ");
}

bool six_digits(const Json& shown, double value) {
  if (!std::isfinite(value)) return shown.is_null();
  return std::fabs(shown.get<double>() - value) <= 5.1e-6 * std::fabs(value);
}

void check_fan(const Json& fan, const std::vector<Distribution>& periods) {
  REQUIRE(fan.size() == live_levels().size() + 1);
  for (std::size_t h = 0; h < periods.size(); ++h) {
    for (std::size_t i = 0; i < live_levels().size(); ++i) {
      CHECK(six_digits(fan[i][h], periods[h].quantile(live_levels()[i])));
    }
    CHECK(six_digits(fan[live_levels().size()][h], periods[h].mean));
  }
}

}  // namespace

TEST_CASE("page: elements are nested, and ids are each one's own", "[page]") {
  const std::string html = page(results(kLive));
  CHECK(nesting_fault(html) == "");
  CHECK(nesting_fault("<p><b></p></b>") == "</p> at 6 while <b> is open");
  std::set<std::string> ids;
  const std::string body = html.substr(0, html.find("<script"));
  for (auto at = body.find(" id=\""); at != std::string::npos; at = body.find(" id=\"", at + 1)) {
    const std::string id = body.substr(at + 5, body.find('"', at + 5) - at - 5);
    INFO(id);
    CHECK(ids.insert(id).second);
  }
  for (auto at = body.find("href=\"#"); at != std::string::npos;
       at = body.find("href=\"#", at + 1)) {
    const std::string id = body.substr(at + 7, body.find('"', at + 7) - at - 7);
    INFO(id);
    CHECK(ids.contains(id));
  }
}

TEST_CASE("page: the charts' numbers are the run's", "[page]") {
  const RunResults run = results(kLive);
  const Json data = Json::parse(report_data(run));
  REQUIRE(data["variables"].size() == run.variables.size());
  for (std::size_t v = 0; v < run.variables.size(); ++v) {
    INFO(run.variables[v]);
    const Json& variable = data["variables"][v];
    for (std::size_t s = 0; s < run.scenarios.size(); ++s) {
      check_fan(variable["fans"][s], run.projection(run.scenarios[s], run.variables[v]).periods);
    }
    const Series& observed = run.observed.get(run.variables[v]);
    const Period first = axis_begin(run) + variable["first"].get<int>();
    for (std::size_t i = 0; i < variable["observed"].size(); ++i) {
      CHECK(six_digits(variable["observed"][i], observed.at(first + static_cast<std::int64_t>(i))));
    }
  }
  CHECK(data["periods"][data["origin"].get<std::size_t>()] == format_period(run.horizon.first));
  // "nothing" compares equal scenarios: it has no chart.
  REQUIRE(data["effects"].size() == 1);
  for (const Json& variable : data["effects"][0]["variables"]) {
    for (const EffectPath& path : run.effects) {
      if (path.effect != "opening" || path.variable != variable["name"]) continue;
      check_fan(variable["measures"][std::string(measure_name(path.measure))], path.periods);
    }
  }
}

TEST_CASE("page: a slider's numbers are within a 65534th of their range of the grid's", "[page]") {
  const RunResults run = results(kLive);
  const Json data = Json::parse(report_data(run));
  REQUIRE(data["live"]["sliders"].size() == 1);
  const Json& slider = data["live"]["sliders"][0];
  CHECK(slider["names"] == Json({"2022-03", "2022-04", "2022-05", "2022-06"}));
  CHECK(slider["home"].get<double>() - slider["from"].get<double>() == 1);
  CHECK(slider["scenarios"] == Json({2}));
  const Json& cells = data["live"]["grids"][0]["variables"][0];
  CHECK(cells["moved_by"] == Json::array({0}));
  const LiveVariable& variable = run.live.at(0).variables.at(0);
  const std::string text = cells["cells"];
  // Base64 by hand: two bytes a number, low one first.
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<unsigned> bytes;
  for (std::size_t i = 0; i + 3 < text.size(); i += 4) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const auto digit = digits.find(text[i + j]);
      group = group << 6 | (digit == std::string::npos ? 0u : static_cast<unsigned>(digit));
    }
    for (int shift : {16, 8, 0}) bytes.push_back(group >> shift & 255u);
  }
  std::size_t at = 0;
  for (const LiveFan& fan : variable.fans) {
    for (Eigen::Index h = 0; h < fan.rows(); ++h) {
      for (Eigen::Index c = 0; c < fan.cols(); ++c, at += 2) {
        const double low = cells["low"][static_cast<std::size_t>(c)],
                     high = cells["high"][static_cast<std::size_t>(c)];
        const double shown = low + (bytes.at(at) + 256 * bytes.at(at + 1)) / 65534.0 * (high - low);
        CHECK(std::fabs(shown - fan(h, c)) <= 0.51 * (high - low) / 65534);
      }
    }
  }
}

TEST_CASE("page: hostile titles and labels stay text", "[page]") {
  const RunResults run =
      results("[events.closure]\nlabel = \"</script><script>alert(1)</script>\"\n",
              "<img src=x onerror=alert(1)> & 'x'");
  const std::string html = page(run);
  CHECK(nesting_fault(html) == "");
  CHECK(html.find("<img") == std::string::npos);
  CHECK(html.find("<script>alert") == std::string::npos);
  CHECK_THAT(html,
             Catch::Contains("<h1>&lt;img src=x onerror=alert(1)&gt; &amp; &#39;x&#39;</h1>"));
  CHECK(report_data(run).find('<') == std::string::npos);
  CHECK(Json::parse(report_data(run))["scenario_events"][0]["name"] ==
        "</script><script>alert(1)</script>");
}

TEST_CASE("page: labels of the config replace the page's own words, in scripts as well", "[page]") {
  const RunResults run = results(
      "[labels]\nlanguage = \"ko\"\nheading_charts = \"부채꼴 그림\"\nmedian = \"중앙값\"\n"
      "answer_scenario = \"“{scenario}”: {median} ({low}–{high})\"\n");
  const std::string html = page(run);
  CHECK_THAT(html, Catch::Contains("<html lang=\"ko\">") &&
                       Catch::Contains("<h2 id=\"charts\">부채꼴 그림</h2>") &&
                       Catch::Contains("“Open”: <strong>"));
  CHECK(Json::parse(report_data(run))["words"]["median"] == "중앙값");
}

TEST_CASE("page: every text of the table is used", "[page]") {
  std::string sources = read_file(source_path("engine/report/page/report.js"));
  for (const char* file :
       {"html_report.cpp", "html_charts.cpp", "html_estimates.cpp", "html_past.cpp"}) {
    sources += read_file(source_path("engine/report/") + file);
  }
  for (const PageText& text : page_texts()) {
    const std::string key = text.key;
    INFO(key);
    const bool composed = starts_with(key, "measure_") || starts_with(key, "bands_");
    CHECK((composed || sources.find("\"" + key + "\"") != std::string::npos ||
           sources.find("words." + key) != std::string::npos));
  }
}

TEST_CASE("page: without a horizon there are estimates and data, and no script", "[page]") {
  std::string config = StudyFixture::models_toml();
  const auto at = config.find("horizon = 12\n");
  config.erase(at, std::string("horizon = 12\n").size());
  const StudyFixture fixture;
  PipelineSettings settings;
  settings.quiet = true;
  const std::string html = page(run_study(fixture.folder.write("page.toml", config), settings));
  CHECK(nesting_fault(html) == "");
  CHECK(html.find("<script") == std::string::npos);
  CHECK_THAT(html, Catch::Contains("<h2 id=\"estimates\">"));
}

}  // namespace amnok
