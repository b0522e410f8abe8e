// Errors with derivatives: K, L, the state and the errors are dual numbers, so that a step is the
// product rule for all parameters at once.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "engine/base/wide.h"
#include "engine/statespace/arma_dual.h"
#include "engine/statespace/arma_filter.h"
#include "engine/statespace/arma_filter_detail.h"

namespace amnok {

namespace {

using namespace arma_detail;

constexpr double kSteadyDerivative = 1e-9;

std::size_t index(int i) {
  return static_cast<std::size_t>(i);
}

// What is wanted of the errors besides themselves and their derivatives.
enum class Sums { none, gradient, gram };

// The errors of a series and their derivatives by some of the parameters.
struct LaneJob {
  const ArmaCoefficients& arma;
  int first, count;  // parameters
  const double* z;
  const double* dz;  // a row of lanes a period; null: z does not depend on parameters
  int n;
  Sums sums;
  double* errors;
  double* rows;  // of the derivatives
  double log_determinant = 0, rss = 0;
  double dlog[kMostLanes] = {}, cross[kMostLanes] = {}, gram[kMostLanes][kMostLanes] = {};
};

// e'e, e'de and de'de.
template <int W, Sums kSums>
struct LaneSums {
  using V = typename Lanes<W>::type;
  double rss = 0;
  V cross = {}, gram[W] = {};

  // Of periods `from` to before `to`: a few at a time, after their recursion, whose registers these
  // sums would take.
  inline __attribute__((always_inline)) void add(const LaneJob& job, int from, int to) {
    if (kSums == Sums::none) return;
    LaneSums sums = *this;
    for (int t = from; t < to; ++t) {
      const double error = job.errors[t];
      const V row = row_of<W>(job.rows, t);
      sums.rss += error * error;
      sums.cross += row * error;
      if (kSums == Sums::gram) {
        sums.add_gram(job.rows + static_cast<std::ptrdiff_t>(t) * W,
                      std::make_integer_sequence<int, W>());
      }
    }
    *this = sums;
  }

 private:
  template <int... i>
  inline __attribute__((always_inline)) void add_gram(const double* elements,
                                                      std::integer_sequence<int, i...>) {
    const V row = row_of<W>(elements, 0);
    ((gram[i] += row * elements[i]), ...);
  }
};

// The filter before its steady state. Blocks of B elements of K, L and the state, each array with room
// for whole blocks and a zero block behind them, first the values, then the derivatives by each
// parameter.
template <int W>
struct LaneFilter {
  using V = typename Lanes<W>::type;
  int p = 0, r = 1, count = 0, blocks = 0, width = 0;
  std::vector<Dual<W>> phi, theta;
  std::vector<double> arrays;
  double *ar = nullptr, *gain = nullptr, *direction = nullptr, *state = nullptr;
  Dual<W> f, c;
  Dual<W> first_gain, first_direction,
      predicted;  // K[0], L[0] and X[0], which the next step waits for
  V dlog = {};
  LogProduct product{};

  inline bool start(const LaneJob& job, int block) {
    const ArmaCoefficients& arma = job.arma;
    p = static_cast<int>(arma.ar.size());
    r = std::max(p, static_cast<int>(arma.ma.size()) + 1);
    count = job.count;
    phi = with_derivatives<W>(arma.ar, arma.ar_derivative, job.first, count);
    theta = with_derivatives<W>(arma.ma, arma.ma_derivative, job.first, count);
    std::vector<Dual<W>> first;
    if (!initial_gain(phi, theta, r, first)) return false;
    f = first.back();
    if (!(f.value > 0)) return false;
    c = Dual<W>(-1.0) / (f * f);
    first.pop_back();
    first_gain = first_direction = first.front();
    blocks = (r + block - 1) / block;
    width = (blocks + 1) * block;
    const std::ptrdiff_t size = static_cast<std::ptrdiff_t>(width) * (1 + W);
    arrays.assign(static_cast<std::size_t>((p > 0 ? 4 : 3) * size), 0.0);
    gain = arrays.data();
    direction = gain + size;
    state = direction + size;
    ar = state + size;
    set(first, gain);
    set(first, direction);
    if (p > 0) set(phi, ar);
    return true;
  }

  inline void set(const std::vector<Dual<W>>& from, double* to) const {
    for (std::size_t i = 0; i < from.size(); ++i) {
      to[i] = from[i].value;
      for (int j = 0; j < count; ++j) to[index((1 + j) * width) + i] = from[i].d[j];
    }
  }

  // Element i of an array with its derivatives.
  inline Dual<W> element(const double* array, int i) const {
    Dual<W> result(array[i]);
    result.d = lanes_at(array + width + i, std::make_integer_sequence<int, W>());
    return result;
  }
  // Put together in a register: a vector that is read right after its parts were written waits.
  template <int... j>
  inline __attribute__((always_inline)) V lanes_at(const double* x,
                                                   std::integer_sequence<int, j...>) const {
    return V{x[j * width]...};
  }

  // L enters F squared, but d L times L once: its derivative may be larger by the same factor.
  inline bool is_steady() const {
    if (std::fabs(f.value - 1) >= 1e-14) return false;
    double largest = 0, largest_derivative = 0;
    for (int i = 0; i < r; ++i) largest = std::max(largest, std::fabs(direction[i]));
    if (largest >= 1e-9) return false;
    for (int j = 1; j <= count; ++j) {
      const double* l = direction + j * width;
      for (int i = 0; i < r; ++i)
        largest_derivative = std::max(largest_derivative, std::fabs(l[i]));
    }
    return largest_derivative * largest <= kSteadyDerivative * kSteadyDerivative * 1e3;
  }
};

// X <- T X + K g, L <- T L, K += M L, L -= S K, with M = c F L[0] and S = L[0] / F of the next period.
template <int W, int B>
inline void advance(LaneFilter<W>& filter, const Dual<W>& g) {
  using V = typename Lanes<B>::type;
  const Dual<W> first = filter.first_direction, predicted = filter.predicted;
  const Dual<W> m = filter.c * filter.f * first;
  filter.f = filter.f + m * first;
  const Dual<W> s = first / filter.f;
  Dual<W> next = filter.element(filter.state, 1) + filter.first_gain * g;
  Dual<W> direction = filter.element(filter.direction, 1);
  if (filter.p > 0) {
    next = next + filter.phi[0] * predicted;
    direction = direction + filter.phi[0] * first;
  }
  filter.predicted = next;
  filter.first_gain = filter.first_gain + direction * m;
  filter.first_direction = direction - filter.first_gain * s;
  const int width = filter.width, count = filter.count;
  const bool has_ar = filter.p > 0;
  for (int block = 0; block < filter.blocks; ++block) {
    double* x = filter.state + block * B;
    double* l = filter.direction + block * B;
    double* k = filter.gain + block * B;
    const double* phi = filter.ar + block * B;
    const V old_gain = row_of<B>(k, 0);
    V moved = shifted<B>(x) + old_gain * g.value, turned = shifted<B>(l), a = {};
    if (has_ar) {
      a = row_of<B>(phi, 0);
      moved += a * predicted.value;
      turned += a * first.value;
    }
    const V new_gain = old_gain + turned * m.value;
    const V new_direction = turned - new_gain * s.value;
    store<B>(&moved, x);
    store<B>(&new_gain, k);
    store<B>(&new_direction, l);
    for (int j = 0; j < count; ++j) {
      x += width, l += width, k += width;
      V dgain = row_of<B>(k, 0);
      V dmoved = shifted<B>(x) + (dgain * g.value + old_gain * g.d[j]), dturned = shifted<B>(l);
      if (has_ar) {
        phi += width;
        const V da = row_of<B>(phi, 0);
        dmoved += da * predicted.value + a * predicted.d[j];
        dturned += da * first.value + a * first.d[j];
      }
      dgain += dturned * m.value + turned * m.d[j];
      const V ddirection = dturned - (dgain * s.value + new_gain * s.d[j]);
      store<B>(&dmoved, x);
      store<B>(&dgain, k);
      store<B>(&ddirection, l);
    }
  }
}

// Steps until the steady state or the end; their number.
template <int W, int B, Sums kSums>
inline int run_to_steady_state(LaneFilter<W>& filter, const LaneJob& job,
                               LaneSums<W, kSums>& sums) {
  int t = 0;
  while (t < job.n) {
    const double inverse = 1 / filter.f.value, inverse_sd = std::sqrt(inverse);
    filter.product.multiply(filter.f.value);
    const Dual<W> predicted = filter.predicted;
    Dual<W> error, g, scaled;
    error.value = job.z[t] - predicted.value;
    error.d = -predicted.d;
    if (job.dz != nullptr) error.d += row_of<W>(job.dz, t);
    g.value = error.value * inverse;
    g.d = (error.d - filter.f.d * g.value) * inverse;
    scaled.value = error.value * inverse_sd;
    scaled.d = (error.d - filter.f.d * (0.5 * g.value)) * inverse_sd;
    job.errors[t] = scaled.value;
    store<W>(&scaled.d, job.rows + static_cast<std::ptrdiff_t>(t) * W);
    filter.dlog += filter.f.d * inverse;
    advance<W, B>(filter, g);
    if (++t % 4 > 0) continue;
    sums.add(job, t - 4, t);
    if (filter.is_steady()) return t;
  }
  sums.add(job, t / 4 * 4, t);
  return t;
}

template <int W>
struct Term {
  int lag;
  Dual<W> c;
};

// The lags in use, the longest first, and none up to `beyond`.
template <int W>
inline std::vector<Term<W>> terms(const std::vector<Dual<W>>& c, int beyond) {
  std::vector<Term<W>> result;
  for (int lag = static_cast<int>(c.size()); lag > beyond; --lag) {
    if (!is_zero(c[index(lag - 1)])) result.push_back({lag, c[index(lag - 1)]});
  }
  return result;
}

// From `begin` on, with E_t and Z_t dual numbers:
//
//   E_t = Z_t - known_t - sum_j phi_j Z_{t-j} - sum_j theta_j E_{t-j}
//
// known_t: what the state at `begin` holds; the sums begin there. The last two errors stay in
// registers and come last, the latest value before its derivatives: a step then waits for one product
// and one difference.
template <int W>
struct PlainRecursion {
  using V = typename Lanes<W>::type;
  const LaneFilter<W>& filter;
  const LaneJob& job;
  int begin;
  std::vector<Term<W>> ar, ma;  // ma: of lags beyond two
  Dual<W> first, second;        // the others
  Dual<W> last{}, before{};     // E_{t-1}, E_{t-2}

  inline PlainRecursion(const LaneFilter<W>& filter_at_begin, const LaneJob& of, int from)
      : filter(filter_at_begin),
        job(of),
        begin(from),
        ar(terms(filter.phi, 0)),
        ma(terms(filter.theta, 2)) {
    if (!filter.theta.empty()) first = filter.theta[0];
    if (filter.theta.size() > 1) second = filter.theta[1];
  }

  // Periods from `from` to before `to`. kFull: all lags are behind `begin`, and the state is used up.
  template <bool kFull>
  inline void run(int from, int to) {
    Dual<W> e1 = last, e2 = before;
    const Dual<W> c1 = first, c2 = second;
    for (int t = from; t < to; ++t) {
      const int since = t - begin;
      Dual<W> e(job.z[t]);
      if (job.dz != nullptr) e.d = row_of<W>(job.dz, t);
      if (!kFull && since < filter.r) e = e - filter.element(filter.state, since);
      for (const Term<W>& term : ar) {
        if (!kFull && term.lag > since) continue;
        const double z = job.z[t - term.lag];
        e.value -= term.c.value * z;
        e.d -= term.c.d * z;
        if (job.dz != nullptr) e.d -= row_of<W>(job.dz, t - term.lag) * term.c.value;
      }
      for (const Term<W>& term : ma) {
        if (!kFull && term.lag > since) continue;
        const double past = job.errors[t - term.lag];
        e.value -= term.c.value * past;
        e.d -= row_of<W>(job.rows, t - term.lag) * term.c.value + term.c.d * past;
      }
      e.d -= c2.d * e2.value;
      e.d -= e2.d * c2.value;
      e.d -= c1.d * e1.value;
      e.d -= e1.d * c1.value;
      e.value = (e.value - e2.value * c2.value) - e1.value * c1.value;
      job.errors[t] = e.value;
      store<W>(&e.d, job.rows + static_cast<std::ptrdiff_t>(t) * W);
      e2 = e1;
      e1 = e;
    }
    last = e1;
    before = e2;
  }
};

template <int W, Sums kSums>
inline bool run(LaneJob& job) {
  const bool is_short = std::max(job.arma.ar.size(), job.arma.ma.size() + 1) <= 4;
  LaneFilter<W> filter;
  if (!filter.start(job, is_short ? 4 : 8)) return false;
  LaneSums<W, kSums> sums;
  const int begin = is_short ? run_to_steady_state<W, 4>(filter, job, sums)
                             : run_to_steady_state<W, 8>(filter, job, sums);
  if (begin < job.n) {
    PlainRecursion<W> plain(filter, job, begin);
    const int full = std::min(begin + filter.r, job.n);
    plain.template run<false>(begin, full);
    sums.add(job, begin, full);
    constexpr int kAtOnce = 8;
    for (int t = full; t < job.n; t += kAtOnce) {
      const int end = std::min(t + kAtOnce, job.n);
      plain.template run<true>(t, end);
      sums.add(job, t, end);
    }
  }
  job.log_determinant = filter.product.value();
  job.rss = sums.rss;
  std::memcpy(job.dlog, &filter.dlog, sizeof(filter.dlog));
  std::memcpy(job.cross, &sums.cross, sizeof(sums.cross));
  for (int i = 0; i < W; ++i) std::memcpy(job.gram[i], &sums.gram[i], sizeof(sums.gram[i]));
  return true;
}

template <int W>
bool run_lanes(LaneJob& job) {
  switch (job.sums) {
    case Sums::none:
      return run<W, Sums::none>(job);
    case Sums::gradient:
      return run<W, Sums::gradient>(job);
    case Sums::gram:
      return run<W, Sums::gram>(job);
  }
  return false;
}
AMNOK_WIDE bool run_four(LaneJob& job) {
  return run_lanes<4>(job);
}
AMNOK_WIDE bool run_eight(LaneJob& job) {
  return run_lanes<8>(job);
}

int lanes_for(int count) {
  return count <= 4 ? 4 : kMostLanes;
}

bool run(LaneJob& job) {
  return lanes_for(job.count) == 4 ? run_four(job) : run_eight(job);
}

// Rows of lanes as columns.
template <int W>
inline void take_columns(const double* rows, int n, int count, double* const* columns) {
  for (int j = 0; j < count; ++j) {
    double* to = columns[j];
    for (int t = 0; t < n; ++t) to[t] = rows[t * W + j];
  }
}
AMNOK_WIDE void columns_of(const double* rows, int n, int count, double* const* columns) {
  if (lanes_for(count) == 4) {
    take_columns<4>(rows, n, count, columns);
  } else {
    take_columns<kMostLanes>(rows, n, count, columns);
  }
}

// dz of some parameters, a row of lanes a period.
std::vector<double> in_lanes(const MatrixView& dz, int first, int count) {
  if (dz.cols() == 0) return {};
  const std::size_t width = index(lanes_for(count));
  std::vector<double> lanes(static_cast<std::size_t>(dz.rows()) * width, 0.0);
  for (int j = 0; j < count; ++j) {
    for (Eigen::Index t = 0; t < dz.rows(); ++t) {
      lanes[static_cast<std::size_t>(t) * width + index(j)] = dz(t, first + j);
    }
  }
  return lanes;
}

// Without a value: every element is written before it is read.
std::unique_ptr<double[]> room_for(Eigen::Index n, int width) {
  return std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(n) * index(width));
}

}  // namespace

ArmaErrors arma_errors_with_derivatives(const ArmaCoefficients& arma, const VectorView& z,
                                        const MatrixView& dz, VectorXd& errors,
                                        MatrixXd& derivatives,
                                        VectorXd& log_determinant_derivative) {
  ArmaErrors result;
  const auto n = z.size();
  const int k = arma.parameters();
  errors.resize(n);
  derivatives.resize(n, k);
  log_determinant_derivative.resize(k);
  // At least once, for the errors themselves.
  for (int first = 0; first == 0 || first < k; first += kMostLanes) {
    const int count = std::min(kMostLanes, k - first);
    const std::vector<double> moving = in_lanes(dz, first, count);
    const auto rows = room_for(n, lanes_for(count));
    LaneJob job{arma,
                first,
                count,
                z.data(),
                moving.empty() ? nullptr : moving.data(),
                static_cast<int>(n),
                Sums::none,
                errors.data(),
                rows.get()};
    if (!run(job)) return result;
    double* to[kMostLanes];
    for (int j = 0; j < count; ++j) {
      to[j] = derivatives.col(first + j).data();
      log_determinant_derivative(first + j) = job.dlog[j];
    }
    columns_of(rows.get(), job.n, count, to);
    result.log_determinant = job.log_determinant;
  }
  result.ok = std::isfinite(result.log_determinant);
  return result;
}

ArmaErrorProducts arma_error_products(const ArmaCoefficients& arma, const VectorView& z,
                                      bool with_gram) {
  ArmaErrorProducts result;
  const int k = arma.parameters();
  if (k > kMostLanes) {
    VectorXd errors;
    MatrixXd derivatives;
    const ArmaErrors whole = arma_errors_with_derivatives(
        arma, z, MatrixXd(z.size(), 0), errors, derivatives, result.log_determinant_derivative);
    result.log_determinant = whole.log_determinant;
    result.rss = errors.squaredNorm();
    result.error_products = derivatives.transpose() * errors;
    if (with_gram) result.gram = derivatives.transpose() * derivatives;
    result.ok = whole.ok && std::isfinite(result.rss);
    return result;
  }
  const auto n = z.size();
  const int width = lanes_for(k);
  const auto room = room_for(n, width + 1);
  LaneJob job{arma,
              0,
              k,
              z.data(),
              nullptr,
              static_cast<int>(n),
              with_gram ? Sums::gram : Sums::gradient,
              room.get() + n * width,
              room.get()};
  if (!run(job)) return result;
  result.log_determinant = job.log_determinant;
  result.rss = job.rss;
  result.log_determinant_derivative = Eigen::Map<const VectorXd>(job.dlog, k);
  result.error_products = Eigen::Map<const VectorXd>(job.cross, k);
  if (with_gram) {
    result.gram = Eigen::Map<const MatrixXd, 0, Eigen::OuterStride<kMostLanes>>(job.gram[0], k, k);
  }
  result.ok = std::isfinite(result.log_determinant) && std::isfinite(result.rss);
  return result;
}

}  // namespace amnok
