// Sliders: grids of positions against runs of scenarios that are written that way.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/scenario/live.h"
#include "engine/scenario/scenario_resolver.h"
#include "engine/study/page_text.h"
#include "models/builtin.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kVariables[] = {"m", "x", "p", "balance", "balance_3m"};

std::string opening(const std::string& at, double remaining, double multiply) {
  return fmt::format(
      "[scenarios.stay]\nchanges = [{{ path = \"w\", mode = \"hold\" }}]\n"
      "[scenarios.open]\nextends = \"stay\"\nchanges = [{{ end_event = \"closure\", at = \"{}\", "
      "remaining = {} }}, {{ parameter = \"p.log(m)\", multiply = {} }}]\n",
      at, remaining, multiply);
}

const std::string kSliders = R"toml(
[[live]]
scenario = "open"
change = "end_event closure"
vary = "at"
from = "2022-02"
to = "2022-06"
[[live]]
scenario = "open"
change = "end_event closure"
vary = "remaining"
from = 0
to = 0.8
points = 3
[[live]]
scenario = "open"
change = "parameter p.log(m)"
vary = "multiply"
from = 0.5
to = 1
points = 2
)toml";

std::vector<LiveGrid> grids_of(Solved& s, int live_draws, int threads = 1) {
  s.study.run.live_draws = live_draws;
  SimulationSettings settings;
  settings.draws = s.ensemble.draws;
  settings.seed = s.study.run.seed;
  settings.threads = threads;
  return simulate_live(s.study, s.data, *s.system, project(s.ensemble, 1),
                       {std::begin(kVariables), std::end(kVariables)}, settings);
}

// The fan of a variable where the sliders stand at `at`.
const LiveFan& fan_at(const LiveGrid& grid, const std::string& variable,
                      const std::vector<std::size_t>& at) {
  const auto found = std::find_if(grid.variables.begin(), grid.variables.end(),
                                  [&](const LiveVariable& v) { return v.variable == variable; });
  REQUIRE(found != grid.variables.end());
  std::size_t index = 0;
  for (std::size_t d = 0; d < at.size(); ++d) {
    if (found->moved_by[d]) index = index * grid.positions[d].size() + at[d];
  }
  return found->fans.at(index);
}

// The largest gap between a fan and the projections of a run, relative to the spread of the period.
double gap(const LiveFan& fan, const Projection& projection) {
  double largest = 0;
  for (Eigen::Index h = 0; h < fan.rows(); ++h) {
    const Distribution& d = projection.periods[static_cast<std::size_t>(h)];
    for (std::size_t i = 0; i < live_levels().size(); ++i) {
      const double off =
          std::fabs(fan(h, static_cast<Eigen::Index>(i)) - d.quantile(live_levels()[i]));
      largest = std::max(largest, off / d.sd);
    }
    largest = std::max(largest, std::fabs(fan(h, fan.cols() - 1) - d.mean) / d.sd);
  }
  return largest;
}

const Projection& find(const std::vector<Projection>& all, const std::string& scenario,
                       const std::string& variable) {
  return *std::find_if(all.begin(), all.end(), [&](const Projection& p) {
    return p.scenario == scenario && p.variable == variable;
  });
}

std::string problem_of(const std::string& live) {
  const StudyFixture fixture(opening("2022-04", 0.2, 0.7) + live);
  return message_of([&] { load_study(fixture.config, builtin_plugins()); });
}

}  // namespace

TEST_CASE("live: positions hold both ends and home, whole figures whole", "[live]") {
  LiveSpec spec;
  spec.vary = LiveField::remaining;
  spec.from = 0;
  spec.to = 1;
  CHECK(live_positions(spec, 0.5) == std::vector<double>{0, 0.25, 0.5, 0.75, 1});
  CHECK(live_positions(spec, 0.3) == std::vector<double>{0, 0.25, 0.3, 0.5, 0.75, 1});
  spec.points = 2;
  CHECK(live_positions(spec, 1) == std::vector<double>{0, 1});
  spec.vary = LiveField::over;
  spec.to = 4;
  spec.points = 0;
  CHECK(live_positions(spec, 2) == std::vector<double>{0, 1, 2, 3, 4});
  spec.points = 4;
  CHECK(live_positions(spec, 2) == std::vector<double>{0, 1, 2, 3, 4});  // 1.33 and 2.67, rounded
}

TEST_CASE("live: a figure is read and written where its change keeps it", "[live]") {
  Change change;
  change.what = EndEvent{"closure", {Frequency::monthly, 100}, 3, Amount{0.25}};
  CHECK(live_value(change, LiveField::at) == 100.0);
  CHECK(live_value(change, LiveField::over) == 3.0);
  CHECK(live_value(change, LiveField::remaining) == 0.25);
  CHECK_FALSE(live_value(change, LiveField::multiply));
  const Change later = with_live_value(change, LiveField::at, 105);
  CHECK(std::get<EndEvent>(later.what).at.ordinal == 105);
  CHECK(std::get<EndEvent>(change.what).at.ordinal == 100);
  change.what = AddFactor{"m", {{-10, true}}};
  CHECK(live_value(change, LiveField::value) == -10.0);
  CHECK(live_unit(change, LiveField::value) == "%");
  change.what = AddFactor{"m", {{1, false}, {2, false}}};
  CHECK_FALSE(live_value(change, LiveField::value));
  change.what = ChangeParameter{"p", "log(m)", ChangeParameter::Mode::set, Amount{0.4}};
  CHECK(live_value(change, LiveField::set) == 0.4);
  CHECK_FALSE(live_value(change, LiveField::multiply));
}

TEST_CASE("live: home is the run, exactly, with fewer draws too", "[live]") {
  Solved s = solve_fixture(StudyFixture(opening("2022-04", 0.2, 0.7) + kSliders));
  const std::vector<LiveGrid> grids = grids_of(s, 100);
  REQUIRE(grids.size() == 1);
  CHECK(grids[0].scenario == "open");
  CHECK(grids[0].draws == 100);
  const std::vector<Projection> run = project(s.ensemble, 1);
  for (const std::string& variable : kVariables) {
    INFO(variable);
    CHECK(gap(fan_at(grids[0], variable, grids[0].home), find(run, "open", variable)) == 0);
  }
}

TEST_CASE("live: every position is the run of a scenario written that way", "[live]") {
  Solved s = solve_fixture(StudyFixture(opening("2022-04", 0.2, 0.7) + kSliders));
  const LiveGrid grid = grids_of(s, s.ensemble.draws).at(0);
  for (const std::vector<std::size_t>& at :
       {std::vector<std::size_t>{0, 0, 0}, {4, 3, 2}, {2, 2, 1}, {1, 0, 2}}) {
    const std::string month =
        format_period({Frequency::monthly, static_cast<std::int64_t>(grid.positions[0][at[0]])});
    const Solved written = solve_fixture(
        StudyFixture(opening(month, grid.positions[1][at[1]], grid.positions[2][at[2]])));
    const std::vector<Projection> run = project(written.ensemble, 1);
    for (const std::string& variable : kVariables) {
      INFO(variable << " " << month);
      // All draws of the run: only the interpolation of ranks rounds.
      CHECK(gap(fan_at(grid, variable, at), find(run, "open", variable)) < 1e-9);
    }
  }
}

TEST_CASE("live: levels calibrated at home are nearer than those of as few draws", "[live]") {
  Solved s = solve_fixture(StudyFixture(opening("2022-04", 0.2, 0.7) + kSliders), 4000);
  const LiveGrid grid = grids_of(s, 200).at(0);
  const Solved truth = solve_fixture(StudyFixture(opening("2022-02", 0.8, 1.0)), 4000);
  const Solved few = solve_fixture(StudyFixture(opening("2022-02", 0.8, 1.0)), 200);
  const std::vector<Projection> run = project(truth.ensemble, 1), plain = project(few.ensemble, 1);
  double calibrated = 0, uncalibrated = 0;
  for (const std::string& variable : kVariables) {
    const LiveFan& fan = fan_at(grid, variable, {0, 3, 2});
    const Projection& exact = find(run, "open", variable);
    const Projection& rough = find(plain, "open", variable);
    for (Eigen::Index h = 0; h < fan.rows(); ++h) {
      const auto at = static_cast<std::size_t>(h);
      for (std::size_t i = 0; i < live_levels().size(); ++i) {
        const double p = live_levels()[i], q = exact.periods[at].quantile(p),
                     sd = exact.periods[at].sd;
        calibrated += std::pow((fan(h, static_cast<Eigen::Index>(i)) - q) / sd, 2);
        uncalibrated += std::pow((rough.periods[at].quantile(p) - q) / sd, 2);
      }
    }
  }
  CHECK(calibrated < 0.75 * uncalibrated);  // what the shared noise is worth here: about half
}

TEST_CASE("live: a variable keeps the positions of the sliders that move it, for any threads",
          "[live]") {
  Solved s = solve_fixture(StudyFixture(opening("2022-04", 0.2, 0.7) + kSliders));
  const LiveGrid grid = grids_of(s, 200).at(0), threaded = grids_of(s, 200, 2).at(0);
  REQUIRE(grid.positions.size() == 3);
  const std::vector<std::vector<bool>> moved = {
      {true, true, false},    // m: not by the elasticity of p
      {false, false, false},  // x: by nothing
      {true, true, true},     // p
      {true, true, false},    // balance
      {true, true, false},
  };
  for (std::size_t v = 0; v < moved.size(); ++v) {
    INFO(kVariables[v]);
    CHECK(grid.variables[v].moved_by == moved[v]);
    std::size_t count = 1;
    for (std::size_t d = 0; d < 3; ++d) {
      if (moved[v][d]) count *= grid.positions[d].size();
    }
    REQUIRE(grid.variables[v].fans.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(grid.variables[v].fans[i] == threaded.variables[v].fans[i]);
    }
  }
}

TEST_CASE("live: a slider that cannot be is refused in one sentence", "[live]") {
  const auto slider = [](const std::string& rest) {
    return "[[live]]\nscenario = \"open\"\n" + rest + "\n";
  };
  const std::string at = "change = \"end_event closure\"\nvary = \"at\"\n";
  CHECK(problem_of(slider(at + "from = \"2022-02\"\nto = \"2022-06\"")) == "no error");
  CHECK(problem_of(slider(at + "from = \"2022-05\"\nto = \"2022-06\"")) ==
        "live[1] runs from 2022-05 to 2022-06, but must hold 2022-04, where scenario open stands");
  CHECK(problem_of(slider(at + "from = \"2022-06\"\nto = \"2022-02\"")) ==
        "live[1].to is 2022-02, but must lie above `from`, 2022-06");
  CHECK(problem_of(slider(at + "from = 1\nto = \"2022-06\"")) ==
        "live[1].from is a number, but must be a period: the slider varies `at`");
  CHECK(problem_of(slider("change = \"end_event closure\"\nvary = \"remaining\"\nfrom = 0\nto = "
                          "2")) == "live[1].to is 2, but must be in [0, 1]");
  CHECK(problem_of(slider("change = \"end_event clsure\"\nvary = \"at\"\nfrom = \"2022-02\"\nto = "
                          "\"2022-06\"")) ==
        "live[1].change is \"end_event clsure\", which scenario open has not");
  CHECK(
      problem_of(slider("change = \"end_event closure\"\nvary = \"multiply\"\nfrom = 0\nto = 1")) ==
      "live[1].vary is \"multiply\", but `end_event closure` of scenario open has no single "
      "figure of that name");
  CHECK(problem_of(slider("change = \"end_event closure\"\nvary = \"remaining\"\nfrom = 0\nto = "
                          "1\npoints = 20") +
                   slider("change = \"parameter p.log(m)\"\nvary = \"multiply\"\nfrom = 0\nto = "
                          "1\npoints = 20")) ==
        "the sliders of scenario open have 21 x 21 = 441 positions, but must have at most 200");
}

TEST_CASE("live: a position that no scenario could have is refused before anything is simulated",
          "[live]") {
  const StudyFixture fixture(opening("2022-04", 0.2, 0.7) +
                             "[[live]]\nscenario = \"open\"\nchange = \"end_event closure\"\n"
                             "vary = \"at\"\nfrom = \"2022-02\"\nto = \"2023-06\"\n");
  const Solved s = solve_fixture(fixture, 100);
  ProblemList problems;
  check_live(s.study, s.data, s.system->equations(), problems);
  REQUIRE(problems.has_errors());
  CHECK_THAT(problems.all().front().message,
             Catch::Contains("scenario open with at = 2023-01: event "
                             "\"closure\" ends in 2023-01, but must do so in the horizon"));
}

TEST_CASE("page text: places are filled, others stay, and labels take the text's place", "[live]") {
  CHECK(filled("{a} of {b}, {c}", {{"a", "1"}, {"b", "{a}"}}) == "1 of {a}, {c}");
  CHECK(filled("{", {{"a", "1"}}) == "{");
  CHECK(page_text({}, "median") == "median");
  CHECK(page_text({{"median", "중앙값"}}, "median") == "중앙값");
}

}  // namespace amnok
