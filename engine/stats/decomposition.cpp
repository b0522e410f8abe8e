#include "engine/stats/decomposition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"

namespace amnok {

namespace {

void check(const VectorView& y, int period) {
  if (period < 2) throw InputError(fmt::format("the period is {}, but must be at least 2", period));
  const auto present = std::count_if(y.begin(), y.end(), [](double v) { return !std::isnan(v); });
  if (present < 2 * period) {
    throw InputError(
        fmt::format("the series has {} observations, but must have at least {} (two periods of {})",
                    present, 2 * period, period));
  }
}

VectorXd without(const VectorView& y, const VectorXd& component, Seasonality seasonality) {
  if (seasonality == Seasonality::additive) return y - component;
  return y.cwiseQuotient(component);
}

// The mean of each season's values that are there.
VectorXd season_means(const VectorXd& values, int period) {
  VectorXd means(period);
  for (int season = 0; season < period; ++season) {
    double sum = 0;
    int count = 0;
    for (Eigen::Index t = season; t < values.size(); t += period) {
      if (std::isnan(values(t))) continue;
      sum += values(t);
      ++count;
    }
    if (count == 0) {
      throw InputError(fmt::format(
          "season {} of {} has 0 observations next to a full period, but must have at least 1",
          season + 1, period));
    }
    means(season) = sum / count;
  }
  return means;
}

}  // namespace

VectorXd centred_moving_average(const VectorView& y, int period) {
  const Eigen::Index n = y.size(), half = period / 2;
  VectorXd trend = VectorXd::Constant(n, kMissing);
  for (Eigen::Index t = half; t + half < n; ++t) {
    double sum = y.segment(t - half, 2 * half + 1).sum();
    if (period % 2 == 0) sum -= 0.5 * (y(t - half) + y(t + half));
    trend(t) = sum / period;
  }
  return trend;
}

Decomposition classical_decomposition(const VectorView& y, int period, Seasonality seasonality) {
  check(y, period);
  const bool additive = seasonality == Seasonality::additive;
  Decomposition result;
  result.trend = centred_moving_average(y, period);
  if (!additive && (result.trend.array() == 0).any()) {
    throw InputError("the trend is 0, but must not be 0 in a multiplicative decomposition");
  }
  const VectorXd rest = without(y, result.trend, seasonality);
  result.indices = season_means(rest, period);
  const double mean = result.indices.mean();
  if (additive) {
    result.indices.array() -= mean;
  } else {
    result.indices /= mean;
  }
  result.seasonal.resize(y.size());
  for (Eigen::Index t = 0; t < y.size(); ++t) result.seasonal(t) = result.indices(t % period);
  result.remainder = without(rest, result.seasonal, seasonality);
  return result;
}

}  // namespace amnok
