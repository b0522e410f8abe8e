#include "engine/statespace/arma_known_states.h"

#include <algorithm>
#include <cstring>

#include "engine/base/wide.h"
#include "engine/statespace/arma_dual.h"
#include "engine/statespace/arma_filter_detail.h"

namespace amnok {

namespace arma_detail {

constexpr int kEight = 8;

// A number of each of eight processes, in two vectors that most machines have. It is less than
// another when it is in all of them.
struct Eight {
  Lanes<4>::type low = {}, high = {};
  Eight() = default;
  explicit Eight(double value) : low(Lanes<4>::type{} + value), high(low) {}
  double operator[](int j) const { return j < 4 ? low[j] : high[j - 4]; }
  void set(int j, double value) {
    if (j < 4) {
      low[j] = value;
    } else {
      high[j - 4] = value;
    }
  }
};
inline Eight operator+(const Eight& a, const Eight& b) {
  Eight sum;
  sum.low = a.low + b.low;
  sum.high = a.high + b.high;
  return sum;
}
inline Eight operator-(const Eight& a, const Eight& b) {
  Eight difference;
  difference.low = a.low - b.low;
  difference.high = a.high - b.high;
  return difference;
}
inline Eight operator*(const Eight& a, const Eight& b) {
  Eight product;
  product.low = a.low * b.low;
  product.high = a.high * b.high;
  return product;
}
inline Eight operator/(const Eight& a, const Eight& b) {
  Eight quotient;
  quotient.low = a.low / b.low;
  quotient.high = a.high / b.high;
  return quotient;
}
inline bool operator<(const Eight& a, const Eight& b) {
  bool all = true;
  for (int j = 0; j < kEight; ++j) all = all && a[j] < b[j];
  return all;
}
inline bool operator>(const Eight& a, const Eight& b) {
  return b < a;
}
inline bool is_zero(const Eight& a) {
  bool all = true;
  for (int j = 0; j < kEight; ++j) all = all && a[j] == 0;
  return all;
}

}  // namespace arma_detail

namespace {

using namespace arma_detail;

constexpr int kBetweenChecks = 8;  // steps

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

// Rows of some columns of a matrix; the last of them in place of columns it does not have.
std::vector<Eight> eight_columns(const DrawMatrix& matrix, Eigen::Index first) {
  std::vector<Eight> rows(static_cast<std::size_t>(matrix.rows()));
  const Eigen::Index last = matrix.cols() - 1;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    Eight& row = rows[static_cast<std::size_t>(i)];
    if (first + kEight <= matrix.cols()) {
      const double* from = matrix.data() + i * matrix.cols() + first;
      std::memcpy(&row.low, from, sizeof(row.low));
      std::memcpy(&row.high, from + 4, sizeof(row.high));
    } else {
      for (int j = 0; j < kEight; ++j) row.set(j, matrix(i, std::min(first + j, last)));
    }
  }
  return rows;
}

// The recursions of arma_filter.h.
struct EightFilters {
  int p, r;
  std::vector<Eight> phi, k, l, x;  // l and x: one more, zero
  Eight f, inverse, c;              // F, 1 / F, -1 / F_1^2

  // x <- T x + K error / F.
  inline void predict(const Eight& value) {
    const Eight predicted = x[0], gain = (value - predicted) * inverse;
    for (int i = 0; i < p; ++i)
      x[at(i)] = (x[at(i + 1)] + k[at(i)] * gain) + phi[at(i)] * predicted;
    for (int i = p; i < r; ++i) x[at(i)] = x[at(i + 1)] + k[at(i)] * gain;
  }
  // F, K and L of the next period.
  inline void advance() {
    const Eight z = l[0], mz = c * f * z;
    f = f + mz * z;
    inverse = Eight(1.0) / f;
    const Eight share = z * inverse;
    for (int i = 0; i < p; ++i) l[at(i)] = l[at(i + 1)] + phi[at(i)] * z;
    for (int i = p; i < r; ++i) l[at(i)] = l[at(i + 1)];
    for (int i = 0; i < r; ++i) {
      k[at(i)] = k[at(i)] + mz * l[at(i)];
      l[at(i)] = l[at(i)] - share * k[at(i)];
    }
  }
  // Ends the recursions of processes that are steady; all of them are.
  inline bool settle() {
    bool all = true;
    for (int j = 0; j < kEight; ++j) {
      bool steady = std::fabs(f[j] - 1) < 1e-14;
      for (int i = 0; steady && i < r; ++i) steady = std::fabs(l[at(i)][j]) < 1e-9;
      if (!steady) {
        all = false;
        continue;
      }
      f.set(j, 1);
      inverse.set(j, 1);
      for (int i = 0; i < r; ++i) l[at(i)].set(j, 0);
    }
    return all;
  }
};

AMNOK_WIDE bool run_eight(const DrawMatrix& ar, const DrawMatrix& ma, const DrawMatrix& data,
                          Eigen::Index first, DrawMatrix& known) {
  const int p = static_cast<int>(ar.rows()), r = static_cast<int>(known.rows());
  EightFilters filters{p, r, eight_columns(ar, first), {}, {}, {}, {}, {}, {}};
  if (!initial_gain(filters.phi, eight_columns(ma, first), r, filters.k)) return false;
  filters.f = filters.k.back();
  filters.inverse = Eight(1.0) / filters.f;
  filters.c = Eight(-1.0) * filters.inverse * filters.inverse;
  filters.k.back() = Eight();
  filters.l = filters.k;
  filters.x.resize(at(r + 1));
  const std::vector<Eight> values = eight_columns(data, first);
  bool steady = false;
  for (std::size_t t = 0; t < values.size(); ++t) {
    filters.predict(values[t]);
    if (!steady) filters.advance();
    if (!steady && t % kBetweenChecks == 0) steady = filters.settle();
  }
  const Eigen::Index count = std::min<Eigen::Index>(kEight, known.cols() - first);
  for (int i = 0; i < r; ++i) {
    for (Eigen::Index j = 0; j < count; ++j)
      known(i, first + j) = filters.x[at(i)][static_cast<int>(j)];
  }
  return true;
}

}  // namespace

bool arma_known_states(const DrawMatrix& ar, const DrawMatrix& ma, const DrawMatrix& data,
                       DrawMatrix& known) {
  known.resize(std::max(ar.rows(), ma.rows() + 1), data.cols());
  for (Eigen::Index first = 0; first < data.cols(); first += kEight) {
    if (!run_eight(ar, ma, data, first, known)) return false;
  }
  return true;
}

}  // namespace amnok
