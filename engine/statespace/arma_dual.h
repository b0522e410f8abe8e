// Numbers with some of their derivatives, which are the lanes of one vector; rows of lanes.
#pragma once

#include <cstddef>
#include <cstring>
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

// Vectors are returned by functions that are always inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

// Row t of rows of W lanes, which lie at any address.
template <int W>
inline __attribute__((always_inline)) typename Lanes<W>::type row_of(const double* rows, int t) {
  typename Lanes<W>::type row;
  std::memcpy(&row, rows + static_cast<std::ptrdiff_t>(t) * W, sizeof(row));
  return row;
}

// By address, so that neither a reference nor a parameter of a vector type is needed.
template <int W>
inline __attribute__((always_inline)) void store(const void* row, double* to) {
  std::memcpy(to, row, W * sizeof(double));
}

// x[1] .. x[W], out of two rows as they were stored: a row that lies across two waits for both.
template <int W>
inline __attribute__((always_inline)) typename Lanes<W>::type shifted(const double* x) {
  const typename Lanes<W>::type a = row_of<W>(x, 0), b = row_of<W>(x, 1);
  if constexpr (W == 4) {
    return __builtin_shufflevector(a, b, 1, 2, 3, 4);
  } else {
    return __builtin_shufflevector(a, b, 1, 2, 3, 4, 5, 6, 7, 8);
  }
}

template <int W>
struct Dual {
  double value = 0;
  typename Lanes<W>::type d = {};
  Dual() = default;
  explicit Dual(double at) : value(at) {}
};
template <int W>
Dual<W> operator+(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> sum(x.value + y.value);
  sum.d = x.d + y.d;
  return sum;
}
template <int W>
Dual<W> operator-(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> difference(x.value - y.value);
  difference.d = x.d - y.d;
  return difference;
}
template <int W>
Dual<W> operator*(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> product(x.value * y.value);
  product.d = x.d * y.value + y.d * x.value;
  return product;
}
template <int W>
Dual<W> operator/(const Dual<W>& x, const Dual<W>& y) {
  Dual<W> ratio(x.value / y.value);
  ratio.d = (x.d - y.d * ratio.value) * (1 / y.value);
  return ratio;
}
template <int W>
bool operator<(const Dual<W>& x, const Dual<W>& y) {
  return x.value < y.value;
}
template <int W>
bool operator>(const Dual<W>& x, const Dual<W>& y) {
  return x.value > y.value;
}
using amnok::is_zero;
template <int W>
bool is_zero(const Dual<W>& x) {
  if (x.value != 0) return false;
  for (int i = 0; i < W; ++i) {
    if (x.d[i] != 0) return false;
  }
  return true;
}

// Coefficients with `count` of their derivatives, from column `first` on.
template <int W>
inline std::vector<Dual<W>> with_derivatives(const std::vector<double>& c,
                                             const MatrixXd& derivative, int first, int count) {
  std::vector<Dual<W>> result(c.size());
  for (std::size_t i = 0; i < c.size(); ++i) {
    result[i].value = c[i];
    for (int j = 0; j < count; ++j) {
      result[i].d[j] = derivative(static_cast<Eigen::Index>(i), first + j);
    }
  }
  return result;
}

}  // namespace amnok::arma_detail
