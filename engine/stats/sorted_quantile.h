// A quantile of sorted values: order statistics interpolated, type 7 of Hyndman & Fan (1996, Am.
// Statist. 50, 361-365).
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace amnok {

// values: ascending, at least one; p in [0, 1].
inline double sorted_quantile(std::span<const double> values, double p) {
  const double rank = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (rank - std::floor(rank)) * (values[above] - values[below]);
}

}  // namespace amnok
