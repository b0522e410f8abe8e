// X'X of a tall matrix whose rows are made a block at a time, so that scaled, weighted or filtered
// rows never exist as a whole: n rows of k columns cost n k (k + 1) / 2 products and a block of
// memory that stays in cache.
//
//   fill(first, block)   writes rows first, first + 1, ... into block (up to kBlockRows x k)
//
// Sums run in eight lanes of rows, block after block: the same bits on every machine. Against the
// exact X'X an entry is off by about 1e-16 |x_i| |x_j|, so what is solved from it loses twice the
// digits of the condition of X.
#pragma once

#include <algorithm>

#include "engine/base/matrix.h"

namespace amnok {

inline constexpr Eigen::Index kBlockRows = 256;  // a multiple of the lanes

namespace cross_product_detail {
// block: kBlockRows x k column by column, k a multiple of 4, rows a multiple of 8. Adds to the
// upper 4 x 4 blocks of sum, k x k.
void add_block(const double* block, int rows, int k, double* sum);
}  // namespace cross_product_detail

template <class Fill>
MatrixXd cross_product(Eigen::Index n, Eigen::Index k, const Fill& fill) {
  const Eigen::Index padded = (k + 3) / 4 * 4;
  MatrixXd block = MatrixXd::Zero(kBlockRows, padded), sum = MatrixXd::Zero(padded, padded);
  for (Eigen::Index first = 0; first < n; first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, n - first), lanes = (rows + 7) / 8 * 8;
    fill(first, block.topLeftCorner(rows, k));
    block.block(rows, 0, lanes - rows, k).setZero();
    cross_product_detail::add_block(block.data(), static_cast<int>(lanes), static_cast<int>(padded),
                                    sum.data());
  }
  return sum.topLeftCorner(k, k).selfadjointView<Eigen::Upper>();
}

// X'X and, with weights w, X'diag(w)X for w >= 0.
MatrixXd cross_product(const MatrixView& x);
MatrixXd weighted_cross_product(const MatrixView& x, const VectorView& w);

}  // namespace amnok
