// The RSS of many segments of one regression at once: segments that begin at different observations
// and grow by one observation at a time, side by side.
//
//   rss(i, t) = min_b sum_{s=i..t} (y_s - x_s'b)^2
//
// Each segment keeps its triangle without square roots (Gentleman 1973, J. Inst. Maths Applics 12,
// 329-336), R = D^1/2 U with U unit upper triangular. Row (x, y) enters with weight w = 1:
//
//   d_i' = d_i + w x_i^2,  c = d_i / d_i',  s = w x_i / d_i',  w' = c w
//   x_j' = x_j - x_i u_ij,  u_ij' = u_ij + s x_j'                          for columns j > i
//
// and what remains of it adds w y^2 to the RSS. These are Givens rotations, orthogonal whatever the
// conditioning: X'X is never formed. Columns are scaled by powers of two first, which is exact.
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

class SegmentSweep {
 public:
  static constexpr int kLanes = 8;

  // x: n x k, y: n.
  SegmentSweep(const MatrixView& x, const VectorView& y);

  // starts: at most kLanes first observations. rss: a row of n a start, in which element t receives
  // rss(start, t) for t from the start on; what is before it becomes 0.
  void run(const std::vector<int>& starts, double* rss) const;

  int size() const { return n_; }

 private:
  int n_, k_;
  std::vector<double> rows_;  // n x (k + 1), scaled
  double unit_ = 1;           // of the scaled RSS
};

}  // namespace amnok
