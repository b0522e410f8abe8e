// The best partition of a regression into m + 1 segments, for all m up to a limit at once
// (Bai & Perron 1998, Econometrica 66, 47-78; 2003, J. Appl. Econometrics 18, 1-22, section 3).
//
//   min over t_1 < ... < t_m of  sum_{j=1..m+1} RSS(t_{j-1} + 1, t_j),   t_0 = 0, t_{m+1} = n
//
// RSS(i, j) comes from orthogonal updates of each segment's triangle, one observation at a time and
// eight first observations side by side (segment_sweep.h), O(n^2 k^2); the minimum from dynamic
// programming, O(n^2 m), which uses the segments from one start and forgets them.
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct PartitionSearch {
  MatrixXd x;  // n x k regressors, all of whose coefficients change
  VectorXd y;
  int min_segment = 1;  // observations
  int max_breaks = 5;
};

struct Partition {
  std::vector<int> last;  // index (0-based) of the last observation of each segment but the final
  double rss = 0;
};

struct PartitionFit {
  std::vector<Partition> best;  // best[m] has m breaks; shorter than max_breaks + 1 if n is short
};

// min_segment must be at least 1; segments shorter than k fit exactly, so callers ask for more than
// k.
PartitionFit solve(const PartitionSearch& problem);

// The RSS of every segment of at least min_segment observations: table.at(i, j), i <= j.
class SegmentTable {
 public:
  SegmentTable(const MatrixView& x, const VectorView& y, int min_segment);
  double at(int first, int last) const {
    return rss_[offset(first) + static_cast<std::size_t>(last - first)];
  }
  int size() const { return n_; }

 private:
  std::size_t offset(int first) const {
    const auto i = static_cast<std::size_t>(first);
    return i * static_cast<std::size_t>(n_) - i * (i - 1) / 2;
  }
  int n_;
  std::vector<double> rss_;
};

}  // namespace amnok
