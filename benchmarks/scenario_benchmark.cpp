// The flagship study: estimation, simulation, quantiles, and everything.
#include <benchmark/benchmark.h>

#include "engine/cli/pipeline.h"
#include "engine/report/run_writer.h"
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
