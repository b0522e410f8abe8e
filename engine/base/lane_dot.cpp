#include "engine/base/lane_dot.h"

#include "engine/base/wide.h"

namespace amnok {

AMNOK_WIDE double lane_dot(const double* a, const double* b, Eigen::Index n) {
  typedef double Lanes __attribute__((vector_size(64), aligned(8), may_alias));
  Lanes even = {}, odd = {};
  Eigen::Index t = 0;
  for (; t + 16 <= n; t += 16) {
    even += *reinterpret_cast<const Lanes*>(a + t) * *reinterpret_cast<const Lanes*>(b + t);
    odd += *reinterpret_cast<const Lanes*>(a + t + 8) * *reinterpret_cast<const Lanes*>(b + t + 8);
  }
  double rest = 0;
  for (; t < n; ++t) rest += a[t] * b[t];
  const Lanes sum = even + odd;
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7])) + rest;
}

VectorXd lane_products(const MatrixXd& j, const VectorXd& r) {
  VectorXd products(j.cols());
  for (Eigen::Index i = 0; i < j.cols(); ++i) {
    products(i) = lane_dot(j.col(i).data(), r.data(), r.size());
  }
  return products;
}

MatrixXd lane_gram(const MatrixXd& j) {
  MatrixXd gram(j.cols(), j.cols());
  for (Eigen::Index i = 0; i < j.cols(); ++i) {
    for (Eigen::Index k = 0; k <= i; ++k) {
      gram(i, k) = gram(k, i) = lane_dot(j.col(i).data(), j.col(k).data(), j.rows());
    }
  }
  return gram;
}

}  // namespace amnok
