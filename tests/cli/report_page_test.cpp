// The report page in a browser: Chromium without a window, told what to do by a script in the page.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

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
from = "2022-02"
to = "2022-06"
points = 3
)toml";

// Collects errors from the first line of the page on.
constexpr const char* kWatch =
    "<script>window.faults = []; addEventListener('error', e => faults.push(e.message));"
    "console.error = (...all) => faults.push(all.join(' '));</script>";

// What a reader would do, and what is then on the page.
constexpr const char* kReader = R"js(
<pre id="seen"></pre><script>
(() => {
  const all = selector => Array.from(document.querySelectorAll(selector));
  const figure = document.querySelector('.chart[data-variable="0"]');
  const drawn = () => ({medians: figure.querySelectorAll('.median').length, bands: figure.querySelectorAll('.band').length,
    means: figure.querySelectorAll('.mean').length, ghosts: figure.querySelectorAll('.ghost').length,
    paths: Array.from(figure.querySelectorAll('.median')).map(p => p.getAttribute('d')),
    marks: Array.from(figure.querySelectorAll('.event-name')).map(t => t.textContent),
    cells: Array.from(figure.querySelectorAll('tbody tr')).map(r => Array.from(r.cells).map(c => c.textContent))});
  const act = (selector, change) => {
    const node = document.querySelector(selector);
    change(node);
    for (const type of ['input', 'change']) node.dispatchEvent(new Event(type));
  };
  figure.querySelector('details').open = true;
  const seen = {charts: all('.chart svg').length, figures: all('.chart').length, start: drawn()};
  const open = document.querySelector('#controls [data-scenario="2"]');
  open.click(); seen.three = drawn();
  all('#controls [data-scenario]').slice(0, 2).forEach(box => box.click()); seen.one = drawn();
  act('[data-choice="bands"]', select => { select.value = 'outer'; }); seen.outer = drawn();
  act('[data-choice="bands"]', select => { select.value = 'all'; });
  seen.home = {note: document.getElementById('live-note').textContent, value: document.querySelector('[data-typed]').value};
  const type = text => { act('[data-typed="0"]', input => { input.value = text; }); return {said: document.querySelector('.said').textContent, ...drawn()}; };
  seen.later = type('2022-06'); seen.between = type('2022-05');
  seen.note = document.getElementById('live-note').textContent;
  seen.outside = type('2023-01'); seen.unread = type('soon');
  act('[data-slider="0"]', input => { input.value = 0; }); seen.earliest = drawn();
  document.querySelector('[data-choice="reset"]').click(); seen.back = drawn();
  figure.querySelector('svg').dispatchEvent(new KeyboardEvent('keydown', {key: 'End'}));
  seen.reading = figure.querySelector('.reading').textContent;
  const effect = document.querySelector('.chart[data-effect]');
  seen.effect = {zero: effect.querySelectorAll('.zero').length, bands: effect.querySelectorAll('.band').length, path: effect.querySelector('.median').getAttribute('d')};
  act('select[data-effect]', select => { select.value = 'percent'; });
  seen.percent = effect.querySelector('.median').getAttribute('d');
  seen.named = all('svg[role=img]').every(svg => svg.getAttribute('aria-label')) && all('input, select').every(i => i.labels.length || i.getAttribute('aria-label'));
  seen.faults = faults;
  document.getElementById('seen').textContent = JSON.stringify(seen);
})();
</script>)js";

std::string chromium() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
    if (std::system(fmt::format("command -v {} >/dev/null 2>&1", name).c_str()) == 0) return name;
  }
  return "";
}

// Runs the browser on a page of the folder; its standard output goes to a file there.
bool browse(const std::string& browser, const TemporaryFolder& folder, const std::string& options) {
  return std::system(fmt::format("cd '{0}' && timeout 60 {1} --headless --no-sandbox --disable-gpu "
                                 "--user-data-dir='{0}/profile' --window-size=1200,900 {2} "
                                 ">browser.out 2>browser.err",
                                 folder.path(), browser, options)
                         .c_str()) == 0;
}

std::string unescaped(std::string text) {
  const std::pair<const char*, const char*> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&nbsp;", " "}, {"&amp;", "&"}};
  for (const auto& [entity, character] : entities) {
    for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
      text.replace(at, std::string(entity).size(), character);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("page in a browser: charts, switches, sliders and print", "[program][browser]") {
  const std::string browser = chromium();
  if (browser.empty()) {
    WARN("no Chromium on this machine: the page is not tried in a browser");
    return;
  }
  const StudyFixture fixture;
  fixture.folder.write("study.toml",
                       StudyFixture::models_toml() + StudyFixture::scenarios_toml() + kLive);
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  std::string html = fixture.folder.read("out/report.html");
  html.insert(html.find("<head>") + 6, kWatch);
  html.insert(html.find("</body>"), kReader);
  fixture.folder.write("driven.html", html);
  REQUIRE(browse(browser, fixture.folder, "--virtual-time-budget=5000 --dump-dom driven.html"));
  const std::string dom = fixture.folder.read("browser.out");
  const std::string open = "<pre id=\"seen\">";
  const auto begin = dom.find(open);
  REQUIRE(begin != std::string::npos);
  const auto from = begin + open.size();
  const std::string text = unescaped(dom.substr(from, dom.find("</pre>", from) - from));
  INFO(text.substr(0, 3000) << fixture.folder.read("browser.err").substr(0, 1000));
  REQUIRE(!text.empty());
  const Json seen = Json::parse(text);

  CHECK(seen["faults"] == Json::array());
  CHECK(seen["charts"] == seen["figures"]);
  CHECK(seen["named"] == true);
  // Two scenarios at first, laid over each other; switched on and off.
  CHECK(seen["start"]["medians"] == 2);
  CHECK(seen["start"]["bands"] == 6);
  CHECK(seen["three"]["medians"] == 3);
  CHECK(seen["one"]["medians"] == 1);
  CHECK(seen["one"]["means"] == 1);
  CHECK(seen["outer"]["bands"] == 1);
  // At home the fans and tables are the run's; a slider moves them and its event, and back.
  CHECK(seen["home"]["value"] == "2022-04");
  CHECK(seen["one"]["ghosts"] == 0);
  CHECK(seen["later"]["ghosts"] == 1);
  CHECK(seen["later"]["paths"] != seen["one"]["paths"]);
  CHECK(seen["later"]["said"] == "");
  CHECK(seen["between"]["paths"] != seen["later"]["paths"]);
  CHECK(seen["note"] != seen["home"]["note"]);
  CHECK(seen["earliest"]["paths"] != seen["later"]["paths"]);
  CHECK(seen["back"] == seen["one"]);
  // Before any opening all is as in the scenario without one.
  CHECK(seen["later"]["cells"][4][3] == seen["later"]["cells"][4][1]);
  CHECK(seen["later"]["cells"][5][3] != seen["later"]["cells"][5][1]);
  // Outside the range the page says so and stays where it was.
  CHECK_THAT(seen["outside"]["said"].get<std::string>(),
             Catch::Contains("2023-01 is outside 2022-02 to 2022-06"));
  CHECK(seen["outside"]["paths"] == seen["between"]["paths"]);
  CHECK_THAT(seen["unread"]["said"].get<std::string>(), Catch::Contains("cannot be read"));
  CHECK_THAT(seen["reading"].get<std::string>(), Catch::StartsWith("2022-12: Open "));
  CHECK(seen["effect"]["zero"] == 1);
  CHECK(seen["effect"]["bands"] == 3);
  CHECK(seen["effect"]["path"] != seen["percent"]);

  REQUIRE(browse(browser, fixture.folder, "--print-to-pdf=page.pdf out/report.html"));
  CHECK(fixture.folder.read("page.pdf").substr(0, 5) == "%PDF-");
}

}  // namespace amnok
