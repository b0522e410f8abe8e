// Critical values of MOSUM monitoring, by simulation of its limit.
//
//   amnok-monitoring-values [PATHS]     PATHS simulated (default 50000)
//
// sup over 1 < t <= T of |B(t) - B(t - h)| / sqrt(log+ t), B(t) = W(t) - t W(1), log+ t = max(1,
// log t) (Leisch, Hornik & Kuan 2000; Zeileis et al. 2005), on a grid of 1000 steps a unit of time.
// The table is that of models/structural_break/monitoring.cpp; the Monte-Carlo error of a quantile
// is printed for the 5 % column of each h (binomial, by order statistics).
#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr int kSteps = 1000;  // a unit of time
constexpr std::array<int, 7> kHorizons = {2, 3, 4, 5, 6, 8, 10};
constexpr std::array<double, 3> kWindows = {0.25, 0.5, 1.0};
constexpr std::array<double, 4> kLevels = {0.10, 0.05, 0.025, 0.01};

using Suprema = std::array<std::array<double, kHorizons.size()>, kWindows.size()>;

Suprema suprema_of_path(std::uint32_t path) {
  constexpr int kLength = kSteps * kHorizons.back();
  std::vector<double> w(kLength + 1, 0.0);
  fill_normals({2000, Purpose::simulation, 81}, path, {w.data() + 1, kLength});
  for (int i = 1; i <= kLength; ++i) {
    w[static_cast<std::size_t>(i)] =
        w[static_cast<std::size_t>(i - 1)] + w[static_cast<std::size_t>(i)] / std::sqrt(kSteps);
  }
  const double at_one = w[kSteps];
  Suprema result{};
  for (std::size_t h = 0; h < kWindows.size(); ++h) {
    const int width = static_cast<int>(kWindows[h] * kSteps);
    double largest = 0;
    std::size_t horizon = 0;
    for (int i = kSteps + 1; i <= kLength; ++i) {
      const double t = static_cast<double>(i) / kSteps;
      const double moved = w[static_cast<std::size_t>(i)] - w[static_cast<std::size_t>(i - width)] -
                           kWindows[h] * at_one;
      largest = std::max(largest, std::fabs(moved) / std::sqrt(std::max(1.0, std::log(t))));
      if (i == kHorizons[horizon] * kSteps) result[h][horizon++] = largest;
    }
  }
  return result;
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  using namespace amnok;
  const std::size_t paths = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 50000;
  std::vector<Suprema> all(paths);
  tbb::parallel_for(std::size_t{0}, paths, [&](std::size_t i) {
    all[i] = suprema_of_path(static_cast<std::uint32_t>(i));
  });
  for (std::size_t h = 0; h < kWindows.size(); ++h) {
    for (std::size_t horizon = 0; horizon < kHorizons.size(); ++horizon) {
      std::vector<double> values(paths);
      for (std::size_t i = 0; i < paths; ++i) values[i] = all[i][h][horizon];
      std::sort(values.begin(), values.end());
      const auto quantile = [&](double p) {
        return values[std::min(paths - 1,
                               static_cast<std::size_t>(p * static_cast<double>(paths)))];
      };
      fmt::print("    {{{}, {},", kWindows[h], kHorizons[horizon]);
      for (double level : kLevels) fmt::print(" {:.4f},", quantile(1 - level));
      const double error = std::sqrt(0.05 * 0.95 / static_cast<double>(paths));
      fmt::print("}},  // 5 %: +- {:.4f}\n", (quantile(0.95 + error) - quantile(0.95 - error)) / 2);
    }
  }
}
