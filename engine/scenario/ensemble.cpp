#include "engine/scenario/ensemble.h"

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <thread>

#include "engine/base/check.h"
#include "engine/scenario/scenario_resolver.h"

namespace amnok {

namespace {

constexpr int kBlock = 500;  // draws simulated together: their rows stay in cache
constexpr std::array<double, 11> kLevels = {0.025, 0.05, 0.1, 0.2,  0.35, 0.5,
                                            0.65,  0.8,  0.9, 0.95, 0.975};

std::size_t thread_count(int wanted) {
  return wanted > 0 ? static_cast<std::size_t>(wanted)
                    : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

// Puts the order statistics of all `ranks` (ascending) in their places.
void select(std::vector<double>& values, std::span<const std::size_t> ranks, std::size_t begin,
            std::size_t end) {
  if (ranks.empty() || end - begin < 2) return;
  const std::size_t middle = ranks.size() / 2, rank = ranks[middle];
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  std::nth_element(at(begin), at(rank), at(end));
  select(values, ranks.first(middle), begin, rank);
  select(values, ranks.subspan(middle + 1), rank + 1, end);
}

}  // namespace

std::span<const double> quantile_levels() {
  return kLevels;
}

double Distribution::quantile(double level) const {
  const auto at = std::find(kLevels.begin(), kLevels.end(), level);
  AMNOK_CHECK(at != kLevels.end(), "quantile {} is not reported", level);
  return quantiles[static_cast<std::size_t>(at - kLevels.begin())];
}

Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws) {
  Distribution result;
  const auto n = static_cast<std::size_t>(draws.size());
  result.quantiles.assign(kLevels.size(), kMissing);
  result.quantile_errors = result.quantiles;
  if (n == 0) return result;
  if (!draws.allFinite()) {
    result.undefined = 1 - draws.array().isFinite().cast<double>().mean();
    return result;
  }
  std::vector<double> values(draws.begin(), draws.end());
  double sum = 0;
  for (double v : values) sum += v;
  result.mean = sum / static_cast<double>(n);
  double squares = 0;
  for (double v : values) squares += (v - result.mean) * (v - result.mean);
  result.sd = n > 1 ? std::sqrt(squares / static_cast<double>(n - 1)) : 0;
  result.mean_error = result.sd / std::sqrt(static_cast<double>(n));

  const double last = static_cast<double>(n - 1);
  const auto clamp_rank = [&](double rank) {
    return static_cast<std::size_t>(std::clamp(rank, 0.0, last));
  };
  std::vector<std::size_t> ranks;
  for (double p : kLevels) {
    const double spread = std::sqrt(static_cast<double>(n) * p * (1 - p));
    for (double rank : {p * last, p * last + 1, p * last - spread, p * last + spread}) {
      ranks.push_back(clamp_rank(std::floor(rank)));
    }
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  select(values, ranks, 0, n);
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const double p = kLevels[i], rank = p * last;
    const double low = values[clamp_rank(std::floor(rank))];
    const double high = values[clamp_rank(std::floor(rank) + 1)];
    result.quantiles[i] = low + (rank - std::floor(rank)) * (high - low);
    const double spread = std::sqrt(static_cast<double>(n) * p * (1 - p));
    result.quantile_errors[i] = 0.5 * (values[clamp_rank(std::floor(rank + spread))] -
                                       values[clamp_rank(std::floor(rank - spread))]);
  }
  return result;
}

const DrawMatrix& Ensemble::at(std::string_view scenario, std::string_view variable) const {
  const auto s = std::find(scenarios.begin(), scenarios.end(), scenario) - scenarios.begin();
  const auto v = std::find(variables.begin(), variables.end(), variable) - variables.begin();
  AMNOK_CHECK(s < std::ssize(scenarios) && v < std::ssize(variables), "{} {}", scenario, variable);
  return paths[static_cast<std::size_t>(s)][static_cast<std::size_t>(v)];
}

Ensemble simulate_scenarios(const Study& study, const StudyData& data, const System& system,
                            const SimulationSettings& settings) {
  Ensemble ensemble;
  ensemble.variables = system.variables();
  ensemble.horizon = system.horizon();
  ensemble.draws = settings.draws;
  std::vector<SystemInputs> inputs;
  ProblemList problems;
  for (const ScenarioSpec& scenario : study.scenarios) {
    const auto& only = settings.scenarios;
    if (!only.empty() && std::find(only.begin(), only.end(), scenario.name) == only.end()) continue;
    ensemble.scenarios.push_back(scenario.name);
    try {
      inputs.push_back(resolve_scenario(scenario, study, data, system.equations()));
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  }
  problems.throw_if_errors();
  ensemble.paths.resize(inputs.size());
  for (auto& scenario : ensemble.paths) {
    scenario.assign(ensemble.variables.size(), DrawMatrix(ensemble.horizon.count, settings.draws));
  }
  const int blocks = (settings.draws + kBlock - 1) / kBlock;
  std::atomic<int> done = 0;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(settings.threads));
  tbb::parallel_for(0, blocks, [&](int block) {
    const int first = block * kBlock, count = std::min(kBlock, settings.draws - first);
    const SystemDraws draws = system.draw(settings.seed, first, count);
    for (std::size_t s = 0; s < inputs.size(); ++s) {
      const std::vector<DrawMatrix> paths = system.simulate(draws, inputs[s]);
      for (std::size_t v = 0; v < paths.size(); ++v) {
        ensemble.paths[s][v].middleCols(first, count) = paths[v];
      }
    }
    const int finished = ++done;
    if (settings.progress) settings.progress(static_cast<double>(finished) / blocks);
  });
  return ensemble;
}

std::vector<UndefinedProjection> undefined_projections(const std::vector<Projection>& projections,
                                                       const PeriodRange& horizon) {
  std::vector<UndefinedProjection> result;
  for (const Projection& projection : projections) {
    UndefinedProjection undefined{projection.scenario, projection.variable, {}, 0, 0};
    for (std::size_t h = 0; h < projection.periods.size(); ++h) {
      const double share = projection.periods[h].undefined;
      if (share == 0) continue;
      if (undefined.periods++ == 0) undefined.first = horizon[static_cast<std::int64_t>(h)];
      undefined.share = std::max(undefined.share, share);
    }
    if (undefined.periods > 0) result.push_back(undefined);
  }
  return result;
}

std::vector<Projection> project(const Ensemble& ensemble, int threads) {
  std::vector<Projection> projections;
  const auto horizon = static_cast<std::size_t>(ensemble.horizon.count);
  for (const std::string& scenario : ensemble.scenarios) {
    for (const std::string& variable : ensemble.variables) {
      projections.push_back({scenario, variable, std::vector<Distribution>(horizon)});
    }
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(threads));
  tbb::parallel_for(std::size_t{0}, projections.size() * horizon, [&](std::size_t cell) {
    const std::size_t p = cell / horizon, h = cell % horizon;
    const std::size_t variables = ensemble.variables.size();
    projections[p].periods[h] =
        summarise(ensemble.paths[p / variables][p % variables].row(static_cast<Eigen::Index>(h)));
  });
  return projections;
}

}  // namespace amnok
