#include "engine/stats/sample_summary.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/base/wide.h"

namespace amnok {

namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kValuesPerBucket = 2;

struct Range {
  double sum = 0, low = 0, high = 0;
  double nothing = 0;  // NaN where a value is not finite
};

AMNOK_WIDE Range range_of(const double* x, std::size_t n) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double sum[kLanes] = {}, low[kLanes], high[kLanes], nothing[kLanes] = {};
  std::fill(low, low + kLanes, kInfinity);
  std::fill(high, high + kLanes, -kInfinity);
  const auto take = [&](std::size_t j, double value) {
    sum[j] += value;
    nothing[j] += value - value;
    low[j] = value < low[j] ? value : low[j];
    high[j] = value > high[j] ? value : high[j];
  };
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) take(j, x[i + j]);
  }
  for (std::size_t j = 0; i < n; ++i, ++j) take(j, x[i]);
  Range all{0, low[0], high[0], 0};
  for (std::size_t j = 0; j < kLanes; ++j) {
    all.sum += sum[j];
    all.nothing += nothing[j];
    all.low = std::min(all.low, low[j]);
    all.high = std::max(all.high, high[j]);
  }
  return all;
}

AMNOK_WIDE double squares_about(const double* x, std::size_t n, double mean) {
  double sum[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) sum[j] += (x[i + j] - mean) * (x[i + j] - mean);
  }
  for (std::size_t j = 0; i < n; ++i, ++j) sum[j] += (x[i] - mean) * (x[i] - mean);
  double all = 0;
  for (double s : sum) all += s;
  return all;
}

AMNOK_WIDE void find_buckets(const double* x, std::size_t n, double low, double scale,
                             std::int32_t last, std::int32_t* bucket) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto b = static_cast<std::int32_t>((0.5 * x[i] - 0.5 * low) * scale);
    bucket[i] = b < last ? b : last;
  }
}

}  // namespace

SampleMoments sample_moments(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const Range range = range_of(values.data(), values.size());
  SampleMoments result;
  result.finite = range.nothing == 0;
  if (!result.finite || values.empty()) return result;
  result.mean = range.sum / n;
  result.low = range.low;
  result.high = range.high;
  const double squares = squares_about(values.data(), values.size(), result.mean);
  result.sd = n > 1 ? std::sqrt(squares / (n - 1)) : 0;
  return result;
}

std::vector<double> order_statistics(std::span<const double> values, double low, double high,
                                     std::span<const std::size_t> ranks) {
  if (low == high) return std::vector<double>(ranks.size(), low);
  const std::size_t n = values.size(), buckets = std::max<std::size_t>(n / kValuesPerBucket, 1);
  // Halves, so that no range overflows; one bucket when the range is next to nothing.
  const double wide = static_cast<double>(buckets) / (0.5 * high - 0.5 * low);
  std::vector<std::int32_t> bucket(n);
  find_buckets(values.data(), n, low, std::isfinite(wide) ? wide : 0,
               static_cast<std::int32_t>(buckets - 1), bucket.data());
  std::vector<std::uint32_t> end(buckets);  // how many values there are up to a bucket's last
  for (std::int32_t b : bucket) ++end[static_cast<std::size_t>(b)];
  for (std::size_t b = 1; b < buckets; ++b) end[b] += end[b - 1];

  // The values of the buckets that hold a rank, one bucket after the other in `kept`.
  const auto bucket_of = [&](std::size_t rank) {
    return static_cast<std::size_t>(std::upper_bound(end.begin(), end.end(), rank) - end.begin());
  };
  std::vector<std::size_t> wanted(ranks.size());
  std::transform(ranks.begin(), ranks.end(), wanted.begin(), bucket_of);
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<std::int32_t> next(buckets, -1);  // where its next value goes; -1: nowhere
  std::vector<std::size_t> first;
  std::size_t size = 0;
  const auto before = [&](std::size_t b) { return b == 0 ? 0 : end[b - 1]; };
  for (std::size_t b : wanted) {
    first.push_back(size);
    next[b] = static_cast<std::int32_t>(size);
    size += end[b] - before(b);
  }
  std::vector<double> kept(size);
  for (std::size_t i = 0; i < n; ++i) {
    std::int32_t& to = next[static_cast<std::size_t>(bucket[i])];
    if (to >= 0) kept[static_cast<std::size_t>(to++)] = values[i];
  }
  first.push_back(size);
  for (std::size_t k = 0; k + 1 < first.size(); ++k) {
    std::sort(kept.begin() + static_cast<std::ptrdiff_t>(first[k]),
              kept.begin() + static_cast<std::ptrdiff_t>(first[k + 1]));
  }
  std::vector<double> result(ranks.size());
  std::transform(ranks.begin(), ranks.end(), result.begin(), [&](std::size_t rank) {
    const std::size_t b = bucket_of(rank);
    const auto k = std::lower_bound(wanted.begin(), wanted.end(), b) - wanted.begin();
    return kept[first[static_cast<std::size_t>(k)] + rank - before(b)];
  });
  return result;
}

}  // namespace amnok
