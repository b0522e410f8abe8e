#include "engine/solver/segment_sweep.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/base/check.h"
#include "engine/base/wide.h"

namespace amnok {

namespace {

constexpr int kLanes = SegmentSweep::kLanes;
constexpr int kMostUnrolled = 8;  // coefficients
// What earlier rotations leave of a column below this share of its scale is rounding.
constexpr double kRounding = 1e-13;

// One segment a lane.
typedef double Lanes __attribute__((vector_size(kLanes * sizeof(double))));
typedef long long Flags __attribute__((vector_size(kLanes * sizeof(double))));

struct SweepInput {
  const double* rows;
  int n, k;
  const int* starts;  // kLanes, n where a lane is idle
  double unit;
};

struct Triangle {
  Lanes *d, *u, *x;  // k, k (k - 1) / 2 + k, k + 1
};

// Adds a row to all segments, `weight` 0 where a segment has not begun; the growth of their RSS.
template <int K>
inline void add_row(const SweepInput& in, const double* row, const Triangle& triangle,
                    Lanes& weight, Lanes& rss) {
  const int k = K > 0 ? K : in.k;
  const Lanes zero = {}, one = zero + 1.0;
  for (int j = 0; j <= k; ++j) triangle.x[j] = zero + row[j];
  Lanes w = weight;
  Lanes* u = triangle.u;
  for (int i = 0; i < k; ++i) {
    const Lanes x = triangle.x[i], d = triangle.d[i];
    const Flags active = (w > zero) & (x * x > zero + kRounding * kRounding);
    const Lanes pivot = active ? x : zero;
    const Lanes weighted = w * pivot, next = d + weighted * pivot;
    const Lanes inverse = one / (active ? next : one);
    const Lanes s = weighted * inverse;
    for (int j = i + 1; j <= k; ++j, ++u) {
      const Lanes left = triangle.x[j] - pivot * *u;
      triangle.x[j] = left;
      *u += s * left;
    }
    triangle.d[i] = next;
    w *= active ? d * inverse : one;
  }
  rss += w * triangle.x[k] * triangle.x[k];
}

template <int K>
inline void sweep(const SweepInput& in, const Triangle& triangle, double* out) {
  const int width = in.k + 1, last_start = *std::max_element(in.starts, in.starts + kLanes);
  const int all_from = std::min(last_start, in.n);
  Lanes weight = {}, rss = {};
  for (int t = *std::min_element(in.starts, in.starts + kLanes); t < in.n; ++t) {
    if (t <= all_from) {
      for (int lane = 0; lane < kLanes; ++lane) weight[lane] = t >= in.starts[lane] ? 1 : 0;
    }
    add_row<K>(in, in.rows + static_cast<std::ptrdiff_t>(t) * width, triangle, weight, rss);
    const Lanes scaled = rss * in.unit;
    for (int lane = 0; lane < kLanes; ++lane) {
      out[static_cast<std::ptrdiff_t>(lane) * in.n + t] = scaled[lane];
    }
  }
}

// Small triangles live in registers.
template <int K>
inline void sweep_small(const SweepInput& in, double* out) {
  Lanes d[K] = {}, u[K * (K + 1) / 2] = {}, x[K + 1] = {};
  sweep<K>(in, {d, u, x}, out);
}

AMNOK_WIDE void run_sweep(const SweepInput& in, const Triangle& large, double* out) {
  switch (in.k) {
    case 1:
      return sweep_small<1>(in, out);
    case 2:
      return sweep_small<2>(in, out);
    case 3:
      return sweep_small<3>(in, out);
    case 4:
      return sweep_small<4>(in, out);
    case 5:
      return sweep_small<5>(in, out);
    case 6:
      return sweep_small<6>(in, out);
    case 7:
      return sweep_small<7>(in, out);
    case kMostUnrolled:
      return sweep_small<kMostUnrolled>(in, out);
    default:
      return sweep<0>(in, large, out);
  }
}

// The power of two at or above the largest absolute value, 1 for zeros.
double power_of_two_scale(const VectorView& column) {
  const double largest = column.size() > 0 ? column.cwiseAbs().maxCoeff() : 0;
  if (!(largest > 0) || !std::isfinite(largest)) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, exponent);
}

}  // namespace

SegmentSweep::SegmentSweep(const MatrixView& x, const VectorView& y)
    : n_(static_cast<int>(y.size())), k_(static_cast<int>(x.cols())) {
  AMNOK_CHECK(x.rows() == y.size(), "X has {} rows, y {}", x.rows(), y.size());
  const auto width = static_cast<std::size_t>(k_ + 1);
  rows_.resize(static_cast<std::size_t>(n_) * width);
  for (int j = 0; j <= k_; ++j) {
    const VectorXd column = j < k_ ? VectorXd(x.col(j)) : VectorXd(y);
    const double scale = power_of_two_scale(column);
    if (j == k_) unit_ = scale * scale;
    for (int t = 0; t < n_; ++t) {
      rows_[static_cast<std::size_t>(t) * width + static_cast<std::size_t>(j)] = column(t) / scale;
    }
  }
}

void SegmentSweep::run(const std::vector<int>& starts, double* rss) const {
  AMNOK_CHECK(!starts.empty() && starts.size() <= kLanes, "{} starts", starts.size());
  int lanes[kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    lanes[lane] = lane < starts.size() ? starts[lane] : n_;
  }
  std::vector<double> scratch;
  std::fill(rss, rss + static_cast<std::ptrdiff_t>(starts.size()) * n_, 0.0);
  double* out = rss;
  // Idle lanes write too.
  if (starts.size() < kLanes) {
    scratch.resize(kLanes * static_cast<std::size_t>(n_), 0.0);
    out = scratch.data();
  }
  // A triangle too large for registers, in whole cache lines.
  std::vector<double> memory;
  Lanes* start = nullptr;
  if (k_ > kMostUnrolled) {
    const auto elements = static_cast<std::size_t>(k_ + k_ * (k_ + 1) / 2 + k_ + 1);
    memory.resize((elements + 1) * kLanes, 0.0);
    void* at = memory.data();
    std::size_t bytes = memory.size() * sizeof(double);
    start = static_cast<Lanes*>(std::align(sizeof(Lanes), elements * sizeof(Lanes), at, bytes));
  }
  const Triangle large = {start, start + k_, start + k_ + k_ * (k_ + 1) / 2};
  run_sweep({rows_.data(), n_, k_, lanes, unit_}, large, out);
  if (out != rss) {
    std::copy(out, out + static_cast<std::ptrdiff_t>(starts.size()) * n_, rss);
  }
}

}  // namespace amnok
