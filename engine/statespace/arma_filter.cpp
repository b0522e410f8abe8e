#include "engine/statespace/arma_filter.h"

#include <algorithm>
#include <cmath>

#include "engine/base/wide.h"
#include "engine/statespace/arma_dual.h"
#include "engine/statespace/arma_filter_detail.h"

namespace amnok {

namespace {

using namespace arma_detail;

// Arrays of the recursions have room for whole rows: r elements, then zeros up to a multiple of eight,
// which stay zero, and eight more zeros for what a shift reads behind the end.
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

using Row = Lanes<kLane>::type;

// x <- T x + g k, and its first element.
inline double advance(double* x, const double* k, double g, const double* phi, bool has_ar,
                      int lanes) {
  const double a = x[0];
  double first = x[1] + k[0] * g;
  if (has_ar) first += phi[0] * a;
  for (int i = 0; i < lanes * kLane; i += kLane) {
    Row row = shifted<kLane>(x + i) + row_of<kLane>(k + i, 0) * g;
    if (has_ar) row += row_of<kLane>(phi + i, 0) * a;
    store<kLane>(&row, x + i);
  }
  return first;
}

// The filter of arma_errors.
struct ValueFilter {
  bool has_ar;
  int r;
  std::vector<double> phi, k, l;    // padded
  double f, c, first;               // first: L[0], which the next step waits for
  std::vector<double> states{};     // a padded array a column of the data
  std::vector<double> predicted{};  // their first elements
  LogProduct product{};
};

// L <- T L, K += M L, L -= S K, with the new F and the next L[0].
inline void turn(ValueFilter& filter) {
  const double z = filter.first, m = filter.c * filter.f * z, next = filter.f + m * z;
  const double share = z / next;
  double* l = filter.l.data();
  double* k = filter.k.data();
  const double* phi = filter.phi.data();
  double first = l[1];
  if (filter.has_ar) first += phi[0] * z;
  filter.first = first - share * (k[0] + m * first);
  for (int i = 0; i < lanes(filter.r) * kLane; i += kLane) {
    Row turned = shifted<kLane>(l + i);
    if (filter.has_ar) turned += row_of<kLane>(phi + i, 0) * z;
    const Row gain = row_of<kLane>(k + i, 0) + turned * m;
    const Row direction = turned - gain * share;
    store<kLane>(&gain, k + i);
    store<kLane>(&direction, l + i);
  }
  filter.f = next;
}

// Steps until the steady state or the end; the number of steps made.
AMNOK_WIDE int run_to_steady_state(ValueFilter& filter, const double* data, int n, int columns,
                                   double* out) {
  const int blocks = lanes(filter.r);
  const std::size_t width = filter.k.size();
  int t = 0;
  while (t < n) {
    const double inverse = 1 / filter.f, inverse_sd = std::sqrt(inverse);
    filter.product.multiply(filter.f);
    for (int j = 0; j < columns; ++j) {
      const auto column = static_cast<std::size_t>(j);
      const std::ptrdiff_t cell = static_cast<std::ptrdiff_t>(j) * n + t;
      const double error = data[cell] - filter.predicted[column];
      filter.predicted[column] = advance(filter.states.data() + column * width, filter.k.data(),
                                         error * inverse, filter.phi.data(), filter.has_ar, blocks);
      out[cell] = error * inverse_sd;
    }
    turn(filter);
    ++t;
    if (t % 4 == 0 && is_steady(filter.f, filter.l.data(), filter.r)) break;
  }
  return t;
}

struct Term {
  int lag;
  double c;
};

// The lags in use, the longest first, and none up to `beyond`.
std::vector<Term> terms(const std::vector<double>& c, int beyond) {
  std::vector<Term> result;
  for (int lag = static_cast<int>(c.size()); lag > beyond; --lag) {
    const double value = c[static_cast<std::size_t>(lag - 1)];
    if (value != 0) result.push_back({lag, value});
  }
  return result;
}

// A prediction is what the state holds of its first r steps, plus the values and errors since. The
// last two errors stay in registers and come last, so that a step waits for one product and one
// difference.
void run_plain(const ArmaCoefficients& arma, const double* x, int r, const double* y, int begin,
               int n, double* e) {
  const std::vector<Term> ar = terms(arma.ar, 0), ma = terms(arma.ma, 2);
  const double first = arma.ma.empty() ? 0.0 : arma.ma[0];
  const double second = arma.ma.size() < 2 ? 0.0 : arma.ma[1];
  double last = 0, before = 0;
  const auto step = [&](int t, bool all) {
    const int since = t - begin;
    double error = y[t];
    if (!all && since < r) error -= x[since];
    for (const Term& term : ar) {
      if (all || term.lag <= since) error -= term.c * y[t - term.lag];
    }
    for (const Term& term : ma) {
      if (all || term.lag <= since) error -= term.c * e[t - term.lag];
    }
    error = (error - second * before) - first * last;
    before = last;
    last = error;
    e[t] = error;
  };
  const int full = std::min(begin + r, n);
  for (int t = begin; t < full; ++t) step(t, false);
  for (int t = full; t < n; ++t) step(t, true);
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
  ValueFilter filter{p > 0,        r, padded(arma.ar, r), padded(k, r),
                     padded(k, r), f, -1 / (f * f),       k[0]};
  filter.states.assign(width * static_cast<std::size_t>(columns), 0.0);
  filter.predicted.assign(static_cast<std::size_t>(columns), 0.0);
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
