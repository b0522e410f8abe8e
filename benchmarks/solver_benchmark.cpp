// Regressions with robust errors and partition search.
#include <benchmark/benchmark.h>

#include <cmath>

#include "benchmarks/inputs.h"
#include "engine/solver/covariance.h"
#include "engine/solver/partition_search.h"
#include "engine/stats/hac.h"

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

}  // namespace

}  // namespace amnok
