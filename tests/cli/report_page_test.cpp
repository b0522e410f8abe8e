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

// What a reader of past events and of the mixture would do.
constexpr const char* kPastReader = R"js(
<pre id="seen"></pre><script>
(() => {
  const all = selector => Array.from(document.querySelectorAll(selector));
  const level = document.querySelector('[data-panel="level"]'), difference = document.querySelector('[data-panel="difference"]');
  const added = document.querySelector('[data-panel="added"]');
  const press = (figure, key) => { figure.querySelector('svg').dispatchEvent(new KeyboardEvent('keydown', {key})); return figure.querySelector('.reading').textContent; };
  const seen = {charts: all('.chart[data-past] svg').length, key: document.querySelector('[data-past-key]').textContent,
    level: {bands: level.querySelectorAll('.band').length, observed: level.querySelectorAll('.observed-point').length, without: level.querySelectorAll('.median').length, zero: level.querySelectorAll('.zero').length},
    bars: difference.querySelectorAll('.bar').length, zeros: all('.chart[data-past] .zero').length,
    event: level.querySelector('.event-name').textContent, first: press(level, 'Home'), last: press(added, 'End')};
  const fan = document.querySelector('.chart[data-variable="0"]');
  const before = fan.querySelectorAll('.median').length;
  document.querySelector('#controls [data-scenario="3"]').click();
  seen.mixture = {before, after: fan.querySelectorAll('.median').length,
    label: document.querySelector('#controls [data-scenario="3"]').parentNode.textContent};
  seen.faults = faults;
  document.getElementById('seen').textContent = JSON.stringify(seen);
})();
</script>)js";

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

// A run's page with a watch on its errors and a reader's script in it, and what the script saw.
Json seen_by(const std::string& browser, const StudyFixture& fixture, const char* reader) {
  std::string html = fixture.folder.read("out/report.html");
  html.insert(html.find("<head>") + 6, kWatch);
  html.insert(html.find("</body>"), reader);
  fixture.folder.write("driven.html", html);
  REQUIRE(browse(browser, fixture.folder, "--virtual-time-budget=5000 --dump-dom driven.html"));
  const std::string dom = fixture.folder.read("browser.out");
  const std::string open = "<pre id=\"seen\">";
  const auto begin = dom.find(open);
  REQUIRE(begin != std::string::npos);
  const auto from = begin + open.size();
  const std::string text = unescaped(dom.substr(from, dom.find("</pre>", from) - from));
  INFO(fixture.folder.read("browser.err").substr(0, 1000));
  REQUIRE(!text.empty());
  return Json::parse(text);
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
  const Json seen = seen_by(browser, fixture, kReader);
  INFO(seen.dump().substr(0, 3000));

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

TEST_CASE("page in a browser: past events, and all scenarios by their probabilities",
          "[program][browser]") {
  const std::string browser = chromium();
  if (browser.empty()) {
    WARN("no Chromium on this machine: the page is not tried in a browser");
    return;
  }
  std::string scenarios = StudyFixture::scenarios_toml();
  for (const char* name : {"stay", "same", "open"}) {
    const std::string head = std::string("[scenarios.") + name + "]\n";
    const bool last = name == std::string("open");
    scenarios.insert(scenarios.find(head) + head.size(),
                     last ? "probability = 0.5\n" : "probability = 0.25\n");
  }
  const StudyFixture fixture(scenarios +
                             "[effects.closure]\ncounterfactual = \"m\"\nevent = \"closure\"\n"
                             "until = \"2020-12\"\n");
  REQUIRE(run_program("run study.toml -q -o out", fixture.folder.path()).exit_code == 0);
  const Json seen = seen_by(browser, fixture, kPastReader);
  INFO(seen.dump(1));
  CHECK(seen["faults"] == Json::array());
  CHECK(seen["charts"] == 3);
  CHECK(seen["key"] == "observedwithout the event95 % bandno effect");
  CHECK(seen["level"]["bands"] == 1);
  CHECK(seen["level"]["without"] == 1);
  CHECK(seen["level"]["zero"] == 0);
  CHECK(seen["level"]["observed"] == 36 + 24);  // months before and after
  CHECK(seen["bars"] == 24);
  CHECK(seen["zeros"] == 2);
  CHECK_THAT(seen["event"].get<std::string>(), Catch::StartsWith("A closure"));
  CHECK_THAT(seen["first"].get<std::string>(), Catch::StartsWith("2016-01: observed "));
  CHECK_THAT(seen["last"].get<std::string>(), Catch::StartsWith("2020-12: −"));
  CHECK(seen["mixture"]["after"].get<int>() == seen["mixture"]["before"].get<int>() + 1);
  CHECK(seen["mixture"]["label"] == "All scenarios by their probabilities");
}

}  // namespace amnok
