#include "engine/solver/partition_search.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/solver/growing_regression.h"

namespace amnok {

SegmentTable::SegmentTable(const MatrixView& x, const VectorView& y, int min_segment)
    : n_(static_cast<int>(y.size())), rss_(offset(n_ > 0 ? n_ - 1 : 0) + 1, 0.0) {
  const VectorXd scale = column_scale(x);
  for (int first = 0; first + min_segment <= n_; ++first) {
    GrowingRegression segment(scale);
    const std::size_t begin = offset(first);
    for (int last = first; last < n_; ++last) {
      segment.add(x, y, last);
      rss_[begin + static_cast<std::size_t>(last - first)] = segment.rss();
    }
  }
}

PartitionFit solve(const PartitionSearch& problem) {
  const int n = static_cast<int>(problem.y.size()), h = problem.min_segment;
  AMNOK_CHECK(h >= 1 && problem.x.rows() == n, "min_segment {}, X has {} rows, y {}", h,
              problem.x.rows(), n);
  PartitionFit fit;
  if (n < h) return fit;
  const SegmentTable table(problem.x, problem.y, h);
  const int most = std::min(problem.max_breaks, n / h - 1);

  // cost[m][j]: the best of m breaks in observations 0..j; from[m][j]: its last break.
  const auto width = static_cast<std::size_t>(n);
  std::vector<std::vector<double>> cost(static_cast<std::size_t>(most + 1),
                                        std::vector<double>(width, INFINITY));
  std::vector<std::vector<int>> from(static_cast<std::size_t>(most + 1),
                                     std::vector<int>(width, -1));
  for (int j = h - 1; j < n; ++j) cost[0][static_cast<std::size_t>(j)] = table.at(0, j);
  for (std::size_t m = 1; m <= static_cast<std::size_t>(most); ++m) {
    for (int j = static_cast<int>(m + 1) * h - 1; j < n; ++j) {
      for (int i = static_cast<int>(m) * h - 1; i + h <= j; ++i) {
        const double value = cost[m - 1][static_cast<std::size_t>(i)] + table.at(i + 1, j);
        if (value < cost[m][static_cast<std::size_t>(j)]) {
          cost[m][static_cast<std::size_t>(j)] = value;
          from[m][static_cast<std::size_t>(j)] = i;
        }
      }
    }
  }
  for (int m = 0; m <= most; ++m) {
    Partition partition;
    partition.rss = cost[static_cast<std::size_t>(m)][width - 1];
    int j = n - 1;
    for (int k = m; k >= 1; --k) {
      j = from[static_cast<std::size_t>(k)][static_cast<std::size_t>(j)];
      partition.last.push_back(j);
    }
    std::reverse(partition.last.begin(), partition.last.end());
    fit.best.push_back(partition);
  }
  return fit;
}

}  // namespace amnok
