// Regressions with robust errors, partition search, tests of a break.
#include <benchmark/benchmark.h>

#include <cmath>

#include "benchmarks/inputs.h"
#include "engine/solver/covariance.h"
#include "engine/solver/partition_search.h"
#include "engine/stats/hac.h"
#include "models/structural_break/break_bootstrap.h"

namespace amnok {

namespace {

void ols_newey_west(benchmark::State& state) {
  const RegressionInput input =
      regression_input(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const int lags = 12;
  double answer = 0;
  for (auto _ : state) {
    const LinearFit fit = solve(LinearLeastSquares{input.x, input.y});
    const MatrixXd v = sandwich(fit.xtx_inverse, newey_west(input.x, fit.residuals, lags));
    answer = std::sqrt(v(1, 1));
  }
  state.counters["answer"] = answer;
}
BENCHMARK(ols_newey_west)->Args({300, 8})->Args({100000, 20})->Unit(benchmark::kMicrosecond);

void bai_perron(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  const RegressionInput input = break_input(n);
  const PartitionSearch problem{input.x, input.y, static_cast<int>(0.15 * n), 5};
  double answer = 0;
  for (auto _ : state) answer = solve(problem).best[2].rss;
  state.counters["answer"] = answer;
}
BENCHMARK(bai_perron)->Arg(200)->Arg(500)->Arg(1000)->Unit(benchmark::kMicrosecond);

void bootstrap_sup_f(benchmark::State& state) {
  const RegressionInput input = break_input(static_cast<int>(state.range(0)));
  const int n = static_cast<int>(input.y.size()), first = static_cast<int>(0.15 * n);
  const BreakBootstrapOptions options = {Bootstrap::rademacher, 999, 1, 2};
  double answer = 0;
  for (auto _ : state) {
    answer = bootstrap_f_tests(input.x, input.y, first, n - first, options).sup_p;
  }
  state.counters["answer"] = answer;
}
BENCHMARK(bootstrap_sup_f)->Arg(300)->Unit(benchmark::kMicrosecond)->UseRealTime();

void f_path_hac(benchmark::State& state) {
  const RegressionInput input = break_input(static_cast<int>(state.range(0)));
  const int n = static_cast<int>(input.y.size()), first = static_cast<int>(0.15 * n);
  double answer = 0;
  for (auto _ : state) {
    answer = f_path(input.x, input.y, {first, n - first, Errors::hac, true}).sup;
  }
  state.counters["answer"] = answer;
}
BENCHMARK(f_path_hac)->Arg(300)->Arg(1200)->Unit(benchmark::kMicrosecond);

}  // namespace

}  // namespace amnok
