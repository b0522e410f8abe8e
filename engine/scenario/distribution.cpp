#include "engine/scenario/distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "engine/base/check.h"

namespace amnok {

namespace {

constexpr std::array<double, 11> kLevels = {0.025, 0.05, 0.1, 0.2,  0.35, 0.5,
                                            0.65,  0.8,  0.9, 0.95, 0.975};

// Order statistics at a few ranks, without a sort of everything: values go into buckets of equal
// width, and only the buckets that hold a rank are sorted. What is returned is exact.
class OrderStatistics {
 public:
  OrderStatistics(std::span<const double> values, double low, double high)
      : count_(values.size()), low_(low), high_(high) {
    if (low == high) return;
    // About eight values a bucket.
    const std::size_t buckets = std::max<std::size_t>(count_ / 8, 1);
    // Halves, so that no range overflows; one bucket when the range is next to nothing.
    const double wide = static_cast<double>(buckets) / (0.5 * high - 0.5 * low);
    const double scale = std::isfinite(wide) ? wide : 0;
    begin_.assign(buckets + 1, 0);
    std::vector<std::uint32_t> bucket(count_);
    for (std::size_t i = 0; i < count_; ++i) {
      const double place = (0.5 * values[i] - 0.5 * low) * scale;
      bucket[i] =
          std::min(static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(buckets - 1));
      ++begin_[bucket[i] + 1];
    }
    for (std::size_t b = 0; b < buckets; ++b) begin_[b + 1] += begin_[b];
    grouped_.resize(count_);
    std::vector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
    for (std::size_t i = 0; i < count_; ++i) grouped_[next[bucket[i]]++] = values[i];
    sorted_.assign(buckets, false);
  }

  double at(std::size_t rank) {
    if (low_ == high_) return low_;
    const auto after = std::upper_bound(begin_.begin(), begin_.end(), rank);
    const auto b = static_cast<std::size_t>(after - begin_.begin()) - 1;
    if (!sorted_[b]) {
      std::sort(grouped_.begin() + begin_[b], grouped_.begin() + begin_[b + 1]);
      sorted_[b] = true;
    }
    return grouped_[rank];
  }

 private:
  std::size_t count_;
  double low_, high_;
  std::vector<std::uint32_t> begin_;  // of each bucket in grouped_
  std::vector<double> grouped_;
  std::vector<bool> sorted_;
};

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
  double sum = 0;
  for (double v : draws) sum += v;
  result.mean = sum / static_cast<double>(n);
  double squares = 0;
  for (double v : draws) squares += (v - result.mean) * (v - result.mean);
  result.sd = n > 1 ? std::sqrt(squares / static_cast<double>(n - 1)) : 0;
  result.mean_error = result.sd / std::sqrt(static_cast<double>(n));

  OrderStatistics order({draws.data(), n}, draws.minCoeff(), draws.maxCoeff());
  const double last = static_cast<double>(n - 1);
  const auto ranked = [&](double rank) {
    return order.at(static_cast<std::size_t>(std::clamp(std::floor(rank), 0.0, last)));
  };
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const double p = kLevels[i], rank = p * last;
    const double below = ranked(rank), above = ranked(rank + 1);
    result.quantiles[i] = below + (rank - std::floor(rank)) * (above - below);
    const double spread = std::sqrt(static_cast<double>(n) * p * (1 - p));
    result.quantile_errors[i] = 0.5 * (ranked(rank + spread) - ranked(rank - spread));
  }
  return result;
}

namespace {

// Quantiles of weighted draws.
class WeightedQuantiles {
 public:
  WeightedQuantiles(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights) {
    std::vector<Eigen::Index> order;
    for (Eigen::Index r = 0; r < draws.size(); ++r) {
      if (weights(r) > 0) order.push_back(r);
    }
    std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
      return draws(a) != draws(b) ? draws(a) < draws(b) : a < b;
    });
    double before = 0;
    for (Eigen::Index r : order) {
      values_.push_back(draws(r));
      places_.push_back(before + weights(r) / 2);
      before += weights(r);
    }
    const double first = places_.front(), span = places_.back() - first;
    for (double& place : places_) place = span > 0 ? (place - first) / span : 0;
  }

  double at(double p) const {
    if (p <= places_.front()) return values_.front();
    if (p >= places_.back()) return values_.back();
    const auto above = std::upper_bound(places_.begin(), places_.end(), p) - places_.begin();
    const auto i = static_cast<std::size_t>(above);
    const double share = (p - places_[i - 1]) / (places_[i] - places_[i - 1]);
    return values_[i - 1] + share * (values_[i] - values_[i - 1]);
  }

 private:
  std::vector<double> values_, places_;
};

}  // namespace

double effective_draws(const VectorXd& weights) {
  return weights.sum() * weights.sum() / weights.squaredNorm();
}

Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                       double most) {
  if (weights.size() == 0) return summarise(draws);
  Distribution result;
  result.quantiles.assign(kLevels.size(), kMissing);
  result.quantile_errors = result.quantiles;
  for (Eigen::Index r = 0; r < draws.size(); ++r) {
    if (weights(r) > 0 && !std::isfinite(draws(r))) result.undefined += weights(r);
  }
  if (draws.size() == 0 || result.undefined > 0) return result;
  const double effective = std::min(effective_draws(weights), most);
  result.mean = 0;
  for (Eigen::Index r = 0; r < draws.size(); ++r) {
    if (weights(r) > 0) result.mean += weights(r) * draws(r);
  }
  double squares = 0;
  for (Eigen::Index r = 0; r < draws.size(); ++r) {
    if (weights(r) > 0) squares += weights(r) * (draws(r) - result.mean) * (draws(r) - result.mean);
  }
  result.sd = effective > 1 ? std::sqrt(squares * effective / (effective - 1)) : 0;
  result.mean_error = result.sd / std::sqrt(effective);
  const WeightedQuantiles quantiles(draws, weights);
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const double p = kLevels[i], spread = std::sqrt(p * (1 - p) / effective);
    result.quantiles[i] = quantiles.at(p);
    result.quantile_errors[i] = 0.5 * (quantiles.at(p + spread) - quantiles.at(p - spread));
  }
  return result;
}

}  // namespace amnok
