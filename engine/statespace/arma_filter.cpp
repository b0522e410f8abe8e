#include "engine/statespace/arma_filter.h"

#include <algorithm>
#include <cmath>

#include "engine/base/wide.h"
#include "engine/statespace/arma_filter_detail.h"

namespace amnok {

namespace {

using namespace arma_detail;

// Arrays of the recursions have room for whole vectors: r elements, then zeros up to a multiple of
// eight, which stay zero, and eight more zeros for what a shift reads behind the end.
constexpr int kLane = 8;
int lanes(int r) {
  return (r + kLane - 1) / kLane;
}
std::size_t padded_width(int r) {
  return static_cast<std::size_t>((lanes(r) + 1) * kLane);
}
std::vector<double> padded(const std::vector<double>& c, int r) {
  std::vector<double> result(padded_width(r), 0.0);
  std::copy(c.begin(), c.end(), result.begin());
  return result;
}

// x <- shifted up by one, plus g k, plus a phi.
void advance(double* x, const double* __restrict k, double g, const double* __restrict phi,
             bool has_ar, double a, int lanes) {
  const int r = lanes * kLane;
  if (has_ar) {
    for (int i = 0; i < r; ++i) x[i] = (x[i + 1] + k[i] * g) + phi[i] * a;
  } else {
    for (int i = 0; i < r; ++i) x[i] = x[i + 1] + k[i] * g;
  }
}

// L <- T L.
void shift(double* l, const double* __restrict phi, bool has_ar, double first, int lanes) {
  const int r = lanes * kLane;
  if (has_ar) {
    for (int i = 0; i < r; ++i) l[i] = l[i + 1] + phi[i] * first;
  } else {
    for (int i = 0; i < r; ++i) l[i] = l[i + 1];
  }
}

// The filter of arma_errors.
struct ValueFilter {
  bool has_ar;
  int r;
  std::vector<double> phi, k, l;  // padded
  double f, c;
  std::vector<double> states{};  // a padded array a column of the data
  LogProduct product{};
};

// Steps until the steady state or the end; the number of steps made.
AMNOK_WIDE int run_to_steady_state(ValueFilter& filter, const double* data, int n, int columns,
                                   double* out) {
  const int r = filter.r, blocks = lanes(r), padded_r = blocks * kLane;
  const bool has_ar = filter.has_ar;
  const std::size_t width = filter.k.size();
  double* __restrict k = filter.k.data();
  double* __restrict l = filter.l.data();
  const double* __restrict phi = filter.phi.data();
  double f = filter.f;
  int t = 0;
  while (t < n) {
    const double inverse = 1 / f, inverse_sd = std::sqrt(inverse);
    filter.product.multiply(f);
    for (int j = 0; j < columns; ++j) {
      double* x = filter.states.data() + static_cast<std::size_t>(j) * width;
      const std::ptrdiff_t cell = static_cast<std::ptrdiff_t>(j) * n + t;
      const double predicted = x[0], error = data[cell] - predicted;
      advance(x, k, error * inverse, phi, has_ar, predicted, blocks);
      out[cell] = error * inverse_sd;
    }
    const double z = l[0], mz = filter.c * f * z, next = f + mz * z, share = z / next;
    shift(l, phi, has_ar, z, blocks);
    for (int i = 0; i < padded_r; ++i) {
      k[i] += mz * l[i];
      l[i] -= share * k[i];
    }
    f = next;
    ++t;
    if (t % 4 == 0 && is_steady(f, l, r)) break;
  }
  return t;
}

// A prediction is what the state holds of its first r steps, plus the values and errors since.
void run_plain(const ArmaCoefficients& arma, const double* x, int r, const double* y, int begin,
               int n, double* e) {
  // The closest past last: the sum then waits for as little as possible.
  std::vector<int> ar_lags = used_lags(arma.ar), ma_lags = used_lags(arma.ma);
  std::reverse(ma_lags.begin(), ma_lags.end());
  for (int s = begin; s < n; ++s) {
    const int since = s - begin;
    double prediction = since < r ? x[since] : 0.0;
    for (int lag : ar_lags) {
      if (lag <= since) prediction += arma.ar[static_cast<std::size_t>(lag - 1)] * y[s - lag];
    }
    for (int lag : ma_lags) {
      if (lag <= since) prediction += arma.ma[static_cast<std::size_t>(lag - 1)] * e[s - lag];
    }
    e[s] = y[s] - prediction;
  }
}

}  // namespace

ArmaErrors arma_errors(const ArmaCoefficients& arma, const MatrixView& data, MatrixXd& out) {
  const int p = static_cast<int>(arma.ar.size()), q = static_cast<int>(arma.ma.size());
  const int r = std::max(p, q + 1), n = static_cast<int>(data.rows());
  const auto columns = static_cast<int>(data.cols());
  ArmaErrors result;
  std::vector<double> k;
  if (!initial_gain(arma.ar, arma.ma, r, k)) return result;
  const double f = k.back();
  if (!(f > 0)) return result;
  k.pop_back();
  const std::size_t width = padded_width(r);
  ValueFilter filter{p > 0, r, padded(arma.ar, r), padded(k, r), padded(k, r), f, -1 / (f * f)};
  filter.states.assign(width * static_cast<std::size_t>(columns), 0.0);
  out.resize(n, columns);
  MatrixXd copy;
  const double* values = data.data();
  if (data.outerStride() != n) {
    copy = data;
    values = copy.data();
  }
  const int begin = run_to_steady_state(filter, values, n, columns, out.data());
  for (int j = 0; begin < n && j < columns; ++j) {
    run_plain(arma, filter.states.data() + static_cast<std::size_t>(j) * width, r,
              values + static_cast<std::ptrdiff_t>(j) * n, begin, n, out.col(j).data());
  }
  result.log_determinant = filter.product.value();
  result.ok = std::isfinite(result.log_determinant);
  return result;
}

}  // namespace amnok
