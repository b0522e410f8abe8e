#include "engine/scenario/distribution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/base/check.h"
#include "engine/stats/sample_summary.h"

namespace amnok {

namespace {

constexpr std::array<double, 11> kLevels = {0.025, 0.05, 0.1, 0.2,  0.35, 0.5,
                                            0.65,  0.8,  0.9, 0.95, 0.975};

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
  const std::span<const double> values(draws.data(), n);
  const SampleMoments moments = sample_moments(values);
  if (!moments.finite) {
    result.undefined = 1 - draws.array().isFinite().cast<double>().mean();
    return result;
  }
  result.mean = moments.mean;
  result.sd = moments.sd;
  result.mean_error = result.sd / std::sqrt(static_cast<double>(n));

  // Of each level: the draws below and above, and one binomial standard deviation to either side.
  const double last = static_cast<double>(n - 1);
  std::vector<std::size_t> ranks;
  const auto ask = [&](double rank) {
    ranks.push_back(static_cast<std::size_t>(std::clamp(std::floor(rank), 0.0, last)));
  };
  for (double p : kLevels) {
    const double spread = std::sqrt(static_cast<double>(n) * p * (1 - p));
    for (double rank : {p * last, p * last + 1, p * last - spread, p * last + spread}) ask(rank);
  }
  const std::vector<double> found = order_statistics(values, moments.low, moments.high, ranks);
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const double rank = kLevels[i] * last, below = found[4 * i], above = found[4 * i + 1];
    result.quantiles[i] = below + (rank - std::floor(rank)) * (above - below);
    result.quantile_errors[i] = 0.5 * (found[4 * i + 3] - found[4 * i + 2]);
  }
  return result;
}

namespace {

// Quantiles of weighted draws, without a sort of everything: as order_statistics, by buckets of equal
// width whose weights are summed up, and of which only those that are asked for are sorted.
class WeightedQuantiles {
 public:
  WeightedQuantiles(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    std::size_t count = 0;
    for (Eigen::Index r = 0; r < draws.size(); ++r) {
      if (!(weights(r) > 0)) continue;
      low = std::min(low, draws(r));
      high = std::max(high, draws(r));
      ++count;
    }
    const std::size_t buckets = low < high ? std::max<std::size_t>(count / 8, 1) : 1;
    const double wide = static_cast<double>(buckets) / (0.5 * high - 0.5 * low);
    const double scale = low < high && std::isfinite(wide) ? wide : 0;
    std::vector<std::uint32_t> bucket(static_cast<std::size_t>(draws.size()));
    begin_.assign(buckets + 1, 0);
    before_.assign(buckets + 1, 0);
    for (Eigen::Index r = 0; r < draws.size(); ++r) {
      if (!(weights(r) > 0)) continue;
      const double place = (0.5 * draws(r) - 0.5 * low) * scale;
      const auto b =
          std::min(static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(buckets - 1));
      bucket[static_cast<std::size_t>(r)] = b;
      ++begin_[b + 1];
      before_[b + 1] += weights(r);
    }
    for (std::size_t b = 0; b < buckets; ++b) {
      begin_[b + 1] += begin_[b];
      before_[b + 1] += before_[b];
    }
    grouped_.resize(count);
    std::vector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
    for (Eigen::Index r = 0; r < draws.size(); ++r) {
      if (weights(r) > 0) {
        grouped_[next[bucket[static_cast<std::size_t>(r)]]++] = {draws(r), weights(r)};
      }
    }
    sorted_.assign(buckets, false);
    sort(0);
    sort(buckets - 1);
    first_ = grouped_.front().weight / 2;
    last_ = before_.back() - grouped_.back().weight / 2;
  }

  double at(double p) {
    const double place = first_ + p * (last_ - first_);
    if (!(place > first_)) return grouped_.front().value;
    if (place >= last_) return grouped_.back().value;
    const auto after = std::upper_bound(before_.begin(), before_.end(), place);
    auto b = static_cast<std::size_t>(after - before_.begin()) - 1;
    b = std::min(b, sorted_.size() - 1);
    sort(b);
    // The last draw whose middle is not beyond the place, in this bucket or in one before it.
    double sum = before_[b];
    std::size_t i = begin_[b];
    double middle = 0;
    Draw below{};
    bool found = false;
    for (; i < begin_[b + 1]; ++i) {
      const double here = sum + grouped_[i].weight / 2;
      if (here > place) break;
      below = grouped_[i];
      middle = here;
      found = true;
      sum += grouped_[i].weight;
    }
    if (!found) {  // all middles of the bucket lie beyond: the draw before it
      const std::size_t previous = bucket_of(begin_[b] - 1);
      sort(previous);
      below = grouped_[begin_[b] - 1];
      middle = before_[b] - below.weight / 2;
      i = begin_[b];
    }
    if (i >= begin_[b + 1]) sort(bucket_of(i));
    const Draw above = grouped_[i];
    const double next = (found ? sum : before_[b]) + above.weight / 2;
    return below.value + (place - middle) / (next - middle) * (above.value - below.value);
  }

 private:
  struct Draw {
    double value, weight;
  };

  std::size_t bucket_of(std::size_t rank) const {
    const auto after = std::upper_bound(begin_.begin(), begin_.end(), rank);
    return static_cast<std::size_t>(after - begin_.begin()) - 1;
  }

  void sort(std::size_t b) {
    if (sorted_[b]) return;
    std::sort(grouped_.begin() + begin_[b], grouped_.begin() + begin_[b + 1],
              [](const Draw& x, const Draw& y) {
                return x.value != y.value ? x.value < y.value : x.weight < y.weight;
              });
    sorted_[b] = true;
  }

  std::vector<Draw> grouped_;
  std::vector<std::uint32_t> begin_;  // of each bucket in grouped_
  std::vector<double> before_;        // weight before each bucket
  std::vector<bool> sorted_;
  double first_ = 0, last_ = 0;  // middles of the least and the largest draw
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
  WeightedQuantiles quantiles(draws, weights);
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    const double p = kLevels[i], spread = std::sqrt(p * (1 - p) / effective);
    result.quantiles[i] = quantiles.at(p);
    result.quantile_errors[i] = 0.5 * (quantiles.at(p + spread) - quantiles.at(p - spread));
  }
  return result;
}

namespace {

struct Batch {
  Eigen::RowVectorXd draws;
  VectorXd weights;  // empty: all alike
};

std::vector<Batch> batches_of(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                              const DrawScheme& scheme) {
  std::vector<std::vector<Eigen::Index>> members(kSamplingBatches);
  for (Eigen::Index i = 0; i < draws.size(); ++i) {
    if (weights.size() > 0 && !(weights(i) > 0)) continue;
    members[static_cast<std::size_t>(sampling_batch(scheme.sampling, i % scheme.draws))].push_back(
        i);
  }
  std::vector<Batch> batches;
  for (const auto& list : members) {
    if (list.empty()) continue;
    Batch batch{draws(list), {}};
    if (weights.size() > 0) batch.weights = weights(list) / weights(list).sum();
    batches.push_back(std::move(batch));
  }
  return batches;
}

double error_between(const std::vector<double>& by_batch) {
  const Eigen::Map<const VectorXd> x(by_batch.data(), std::ssize(by_batch));
  if (x.size() < 2) return kMissing;
  const auto n = static_cast<double>(x.size());
  return std::sqrt((x.array() - x.mean()).square().sum() / (n - 1) / n);
}

}  // namespace

Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                       const DrawScheme& scheme) {
  Distribution result = summarise(draws, weights, static_cast<double>(scheme.draws));
  if (scheme.sampling == Sampling::independent || result.undefined > 0) return result;
  std::vector<Distribution> parts;
  for (const Batch& batch : batches_of(draws, weights, scheme)) {
    parts.push_back(summarise(batch.draws, batch.weights));
  }
  std::vector<double> values(parts.size());
  const auto error = [&](const auto& statistic) {
    std::transform(parts.begin(), parts.end(), values.begin(), statistic);
    return error_between(values);
  };
  result.mean_error = error([](const Distribution& d) { return d.mean; });
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    result.quantile_errors[i] = error([i](const Distribution& d) { return d.quantiles[i]; });
  }
  return result;
}

double error_of_mean(Eigen::Ref<const Eigen::RowVectorXd> draws, const VectorXd& weights,
                     const DrawScheme& scheme) {
  if (scheme.sampling == Sampling::independent) {
    const double mean = weights.size() == 0 ? draws.mean() : draws.dot(weights);
    const Eigen::RowVectorXd squares = (draws.array() - mean).square();
    const double variance = weights.size() == 0 ? squares.mean() : squares.dot(weights);
    return std::sqrt(variance / (weights.size() == 0 ? static_cast<double>(draws.size())
                                                     : effective_draws(weights)));
  }
  std::vector<double> means;
  for (const Batch& batch : batches_of(draws, weights, scheme)) {
    means.push_back(batch.weights.size() == 0 ? batch.draws.mean()
                                              : batch.draws.dot(batch.weights));
  }
  return error_between(means);
}

}  // namespace amnok
