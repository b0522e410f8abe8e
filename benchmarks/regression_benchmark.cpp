// Instruments, panels with fixed effects, and Poisson regressions.
#include <benchmark/benchmark.h>

#include <cmath>

#include "benchmarks/inputs.h"
#include "engine/regression/instrumental_variables.h"
#include "engine/regression/poisson.h"

namespace amnok {

namespace {

void two_stage(benchmark::State& state) {
  const InstrumentInput input = instrument_input(static_cast<int>(state.range(0)));
  const InstrumentalRegression data{input.y, input.exogenous, input.endogenous, input.instruments};
  double answer = 0;
  for (auto _ : state) {
    const InstrumentalProjection projection(data);
    const InstrumentalFit fit = two_stage_least_squares(projection);
    answer = std::sqrt(instrumental_covariance(projection, fit, {})(4, 4));
  }
  state.counters["answer"] = answer;
}
BENCHMARK(two_stage)->Arg(100000)->Unit(benchmark::kMicrosecond);

// Two-way effects, errors clustered by entity.
void two_way_effects(benchmark::State& state) {
  const int entities = static_cast<int>(state.range(0)), periods = static_cast<int>(state.range(1));
  const PanelInput data =
      panel_input(entities, periods, static_cast<int>(state.range(2)), state.range(3) != 0);
  const Effects effects{{data.entity, entities}, {data.period, periods}};
  double answer = 0;
  for (auto _ : state) {
    const FixedEffectsFit fit = fit_fixed_effects(data.x, data.y, effects);
    answer = std::sqrt(clustered_fixed_effects(data.x, effects, fit, effects.first, true)(0, 0));
  }
  state.counters["answer"] = answer;
}
BENCHMARK(two_way_effects)
    ->Args({10000, 100, 3, 0})
    ->Args({10000, 100, 3, 1})
    ->Args({10000, 100, 20, 1})
    ->Unit(benchmark::kMillisecond);

void poisson(benchmark::State& state) {
  const auto [x, y] =
      poisson_input(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  double answer = 0;
  for (auto _ : state) {
    const PoissonFit fit = fit_poisson(x, y);
    answer = std::sqrt(poisson_covariance(fit, ErrorStructure::hc0())(1, 1));
  }
  state.counters["answer"] = answer;
}
BENCHMARK(poisson)->Args({100000, 10})->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace amnok
