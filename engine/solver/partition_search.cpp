#include "engine/solver/partition_search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/base/check.h"
#include "engine/base/wide.h"
#include "engine/solver/segment_sweep.h"

namespace amnok {

namespace {

// Calls use(start, rss of start .. t for all t) for the starts in order.
template <class Use>
void for_each_start(const SegmentSweep& sweep, const std::vector<int>& starts, const Use& use) {
  const auto n = static_cast<std::size_t>(sweep.size());
  std::vector<double> rss(n * SegmentSweep::kLanes);
  for (std::size_t i = 0; i < starts.size(); i += SegmentSweep::kLanes) {
    const std::size_t end = std::min(starts.size(), i + SegmentSweep::kLanes);
    const std::vector<int> block(starts.begin() + static_cast<std::ptrdiff_t>(i),
                                 starts.begin() + static_cast<std::ptrdiff_t>(end));
    sweep.run(block, rss.data());
    for (std::size_t lane = 0; lane < block.size(); ++lane) {
      use(block[lane], rss.data() + lane * n);
    }
  }
}

// The best costs so far of partitions with one number of breaks: of observations 0 .. j, and the
// last observation before their last break. 64 bits beside 64 bits keep the lanes of a vector equal.
struct Stage {
  std::vector<double> cost;
  std::vector<std::int64_t> from;
};

// cost[j] = min(cost[j], before + rss[j]) for j in [begin, end); earlier breaks win ties.
AMNOK_WIDE void relax(double* cost, std::int64_t* from, const double* rss, double before,
                      std::int64_t last, int begin, int end) {
  for (int j = begin; j < end; ++j) {
    const double value = before + rss[j];
    const bool better = value < cost[j];
    cost[j] = better ? value : cost[j];
    from[j] = better ? last : from[j];
  }
}

// Segments that begin at `start` extend the best partitions that end before it.
void extend(std::vector<Stage>& stages, int start, const double* rss, int n, int h) {
  const auto before = static_cast<std::size_t>(start - 1);
  // What follows needs h observations more; the rest of the sample is the final segment.
  const int begin = start + h - 1, end = std::max(n - h, begin);
  for (std::size_t m = 1; m < stages.size(); ++m) {
    const double cost = stages[m - 1].cost[before];
    if (!(cost < INFINITY)) break;
    double* to = stages[m].cost.data();
    std::int64_t* from = stages[m].from.data();
    relax(to, from, rss, cost, start - 1, begin, end);
    if (n - 1 >= end) relax(to, from, rss, cost, start - 1, n - 1, n);
  }
}

Partition trace(const std::vector<Stage>& stages, std::size_t m, int n) {
  Partition partition;
  auto j = static_cast<std::size_t>(n - 1);
  partition.rss = stages[m].cost[j];
  for (std::size_t k = m; k >= 1; --k) {
    j = static_cast<std::size_t>(stages[k].from[j]);
    partition.last.push_back(static_cast<int>(j));
  }
  std::reverse(partition.last.begin(), partition.last.end());
  return partition;
}

}  // namespace

SegmentTable::SegmentTable(const MatrixView& x, const VectorView& y, int min_segment)
    : n_(static_cast<int>(y.size())), rss_(offset(n_ > 0 ? n_ - 1 : 0) + 1, 0.0) {
  std::vector<int> starts;
  for (int first = 0; first + min_segment <= n_; ++first) starts.push_back(first);
  for_each_start(SegmentSweep(x, y), starts, [&](int first, const double* rss) {
    std::copy(rss + first, rss + n_, rss_.begin() + static_cast<std::ptrdiff_t>(offset(first)));
  });
}

PartitionFit solve(const PartitionSearch& problem) {
  const int n = static_cast<int>(problem.y.size()), h = problem.min_segment;
  AMNOK_CHECK(h >= 1 && problem.x.rows() == n, "min_segment {}, X has {} rows, y {}", h,
              problem.x.rows(), n);
  AMNOK_CHECK(std::isfinite(problem.x.squaredNorm() + problem.y.squaredNorm()),
              "{} observations, some missing or without a square", n);
  PartitionFit fit;
  if (n < h) return fit;
  const auto most = static_cast<std::size_t>(std::clamp(problem.max_breaks, 0, n / h - 1));
  const auto width = static_cast<std::size_t>(n);
  std::vector<Stage> stages(
      most + 1, {std::vector<double>(width, INFINITY), std::vector<std::int64_t>(width, -1)});
  std::vector<int> starts = {0};
  for (int start = h; start + h <= n && most > 0; ++start) starts.push_back(start);
  for_each_start(SegmentSweep(problem.x, problem.y), starts, [&](int start, const double* rss) {
    if (start > 0) return extend(stages, start, rss, n, h);
    std::copy(rss + h - 1, rss + n, stages[0].cost.begin() + h - 1);
  });
  for (std::size_t m = 0; m <= most; ++m) fit.best.push_back(trace(stages, m, n));
  return fit;
}

}  // namespace amnok
