// Instruments, panels with fixed effects, and Poisson regressions.
#include <benchmark/benchmark.h>

#include <cmath>

#include "engine/regression/instrumental_variables.h"
#include "engine/regression/poisson.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

MatrixXd normals(Eigen::Index n, Eigen::Index k, std::uint32_t equation) {
  MatrixXd z(n, k);
  fill_normals({2026, Purpose::simulation, equation}, 0,
               std::span<double>(z.data(), static_cast<std::size_t>(n * k)));
  return z;
}

// Constant and three exogenous regressors, one endogenous, three instruments.
void two_stage(benchmark::State& state) {
  const auto n = static_cast<Eigen::Index>(state.range(0));
  const MatrixXd z = normals(n, 8, 1);
  InstrumentalRegression data;
  data.exogenous = MatrixXd::Ones(n, 4);
  data.exogenous.rightCols(3) = z.leftCols(3);
  data.instruments = z.middleCols(3, 3);
  data.endogenous = data.instruments.rowwise().sum() + z.col(6);
  data.y = data.endogenous + z.col(0) + 0.5 * z.col(6) + z.col(7);
  double answer = 0;
  for (auto _ : state) {
    const InstrumentalProjection projection(data);
    const InstrumentalFit fit = two_stage_least_squares(projection);
    answer = std::sqrt(instrumental_covariance(projection, fit, {})(4, 4));
  }
  state.counters["answer"] = answer;
}
BENCHMARK(two_stage)->Arg(100000)->Unit(benchmark::kMicrosecond);

struct Panel {
  MatrixXd x;
  VectorXd y;
  Effects effects;
};

// `missing`: every 50th row is left out.
Panel panel(int entities, int periods, int k, bool missing) {
  Panel panel;
  for (int i = 0; i < entities; ++i) {
    for (int t = 0; t < periods; ++t) {
      if (missing && (i * 7 + t) % 50 == 0) continue;
      panel.effects.first.code.push_back(i);
      panel.effects.second.code.push_back(t);
    }
  }
  panel.effects.first.count = entities;
  panel.effects.second.count = periods;
  const Eigen::Index n = panel.effects.first.size();
  const MatrixXd z = normals(n, k + 1, 2);
  panel.x = z.leftCols(k);
  panel.y = panel.x.rowwise().sum() + z.col(k);
  for (Eigen::Index t = 0; t < n; ++t) {
    panel.y(t) += 0.01 * panel.effects.first.code[static_cast<std::size_t>(t)];
  }
  return panel;
}

// Two-way effects, errors clustered by entity.
void two_way_effects(benchmark::State& state) {
  const Panel data = panel(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                           static_cast<int>(state.range(2)), state.range(3) != 0);
  double answer = 0;
  for (auto _ : state) {
    const FixedEffectsFit fit = fit_fixed_effects(data.x, data.y, data.effects);
    answer = std::sqrt(
        clustered_fixed_effects(data.x, data.effects, fit, data.effects.first, true)(0, 0));
  }
  state.counters["answer"] = answer;
}
BENCHMARK(two_way_effects)
    ->Args({10000, 100, 3, 0})
    ->Args({10000, 100, 3, 1})
    ->Args({10000, 100, 20, 1})
    ->Unit(benchmark::kMillisecond);

void poisson(benchmark::State& state) {
  const auto n = static_cast<Eigen::Index>(state.range(0));
  const auto k = static_cast<Eigen::Index>(state.range(1));
  MatrixXd x = normals(n, k, 3);
  x.col(0).setOnes();
  VectorXd y = (0.2 * x.rowwise().sum().array() + normals(n, 1, 4).array()).exp();
  for (Eigen::Index t = 0; t < n; t += 4) y(t) = 0;
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
