// Likelihood evaluations, whole fits with standard errors, forecasts. The counter `answer` is what
// a peer must agree with.
#include <benchmark/benchmark.h>

#include "benchmarks/inputs.h"
#include "engine/model/model.h"
#include "models/arima/arima.h"

namespace amnok {

namespace {

void run_fit(benchmark::State& state, const ArimaOrder& order, const Sample& sample) {
  ArimaSpec spec;
  spec.order = order;
  const auto model = make_arima(spec);
  double answer = 0;
  for (auto _ : state) answer = fit_model(*model, sample).result.log_likelihood;
  state.counters["answer"] = answer;
}

void fit_airline(benchmark::State& state) {
  run_fit(state, {0, 1, 1, 0, 1, 1, 12}, plain_sample(air_passengers(), 12));
}
BENCHMARK(fit_airline)->Unit(benchmark::kMicrosecond);

void fit_arima212(benchmark::State& state) {
  run_fit(state, {2, 1, 2, 0, 0, 0, 1}, plain_sample(arma212_series(), 1));
}
BENCHMARK(fit_arima212)->Unit(benchmark::kMicrosecond);

void fit_sarimax(benchmark::State& state) {
  run_fit(state, {1, 0, 1, 1, 1, 1, 12}, sarimax_sample());
}
BENCHMARK(fit_sarimax)->Unit(benchmark::kMicrosecond);

void likelihood_airline(benchmark::State& state) {
  ArimaData data;
  data.order = {0, 1, 1, 0, 1, 1, 12};
  data.y = air_passengers();
  data.x.resize(data.y.size(), 0);
  const ArimaLikelihood likelihood(data);
  const VectorXd theta = (VectorXd(2) << -0.4018, -0.5569).finished();
  double answer = 0;
  for (auto _ : state) answer = likelihood.evaluate(theta).log_likelihood;
  state.counters["answer"] = answer;
}
BENCHMARK(likelihood_airline)->Unit(benchmark::kMicrosecond);

void likelihood_airline_with_gap(benchmark::State& state) {
  ArimaData data;
  data.order = {0, 1, 1, 0, 1, 1, 12};
  data.y = air_passengers();
  data.y(70) = kMissing;
  data.x.resize(data.y.size(), 0);
  const ArimaLikelihood likelihood(data);
  const VectorXd theta = (VectorXd(2) << -0.4018, -0.5569).finished();
  for (auto _ : state) benchmark::DoNotOptimize(likelihood.evaluate(theta).log_likelihood);
}
BENCHMARK(likelihood_airline_with_gap)->Unit(benchmark::kMicrosecond);

}  // namespace

}  // namespace amnok
