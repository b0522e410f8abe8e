#include "tests/support/study_fixture.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/stats/random_stream.h"
#include "models/builtin.h"

namespace amnok {

namespace {

std::string data_csv() {
  constexpr int kRows = 96;
  std::vector<double> e(4 * kRows);
  fill_normals({99, Purpose::simulation, 0}, 0, e);
  const auto noise = [&](int column, int t) {
    return e[static_cast<std::size_t>(column * kRows + t)];
  };
  std::string text = "date,m,x,p,w\n";
  double zm = 0, zx = 0, w = 100;
  for (int t = 0; t < kRows; ++t) {
    zm = 0.6 * zm + 0.1 * noise(0, t);
    zx = 0.4 * zx + 0.1 * noise(1, t);
    w *= std::exp(0.02 * noise(3, t));
    const bool closed = t >= 60;
    const double m = std::exp(5 + zm - (closed ? 1.0 : 0.0)), x = std::exp(4 + zx + 0.5 * zm);
    const double p = std::exp(8 - 0.3 * std::log(m) + 0.5 * std::log(w / 100) + 0.05 * noise(2, t));
    const Period month{Frequency::monthly, 2014 * 12 + t};
    text += fmt::format("{},{:.6f},{:.6f},{:.4f},{:.4f}\n", format_period(month), m, x, p, w);
  }
  return text;
}

}  // namespace

std::string StudyFixture::models_toml() {
  return R"toml([run]
title = "A test"
frequency = "monthly"
sample = "2014-01..2021-12"
horizon = 12
draws = 400
seed = 7

[calendar]
file = "events.csv"

[data.m]
file = "data.csv"
column = "m"
label = "Imports"
unit = "USD mn"
kind = "flow"
[data.x]
file = "data.csv"
column = "x"
kind = "flow"
[data.p]
file = "data.csv"
column = "p"
[data.w]
file = "data.csv"
column = "w"

[models.m]
plugin = "arima"
target = "log(m)"
order = [1, 0, 0]
interventions = [{ event = "closure", shape = "step" }]
[models.x]
plugin = "arima"
target = "log(x)"
order = [1, 0, 0]
[models.p]
plugin = "trade_elasticity"
target = "log(p)"
regressors = ["log(m)", "log(w)"]

[identities]
balance = "x - m"
balance_3m = "sum(balance, 3)"
)toml";
}

std::string StudyFixture::scenarios_toml() {
  return R"toml(
[scenarios.stay]
label = "Closed"
changes = [{ path = "w", mode = "hold" }]
[scenarios.same]
extends = "stay"
[scenarios.open]
label = "Open"
extends = "stay"
changes = [{ end_event = "closure", at = "2022-04" }]
[effects.opening]
compare = ["open", "stay"]
[effects.nothing]
compare = ["same", "stay"]
)toml";
}

StudyFixture::StudyFixture(const std::string& scenarios) {
  folder.write("data.csv", data_csv());
  folder.write(
      "events.csv",
      "id,date,end_date,kind,direction,name\nclosure,2019-01-01,,border,tighten,A closure\n");
  config = folder.write("study.toml",
                        models_toml() + (scenarios.empty() ? scenarios_toml() : scenarios));
}

Solved solve_study(const std::string& config, int draws, int threads) {
  LoadedStudy loaded = load_study_and_data(config, builtin_plugins());
  Solved solved;
  solved.study = std::move(loaded.study);
  solved.data = std::move(loaded.data);
  solved.system = std::make_shared<System>(build_system(
      solved.study, solved.data, estimate(solved.study, solved.data, builtin_plugins())));
  SimulationSettings settings;
  settings.draws = draws;
  settings.seed = solved.study.run.seed;
  settings.threads = threads;
  solved.ensemble = simulate_scenarios(solved.study, solved.data, *solved.system, settings);
  return solved;
}

Solved solve_fixture(const StudyFixture& fixture, int draws, int threads) {
  return solve_study(fixture.config, draws, threads);
}

}  // namespace amnok
