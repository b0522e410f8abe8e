#include "engine/base/cross_product.h"

#include "engine/base/wide.h"

namespace amnok {

namespace cross_product_detail {

namespace {

using Lanes = double __attribute__((vector_size(64), aligned(64), may_alias));

// Products of four columns with four others: sixteen running sums in registers.
inline void add_tile(const double* left, const double* right, int rows, double* out, int stride) {
  Lanes sums[4][4] = {};
  for (int t = 0; t < rows; t += 8) {
    Lanes b[4];
    for (int j = 0; j < 4; ++j) {
      b[j] = *reinterpret_cast<const Lanes*>(right + j * kBlockRows + t);
    }
    for (int i = 0; i < 4; ++i) {
      const Lanes a = *reinterpret_cast<const Lanes*>(left + i * kBlockRows + t);
      for (int j = 0; j < 4; ++j) sums[i][j] += a * b[j];
    }
  }
  for (int j = 0; j < 4; ++j) {
    for (int i = 0; i < 4; ++i) {
      const Lanes& s = sums[i][j];
      out[i + j * stride] += ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
  }
}

}  // namespace

AMNOK_WIDE void add_block(const double* block, int rows, int k, double* sum) {
  for (int j = 0; j < k; j += 4) {
    for (int i = 0; i <= j; i += 4) {
      add_tile(block + i * kBlockRows, block + j * kBlockRows, rows, sum + i + j * k, k);
    }
  }
}

}  // namespace cross_product_detail

MatrixXd cross_product(const MatrixView& x) {
  return cross_product(x.rows(), x.cols(), [&](Eigen::Index first, auto block) {
    block = x.middleRows(first, block.rows());
  });
}

MatrixXd weighted_cross_product(const MatrixView& x, const VectorView& w) {
  return cross_product(x.rows(), x.cols(), [&](Eigen::Index first, auto block) {
    const VectorXd root = w.segment(first, block.rows()).cwiseSqrt();
    block = root.asDiagonal() * x.middleRows(first, block.rows());
  });
}

}  // namespace amnok
