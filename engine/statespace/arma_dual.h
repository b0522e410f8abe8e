// Numbers with some of their derivatives, as lanes of one vector: the value in lane 0.
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok::arma_detail {

constexpr int kMostLanes = 8;

// W doubles that the compiler keeps in vector registers, read from any row of lanes.
template <int W>
struct Lanes {
  typedef double type __attribute__((vector_size(W * sizeof(double)), aligned(8), may_alias));
};

template <int W>
struct Dual {
  typename Lanes<W>::type lanes = {};
  Dual() = default;
  explicit Dual(double value) { lanes[0] = value; }
  double value() const { return lanes[0]; }
};
template <int W>
Dual<W> operator+(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> sum;
  sum.lanes = x.lanes + y.lanes;
  return sum;
}
template <int W>
Dual<W> operator-(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> difference;
  difference.lanes = x.lanes - y.lanes;
  return difference;
}
template <int W>
Dual<W> operator*(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> product;
  product.lanes = x.lanes * y.lanes[0] + y.lanes * x.lanes[0];
  product.lanes[0] = x.lanes[0] * y.lanes[0];
  return product;
}
template <int W>
Dual<W> operator/(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> ratio;
  const double value = x.lanes[0] / y.lanes[0];
  ratio.lanes = (x.lanes - y.lanes * value) / y.lanes[0];
  ratio.lanes[0] = value;
  return ratio;
}
template <int W>
bool operator<(const Dual<W>& x, const Dual<W>& y) {
  return x.value() < y.value();
}
template <int W>
bool operator>(const Dual<W>& x, const Dual<W>& y) {
  return x.value() > y.value();
}
using amnok::is_zero;
template <int W>
bool is_zero(const Dual<W>& x) {
  for (int i = 0; i < W; ++i) {
    if (x.lanes[i] != 0) return false;
  }
  return true;
}

// Coefficients with `count` of their derivatives, from column `first` on.
template <int W>
inline std::vector<Dual<W>> with_derivatives(const std::vector<double>& c,
                                             const MatrixXd& derivative, int first, int count) {
  std::vector<Dual<W>> result(c.size());
  for (std::size_t i = 0; i < c.size(); ++i) {
    result[i].lanes[0] = c[i];
    for (int j = 0; j < count; ++j) {
      result[i].lanes[j + 1] = derivative(static_cast<Eigen::Index>(i), first + j);
    }
  }
  return result;
}

}  // namespace amnok::arma_detail
