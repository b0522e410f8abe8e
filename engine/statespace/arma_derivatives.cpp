// Errors with derivatives. Every element of K, L and the state is a row of W lanes, the value in lane
// 0 and the derivatives in the others, so that a step is the product rule for all of them at once:
//
//   d(x y) = x dy + dx y   becomes   X y + x dy,   the lane 0 of dy being zero
#include <algorithm>
#include <cmath>
#include <memory>

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

// The filter for some of the parameters: r + 1 rows of `width` lanes, the last row zero.
struct LaneFilter {
  int p = 0, r = 1, width = 4, count = 0;                   // count: derivatives in use
  std::vector<double> phi, dtheta, gain, direction, state;  // dtheta: lane 0 is zero
  double f = 1, c = -1;
  double df[kMostLanes] = {}, dc[kMostLanes] = {}, dlog[kMostLanes] = {};
  LogProduct product{};
};

template <int W>
inline bool start_lanes(const ArmaCoefficients& arma, int first, LaneFilter& filter) {
  using V = typename Lanes<W>::type;
  const auto ar = with_derivatives<W>(arma.ar, arma.ar_derivative, first, filter.count);
  const auto ma = with_derivatives<W>(arma.ma, arma.ma_derivative, first, filter.count);
  std::vector<Dual<W>> gain;
  if (!initial_gain(ar, ma, filter.r, gain)) return false;
  const Dual<W>& f = gain.back();
  filter.f = f.value();
  if (!(filter.f > 0)) return false;
  filter.c = -1 / (filter.f * filter.f);
  for (int j = 1; j <= filter.count; ++j) {
    filter.df[j] = f.lanes[j];
    filter.dc[j] = 2 * f.lanes[j] / (filter.f * filter.f * filter.f);
  }
  for (std::size_t i = 0; i < ar.size(); ++i) {
    reinterpret_cast<V*>(filter.phi.data())[i] = ar[i].lanes;
  }
  for (std::size_t i = 0; i < ma.size(); ++i) {
    V lanes = ma[i].lanes;
    lanes[0] = 0;
    reinterpret_cast<V*>(filter.dtheta.data())[i] = lanes;
  }
  for (int i = 0; i < filter.r; ++i) {
    reinterpret_cast<V*>(filter.gain.data())[i] = gain[index(i)].lanes;
  }
  filter.direction = filter.gain;
  return true;
}

AMNOK_WIDE bool start_in_lanes(const ArmaCoefficients& arma, int first, LaneFilter& filter) {
  return filter.width == 4 ? start_lanes<4>(arma, first, filter)
                           : start_lanes<kMostLanes>(arma, first, filter);
}

bool start(const ArmaCoefficients& arma, int first, int count, LaneFilter& filter) {
  filter.p = static_cast<int>(arma.ar.size());
  filter.r = std::max(filter.p, static_cast<int>(arma.ma.size()) + 1);
  filter.count = count;
  filter.width = count < 4 ? 4 : kMostLanes;
  filter.gain.assign(index((filter.r + 1) * filter.width), 0.0);
  filter.phi = filter.dtheta = filter.state = filter.gain;
  return start_in_lanes(arma, first, filter);
}

// L enters F squared, but d L times L once: its derivative may be larger by the same factor.
bool is_steady(const LaneFilter& filter) {
  if (std::fabs(filter.f - 1) >= 1e-14) return false;
  double largest = 0, largest_derivative = 0;
  for (int i = 0; i < filter.r; ++i) {
    const double* row = filter.direction.data() + index(i * filter.width);
    largest = std::max(largest, std::fabs(row[0]));
    if (largest >= 1e-9) return false;
    for (int j = 1; j <= filter.count; ++j) {
      largest_derivative = std::max(largest_derivative, std::fabs(row[j]));
    }
  }
  return largest_derivative * largest <= kSteadyDerivative * kSteadyDerivative * 1e3;
}

// One step: X <- T X + K g, then L <- T L, K += M L, L -= S K, all with derivatives. moved: the lanes
// of the prediction X[0] without its value.
template <int W>
inline void advance(LaneFilter& filter, double g, const typename Lanes<W>::type& dg,
                    double predicted, const typename Lanes<W>::type& moved) {
  using V = typename Lanes<W>::type;
  V* x = reinterpret_cast<V*>(filter.state.data());
  V* l = reinterpret_cast<V*>(filter.direction.data());
  V* k = reinterpret_cast<V*>(filter.gain.data());
  const V* phi = reinterpret_cast<const V*>(filter.phi.data());
  V& df = *reinterpret_cast<V*>(filter.df);
  const V dc = *reinterpret_cast<const V*>(filter.dc);
  const double f = filter.f, c = filter.c, first = l[0][0];
  const double mz = c * f * first, next = f + mz * first, share = first / next;
  V dfirst = l[0];
  dfirst[0] = 0;
  const V dmz = dc * (f * first) + df * (c * first) + dfirst * (c * f);
  df += dmz * first + dfirst * mz;
  const V dshare = (dfirst - df * share) / next;
  for (int i = 0; i < filter.r; ++i) {
    V shifted = l[i + 1];
    V gain = k[i];
    V state = (x[i + 1] + gain * g) + gain[0] * dg;
    if (i < filter.p) {
      state += phi[i] * predicted + phi[i][0] * moved;
      shifted += phi[i] * first + phi[i][0] * dfirst;
    }
    x[i] = state;
    gain += shifted * mz + shifted[0] * dmz;
    k[i] = gain;
    l[i] = shifted - (gain * share + gain[0] * dshare);
  }
  filter.f = next;
}

// Steps until the steady state or n; their number. dz and rows: W lanes a period, lane 0 of dz zero;
// rows receive the errors and their derivatives.
template <int W>
inline int run_lanes(LaneFilter& filter, const double* z, int n, const double* dz, double* rows) {
  using V = typename Lanes<W>::type;
  V& df = *reinterpret_cast<V*>(filter.df);
  V& dlog = *reinterpret_cast<V*>(filter.dlog);
  int t = 0;
  while (t < n) {
    const double inverse = 1 / filter.f, inverse_sd = std::sqrt(inverse);
    filter.product.multiply(filter.f);
    V dpredicted = *reinterpret_cast<const V*>(filter.state.data());
    const double predicted = dpredicted[0], error = z[t] - predicted, g = error * inverse;
    dpredicted[0] = 0;
    V derror = -dpredicted;
    if (dz != nullptr) derror += reinterpret_cast<const V*>(dz)[t];
    const V dg = (derror - df * g) * inverse;
    V row = (derror - df * (0.5 * g)) * inverse_sd;
    row[0] = error * inverse_sd;
    reinterpret_cast<V*>(rows)[t] = row;
    dlog += df * inverse;
    advance<W>(filter, g, dg, predicted, dpredicted);
    ++t;
    if (t % 4 == 0 && is_steady(filter)) break;
  }
  return t;
}

AMNOK_WIDE int run_to_steady_state(LaneFilter& filter, const double* z, int n, const double* dz,
                                   double* rows) {
  return filter.width == 4 ? run_lanes<4>(filter, z, n, dz, rows)
                           : run_lanes<kMostLanes>(filter, z, n, dz, rows);
}

// The lags that the plain recursion needs, the longest first: what follows a result closest is added
// last.
struct PlainLags {
  std::vector<int> ar, ma;
};

PlainLags plain_lags(const LaneFilter& filter, const ArmaCoefficients& arma) {
  const auto used = [&](const std::vector<double>& lanes, const std::vector<double>& values) {
    std::vector<int> lags;
    for (int lag = static_cast<int>(values.size()); lag >= 1; --lag) {
      const double* row = lanes.data() + index((lag - 1) * filter.width);
      const bool moves = std::any_of(row, row + filter.width, [](double x) { return x != 0; });
      if (moves || values[index(lag - 1)] != 0) lags.push_back(lag);
    }
    return lags;
  };
  return {used(filter.phi, arma.ar), used(filter.dtheta, arma.ma)};
}

// From `begin` on, with E_t = (e_t, de_t) and Z_t = (z_t, dz_t):
//
//   E_t = Z_t - known_t - sum_j (phi_j Z_{t-j} + dphi_j z_{t-j}) - sum_j (theta_j E_{t-j} + dtheta_j e_{t-j})
//
// known_t: what the state at `begin` holds; the sums begin there.
//
// The value alone runs ahead of the derivatives, and the last row stays in a register: a step then
// waits for one product and one difference.
template <int W>
inline void run_plain(const LaneFilter& filter, const ArmaCoefficients& arma, const PlainLags& lags,
                      const double* z, const double* dz, int begin, int n, double* rows) {
  using V = typename Lanes<W>::type;
  const V* known = reinterpret_cast<const V*>(filter.state.data());
  const V* phi = reinterpret_cast<const V*>(filter.phi.data());
  const V* dtheta = reinterpret_cast<const V*>(filter.dtheta.data());
  const V* moving = reinterpret_cast<const V*>(dz);
  V* e = reinterpret_cast<V*>(rows);
  const bool has_first = !lags.ma.empty() && lags.ma.back() == 1;
  const std::size_t others = lags.ma.size() - (has_first ? 1 : 0);
  const double theta = has_first ? arma.ma[0] : 0.0;
  V dfirst = {}, last = {};
  if (has_first) dfirst = dtheta[0];
  double value = 0;  // of the last row
  for (int t = begin; t < n; ++t) {
    const int since = t - begin;
    V row = {};
    if (moving != nullptr) row = moving[t];
    row[0] = z[t];
    if (since < filter.r) row -= known[since];
    for (int lag : lags.ar) {
      if (lag > since) continue;
      row -= phi[lag - 1] * z[t - lag];
      if (moving != nullptr) row -= moving[t - lag] * arma.ar[index(lag - 1)];
    }
    for (std::size_t i = 0; i < others; ++i) {
      const int lag = lags.ma[i];
      if (lag > since) continue;
      const V past = e[t - lag];
      row -= past * arma.ma[index(lag - 1)] + dtheta[lag - 1] * past[0];
    }
    const double rest = row[0];
    row -= dfirst * value;
    row -= last * theta;
    value = rest - value * theta;
    last = row;
    e[t] = row;
  }
}

AMNOK_WIDE void run_from_steady_state(const LaneFilter& filter, const ArmaCoefficients& arma,
                                      const PlainLags& lags, const double* z, const double* dz,
                                      int begin, int n, double* rows) {
  if (filter.width == 4) {
    run_plain<4>(filter, arma, lags, z, dz, begin, n, rows);
  } else {
    run_plain<kMostLanes>(filter, arma, lags, z, dz, begin, n, rows);
  }
}

// Columns of rows of lanes, the first and `count` after it.
template <int W>
inline void take_columns(const double* rows, int n, int count, double* first,
                         double* const* others) {
  for (int t = 0; t < n; ++t) first[t] = rows[t * W];
  for (int j = 0; j < count; ++j) {
    double* to = others[j];
    for (int t = 0; t < n; ++t) to[t] = rows[t * W + j + 1];
  }
}
AMNOK_WIDE void columns_of(const LaneFilter& filter, const double* rows, int n, double* first,
                           double* const* others) {
  if (filter.width == 4) {
    take_columns<4>(rows, n, filter.count, first, others);
  } else {
    take_columns<kMostLanes>(rows, n, filter.count, first, others);
  }
}

// dz of some parameters, a row of lanes a period.
std::vector<double> in_lanes(const MatrixView& dz, int first, int count, int width) {
  if (dz.cols() == 0) return {};
  std::vector<double> lanes(static_cast<std::size_t>(dz.rows()) * index(width), 0.0);
  for (int j = 0; j < count; ++j) {
    for (Eigen::Index t = 0; t < dz.rows(); ++t) {
      lanes[static_cast<std::size_t>(t) * index(width) + index(j + 1)] = dz(t, first + j);
    }
  }
  return lanes;
}

}  // namespace

ArmaErrors arma_errors_with_derivatives(const ArmaCoefficients& arma, const VectorView& z,
                                        const MatrixView& dz, VectorXd& errors,
                                        MatrixXd& derivatives,
                                        VectorXd& log_determinant_derivative) {
  ArmaErrors result;
  const auto n = z.size();
  errors.resize(n);
  derivatives.resize(n, arma.parameters());
  log_determinant_derivative.resize(arma.parameters());
  std::unique_ptr<double[]> rows;  // every element is written before it is read
  // At least once, for the errors themselves.
  for (int first = 0; first == 0 || first < arma.parameters(); first += kMostLanes - 1) {
    const int count = std::min(kMostLanes - 1, arma.parameters() - first);
    LaneFilter filter;
    if (!start(arma, first, count, filter)) return result;
    const std::vector<double> moving = in_lanes(dz, first, count, filter.width);
    rows =
        std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(n) * index(filter.width));
    const double* dz_lanes = moving.empty() ? nullptr : moving.data();
    const int periods = static_cast<int>(n);
    const int begin = run_to_steady_state(filter, z.data(), periods, dz_lanes, rows.get());
    run_from_steady_state(filter, arma, plain_lags(filter, arma), z.data(), dz_lanes, begin,
                          periods, rows.get());
    double* to[kMostLanes];
    for (int j = 0; j < count; ++j) {
      to[j] = derivatives.col(first + j).data();
      log_determinant_derivative(first + j) = filter.dlog[j + 1];
    }
    columns_of(filter, rows.get(), periods, errors.data(), to);
    result.log_determinant = filter.product.value();
  }
  result.ok = std::isfinite(result.log_determinant);
  return result;
}

}  // namespace amnok
