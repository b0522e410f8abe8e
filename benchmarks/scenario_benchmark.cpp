// The flagship study: estimation, simulation, quantiles, and everything.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "engine/cli/pipeline.h"
#include "engine/report/run_writer.h"
#include "engine/stats/random_stream.h"
#include "models/builtin.h"

namespace amnok {

namespace {

const std::string kFlagship =
    std::string(AMNOK_SOURCE_DIR) + "/configs/papers/border_2022/border_2022.toml";

void flagship_estimate(benchmark::State& state) {
  const Study study = load_study(kFlagship, builtin_plugins());
  const StudyData data = load_data(study);
  for (auto _ : state) benchmark::DoNotOptimize(estimate(study, data, builtin_plugins()));
}
BENCHMARK(flagship_estimate)->Unit(benchmark::kMillisecond);

void flagship_simulate(benchmark::State& state) {
  const Study study = load_study(kFlagship, builtin_plugins());
  const StudyData data = load_data(study);
  const System system = build_system(study, data, estimate(study, data, builtin_plugins()));
  SimulationSettings settings;
  settings.draws = static_cast<int>(state.range(0));
  settings.threads = 1;
  for (auto _ : state) benchmark::DoNotOptimize(simulate_scenarios(study, data, system, settings));
}
BENCHMARK(flagship_simulate)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

void flagship_quantiles(benchmark::State& state) {
  const Study study = load_study(kFlagship, builtin_plugins());
  const StudyData data = load_data(study);
  const System system = build_system(study, data, estimate(study, data, builtin_plugins()));
  SimulationSettings settings;
  settings.threads = 1;
  const Ensemble ensemble = simulate_scenarios(study, data, system, settings);
  for (auto _ : state) benchmark::DoNotOptimize(project(ensemble, 1));
}
BENCHMARK(flagship_quantiles)->Unit(benchmark::kMillisecond);

// Six equations in a chain, each with an intervention, in four scenarios.
std::string six_equations(const std::string& folder) {
  constexpr int kSeries = 6, kMonths = 120;
  std::filesystem::create_directories(folder);
  std::vector<double> e(kSeries * kMonths);
  fill_normals({11, Purpose::simulation, 0}, 0, e);
  std::string data = "date";
  for (int j = 0; j < kSeries; ++j) data += fmt::format(",y{}", j);
  data += "\n";
  std::vector<double> y(kSeries, 0), before;
  for (int t = 0; t < kMonths; ++t) {
    before = y;
    data += fmt::format("{}-{:02}", 2010 + t / 12, 1 + t % 12);
    for (int j = 0; j < kSeries; ++j) {
      const auto i = static_cast<std::size_t>(j);
      const double other = j == 0 ? 0 : before[i - 1];
      y[i] = 0.6 * before[i] + 0.2 * other + 0.1 * e[static_cast<std::size_t>(kSeries * t + j)];
      data += fmt::format(",{:.6f}", std::exp(4 + y[i] - (t >= 80 ? 0.5 : 0)));
    }
    data += "\n";
  }
  write_file(folder + "/data.csv", data);
  std::string config =
      "[run]\ntitle = \"six\"\nfrequency = \"monthly\"\nhorizon = 36\n[events.closure]\nstart = "
      "\"2016-09-01\"\nend = \"open\"\n";
  for (int j = 0; j < kSeries; ++j) {
    config += fmt::format(
        "[data.y{0}]\nfile = \"data.csv\"\ncolumn = \"y{0}\"\n[models.y{0}]\nplugin = "
        "\"arima\"\ntarget = \"log(y{0})\"\norder = [1, 0, 0]\ninterventions = [{{ event = "
        "\"closure\" }}]\n",
        j);
    if (j > 0) config += fmt::format("regressors = [\"log(y{})\"]\n", j - 1);
  }
  config +=
      "[scenarios.stay]\n[scenarios.open]\nchanges = [{ end_event = \"closure\", at = \"2020-06\" "
      "}]\n[scenarios.slow]\nchanges = [{ end_event = \"closure\", at = \"2020-06\", over = 12 "
      "}]\n[scenarios.lift]\nchanges = [{ add_factor = \"y0\", value = 0.1 }]\n";
  write_file(folder + "/six.toml", config);
  return folder + "/six.toml";
}

// 10,000 joint draws of six equations over 36 months in four scenarios, parameters drawn.
void six_equations_four_scenarios(benchmark::State& state) {
  const Study study = load_study(six_equations("build/bench-six"), builtin_plugins());
  const StudyData data = load_data(study);
  const System system = build_system(study, data, estimate(study, data, builtin_plugins()));
  SimulationSettings settings;
  settings.threads = static_cast<int>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(simulate_scenarios(study, data, system, settings));
}
BENCHMARK(six_equations_four_scenarios)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void flagship_whole_run(benchmark::State& state) {
  PipelineSettings settings;
  settings.threads = 1;
  settings.quiet = true;
  for (auto _ : state) {
    const RunResults run = run_study(kFlagship, settings);
    RunFolder folder("build/bench-run", true);
    write_run(run, folder);
    folder.finish();
  }
}
BENCHMARK(flagship_whole_run)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace

}  // namespace amnok
