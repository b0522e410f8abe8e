#include "engine/statespace/arma_filter.h"

#include <algorithm>
#include <cmath>

#include "engine/base/wide.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

// A value and one directional derivative: what the filter's start needs.
struct Tangent {
  double a = 0, v = 0;
  Tangent() = default;
  explicit Tangent(double value) : a(value) {}
  Tangent(double value, double derivative) : a(value), v(derivative) {}
};
Tangent operator+(const Tangent& x, const Tangent& y) {
  return {x.a + y.a, x.v + y.v};
}
Tangent operator-(const Tangent& x, const Tangent& y) {
  return {x.a - y.a, x.v - y.v};
}
Tangent operator*(const Tangent& x, const Tangent& y) {
  return {x.a * y.a, x.v * y.a + x.a * y.v};
}
Tangent operator/(const Tangent& x, const Tangent& y) {
  const double ratio = x.a / y.a;
  return {ratio, (x.v - ratio * y.v) / y.a};
}
bool operator<(const Tangent& x, const Tangent& y) {
  return x.a < y.a;
}
bool operator>(const Tangent& x, const Tangent& y) {
  return x.a > y.a;
}
using amnok::is_zero;
bool is_zero(const Tangent& x) {
  return x.a == 0 && x.v == 0;
}

// K_1 = T P_1 Z' (r elements), then F_1: the covariance of the state with y, shifted once.
template <class T>
bool initial_gain(const std::vector<T>& phi, const std::vector<T>& theta, int r,
                  std::vector<T>& gain) {
  std::vector<T> gamma;
  if (!arma_autocovariances(phi, theta, r, gamma)) return false;
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  const int p = static_cast<int>(phi.size());
  // g_i = cov(alpha_i, y) = gamma_i - sum_{j <= i} phi_j gamma_{i-j}.
  std::vector<T> g = gamma;
  for (int j = 1; j <= p; ++j) {
    if (is_zero(phi[at(j - 1)])) continue;
    for (int i = j; i <= r; ++i) g[at(i)] = g[at(i)] - phi[at(j - 1)] * gamma[at(i - j)];
  }
  gain.resize(at(r + 1));
  for (int i = 0; i < r; ++i) {
    gain[at(i)] = i + 1 < r ? g[at(i + 1)] : T(0.0);
    if (i < p) gain[at(i)] = gain[at(i)] + phi[at(i)] * g[0];
  }
  gain[at(r)] = g[0];
  return true;
}

// sum log f without a logarithm each: the product is kept in range.
class LogProduct {
 public:
  void multiply(double f) {
    product_ *= f;
    if (product_ > 1e100 || product_ < 1e-100) {
      sum_ += std::log(product_);
      product_ = 1;
    }
  }
  double value() const { return sum_ + std::log(product_); }

 private:
  double product_ = 1, sum_ = 0;
};

std::vector<int> used_lags(const std::vector<double>& c) {
  std::vector<int> lags;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] != 0) lags.push_back(static_cast<int>(i) + 1);
  }
  return lags;
}

// x <- shifted up by one, plus g * k, plus a0 * phi.
void advance(double* x, const double* __restrict k, double g, const double* __restrict phi, int p,
             double a0, int r) {
  for (int i = 0; i < r; ++i) x[i] = x[i + 1] + k[i] * g;
  for (int i = 0; i < p; ++i) x[i] += phi[i] * a0;
}

// L <- T L.
void shift(double* l, const double* __restrict phi, int p, double first, int r) {
  for (int i = 0; i < r; ++i) l[i] = l[i + 1];
  for (int i = 0; i < p; ++i) l[i] += phi[i] * first;
}

// Steady when what is left of L, which enters squared, cannot move F or K any more.
bool is_steady(double f, const double* l, int r) {
  if (std::fabs(f - 1) >= 1e-14) return false;
  for (int i = 0; i < r; ++i) {
    if (std::fabs(l[i]) >= 1e-9) return false;
  }
  return true;
}

constexpr double kSteadyDerivative = 1e-9;

}  // namespace

namespace {

// The filter of arma_errors.
struct ValueFilter {
  int p, r;
  std::size_t width;
  const double* phi;
  double f, c;
  std::vector<double> k, l, states;
  LogProduct product{};
};

// Steps until the steady state or the end; the number of steps made.
AMNOK_WIDE int run_to_steady_state(ValueFilter& filter, const double* data, int n, int columns,
                                   double* out) {
  const int p = filter.p, r = filter.r;
  double* __restrict k = filter.k.data();
  double* __restrict l = filter.l.data();
  const double* __restrict phi = filter.phi;
  double f = filter.f;
  int t = 0;
  while (t < n) {
    const double inverse = 1 / f, inverse_sd = std::sqrt(inverse);
    filter.product.multiply(f);
    for (int j = 0; j < columns; ++j) {
      double* x = filter.states.data() + static_cast<std::size_t>(j) * filter.width;
      const std::ptrdiff_t cell = static_cast<std::ptrdiff_t>(j) * n + t;
      const double predicted = x[0], error = data[cell] - predicted;
      advance(x, k, error * inverse, phi, p, predicted, r);
      out[cell] = error * inverse_sd;
    }
    const double z = l[0], mz = filter.c * f * z, next = f + mz * z, share = z / next;
    shift(l, phi, p, z, r);
    for (int i = 0; i < r; ++i) {
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
  const std::vector<int> ar_lags = used_lags(arma.ar), ma_lags = used_lags(arma.ma);
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

// Element i of the state for period n: what the plain recursion from `begin` on knows of it.
double state_after(const ArmaCoefficients& arma, const double* x, int r, const double* y,
                   const double* e, int begin, int n, int i) {
  const int since = n - begin;
  double value = since + i < r ? x[since + i] : 0.0;
  const auto add = [&](const std::vector<double>& c, const double* past) {
    for (int lag = i + 1; lag <= static_cast<int>(c.size()) && lag - i <= since; ++lag) {
      value += c[static_cast<std::size_t>(lag - 1)] * past[n + i - lag];
    }
  };
  add(arma.ar, y);
  add(arma.ma, e);
  return value;
}

}  // namespace

ArmaErrors arma_errors(const ArmaCoefficients& arma, const MatrixView& data, MatrixXd& out,
                       MatrixXd* next_state) {
  const int p = static_cast<int>(arma.ar.size()), q = static_cast<int>(arma.ma.size());
  const int r = std::max(p, q + 1), n = static_cast<int>(data.rows());
  const auto columns = static_cast<int>(data.cols());
  ArmaErrors result;
  std::vector<double> k;
  if (!initial_gain(arma.ar, arma.ma, r, k)) return result;
  const double f = k.back();
  if (!(f > 0)) return result;
  k.back() = 0;  // every array has a zero behind its end
  const auto width = static_cast<std::size_t>(r + 1);
  ValueFilter filter{p, r, width, arma.ar.data(), f, -1 / (f * f), k, k, {}};
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
  result.steady = begin < n || is_steady(filter.f, filter.l.data(), r);
  if (next_state != nullptr) {
    next_state->resize(r, columns);
    for (int j = 0; j < columns; ++j) {
      const double* y = values + static_cast<std::ptrdiff_t>(j) * n;
      const double* e = out.data() + static_cast<std::ptrdiff_t>(j) * n;
      const double* x = filter.states.data() + static_cast<std::size_t>(j) * width;
      for (int i = 0; i < r; ++i) (*next_state)(i, j) = state_after(arma, x, r, y, e, begin, n, i);
    }
  }
  result.log_determinant = filter.product.value();
  result.ok = std::isfinite(result.log_determinant);
  return result;
}

namespace {

// The filter of arma_errors_with_derivatives: every array of length r + 1 has its derivatives
// behind it, one array a parameter.
class DerivativeFilter {
 public:
  DerivativeFilter(const ArmaCoefficients& arma)
      : arma_(arma),
        p_(static_cast<int>(arma.ar.size())),
        q_(static_cast<int>(arma.ma.size())),
        r_(std::max(p_, q_ + 1)),
        k_(arma.parameters()),
        width_(static_cast<std::size_t>(r_ + 1)) {}

  bool start() {
    gain_.assign(width_ * static_cast<std::size_t>(k_ + 1), 0.0);
    df_.resize(static_cast<std::size_t>(k_));
    dc_ = dmz_ = dshare_ = dfirst_ = df_;
    std::vector<double> first;
    if (!initial_gain(arma_.ar, arma_.ma, r_, first)) return false;
    std::copy_n(first.begin(), r_, gain_.begin());
    f_ = first.back();
    if (!(f_ > 0)) return false;
    c_ = -1 / (f_ * f_);
    std::vector<Tangent> ar(arma_.ar.size()), ma(arma_.ma.size()), tangent;
    for (int j = 0; j < k_; ++j) {
      for (std::size_t i = 0; i < ar.size(); ++i) {
        ar[i] = {arma_.ar[i], arma_.ar_derivative(static_cast<Eigen::Index>(i), j)};
      }
      for (std::size_t i = 0; i < ma.size(); ++i) {
        ma[i] = {arma_.ma[i], arma_.ma_derivative(static_cast<Eigen::Index>(i), j)};
      }
      if (!initial_gain(ar, ma, r_, tangent)) return false;
      double* dk = derivative(gain_, j);
      for (int i = 0; i < r_; ++i) dk[i] = tangent[static_cast<std::size_t>(i)].v;
      df(j) = tangent.back().v;
      dc_[index(j)] = 2 * df(j) / (f_ * f_ * f_);
    }
    direction_ = gain_;
    state_.assign(gain_.size(), 0.0);
    dlog_.assign(df_.size(), 0.0);
    return true;
  }

  // Steps until the steady state or n; the number of steps made.
  AMNOK_WIDE int run(const VectorView& z, const MatrixView& dz, VectorXd& errors,
                     MatrixXd& derivatives) {
    const int n = static_cast<int>(z.size());
    int t = 0;
    while (t < n) {
      update(t, z(t), dz, errors, derivatives);
      advance_gain();
      ++t;
      if (t % 4 == 0 && steady()) break;
    }
    return t;
  }

  // The plain recursion from `begin` on.
  void run_plain(int begin, const VectorView& z, const MatrixView& dz, VectorXd& errors,
                 MatrixXd& derivatives) const {
    const int n = static_cast<int>(z.size());
    const std::vector<int> ar_lags = used_lags(arma_.ar), ma_lags = used_lags(arma_.ma);
    for (int t = begin; t < n; ++t) {
      const int since = t - begin;
      double prediction = since < r_ ? state_[index(since)] : 0.0;
      for (int lag : ar_lags) {
        if (lag <= since) prediction += arma_.ar[index(lag - 1)] * z(t - lag);
      }
      for (int lag : ma_lags) {
        if (lag <= since) prediction += arma_.ma[index(lag - 1)] * errors(t - lag);
      }
      errors(t) = z(t) - prediction;
    }
    const bool moves = dz.cols() > 0;
    for (int j = 0; j < k_; ++j) {
      const double* dx = derivative(state_, j);
      const std::vector<int> dar = moving_lags(arma_.ar_derivative.col(j));
      const std::vector<int> dma = moving_lags(arma_.ma_derivative.col(j));
      for (int t = begin; t < n; ++t) {
        const int since = t - begin;
        double value = since < r_ ? dx[since] : 0.0;
        for (int lag : dar) {
          if (lag <= since) value += arma_.ar_derivative(lag - 1, j) * z(t - lag);
        }
        for (int lag : dma) {
          if (lag <= since) value += arma_.ma_derivative(lag - 1, j) * errors(t - lag);
        }
        for (int lag : ma_lags) {
          if (lag <= since) value += arma_.ma[index(lag - 1)] * derivatives(t - lag, j);
        }
        if (moves) {
          value -= dz(t, j);
          for (int lag : ar_lags) {
            if (lag <= since) value += arma_.ar[index(lag - 1)] * dz(t - lag, j);
          }
        }
        derivatives(t, j) = -value;
      }
    }
  }

  double log_determinant() const { return product_.value(); }
  const std::vector<double>& log_determinant_derivative() const { return dlog_; }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  double* derivative(std::vector<double>& v, int j) const {
    return v.data() + width_ * index(j + 1);
  }
  const double* derivative(const std::vector<double>& v, int j) const {
    return v.data() + width_ * index(j + 1);
  }
  double& df(int j) { return df_[index(j)]; }

  static std::vector<int> moving_lags(const Eigen::Ref<const VectorXd>& c) {
    std::vector<int> lags;
    for (Eigen::Index i = 0; i < c.size(); ++i) {
      if (c(i) != 0) lags.push_back(static_cast<int>(i) + 1);
    }
    return lags;
  }

  void update(int t, double z, const MatrixView& dz, VectorXd& errors, MatrixXd& derivatives) {
    const double inverse = 1 / f_, inverse_sd = std::sqrt(inverse);
    product_.multiply(f_);
    double* x = state_.data();
    const double predicted = x[0], error = z - predicted, g = error * inverse;
    errors(t) = error * inverse_sd;
    const double* __restrict kk = gain_.data();
    const double* __restrict phi = arma_.ar.data();
    for (int j = 0; j < k_; ++j) {
      double* dx = derivative(state_, j);
      const double* __restrict dk = derivative(gain_, j);
      const double dpredicted = dx[0];
      const double derror = (dz.cols() > 0 ? dz(t, j) : 0.0) - dpredicted;
      const double dg = (derror - g * df(j)) * inverse;
      derivatives(t, j) = inverse_sd * (derror - 0.5 * g * df(j));
      dlog_[index(j)] += df(j) * inverse;
      for (int i = 0; i < r_; ++i) dx[i] = dx[i + 1] + dk[i] * g + kk[i] * dg;
      const double* __restrict dphi =
          arma_.ar_derivative.data() + static_cast<Eigen::Index>(j) * p_;
      for (int i = 0; i < p_; ++i) dx[i] += dphi[i] * predicted + phi[i] * dpredicted;
    }
    advance(x, kk, g, arma_.ar.data(), p_, predicted, r_);
  }

  void advance_gain() {
    double* __restrict l = direction_.data();
    double* __restrict kk = gain_.data();
    const double first = l[0], mz = c_ * f_ * first, next = f_ + mz * first, share = first / next;
    for (int j = 0; j < k_; ++j) {
      const double dfirst = derivative(direction_, j)[0];
      const double dmz = dc_[index(j)] * f_ * first + c_ * df(j) * first + c_ * f_ * dfirst;
      const double dnext = df(j) + dmz * first + mz * dfirst;
      dfirst_[index(j)] = dfirst;
      dmz_[index(j)] = dmz;
      dshare_[index(j)] = (dfirst - share * dnext) / next;
      df(j) = dnext;
    }
    shift(l, arma_.ar.data(), p_, first, r_);
    for (int i = 0; i < r_; ++i) kk[i] += mz * l[i];
    for (int j = 0; j < k_; ++j) {
      double* __restrict dl = derivative(direction_, j);
      double* __restrict dk = derivative(gain_, j);
      const double* __restrict dphi =
          arma_.ar_derivative.data() + static_cast<Eigen::Index>(j) * p_;
      const double dfirst = dfirst_[index(j)], dmz = dmz_[index(j)], dshare = dshare_[index(j)];
      shift(dl, arma_.ar.data(), p_, dfirst, r_);
      for (int i = 0; i < p_; ++i) dl[i] += dphi[i] * first;
      advance_derivative(dk, dl, kk, l, dmz, mz, dshare, share);
    }
    for (int i = 0; i < r_; ++i) l[i] -= share * kk[i];
    f_ = next;
  }

  // d K += dM L + M dL, then dL -= dS K + S dK.
  void advance_derivative(double* __restrict dk, double* __restrict dl, const double* __restrict kk,
                          const double* __restrict l, double dmz, double mz, double dshare,
                          double share) const {
    for (int i = 0; i < r_; ++i) {
      const double change = dk[i] + (dmz * l[i] + mz * dl[i]);
      dk[i] = change;
      dl[i] -= dshare * kk[i] + share * change;
    }
  }

  // L enters F squared, but d L times L once: its derivative may be larger by the same factor.
  bool steady() const {
    if (!is_steady(f_, direction_.data(), r_)) return false;
    double largest = 0;
    for (int i = 0; i < r_; ++i) largest = std::max(largest, std::fabs(direction_[index(i)]));
    for (int j = 0; j < k_; ++j) {
      const double* dl = derivative(direction_, j);
      for (int i = 0; i < r_; ++i) {
        if (std::fabs(dl[i]) * largest > kSteadyDerivative * kSteadyDerivative * 1e3) return false;
      }
    }
    return true;
  }

  const ArmaCoefficients& arma_;
  int p_, q_, r_, k_;
  std::size_t width_;
  double f_ = 1, c_ = -1;
  std::vector<double> gain_, direction_, state_;  // K, L and the predicted state
  std::vector<double> df_, dc_, dmz_, dshare_, dfirst_, dlog_;
  LogProduct product_;
};

}  // namespace

ArmaErrors arma_errors_with_derivatives(const ArmaCoefficients& arma, const VectorView& z,
                                        const MatrixView& dz, VectorXd& errors,
                                        MatrixXd& derivatives,
                                        VectorXd& log_determinant_derivative) {
  ArmaErrors result;
  DerivativeFilter filter(arma);
  if (!filter.start()) return result;
  errors.resize(z.size());
  derivatives.resize(z.size(), arma.parameters());
  const int begin = filter.run(z, dz, errors, derivatives);
  filter.run_plain(begin, z, dz, errors, derivatives);
  result.log_determinant = filter.log_determinant();
  const auto& dlog = filter.log_determinant_derivative();
  log_determinant_derivative =
      Eigen::Map<const VectorXd>(dlog.data(), static_cast<Eigen::Index>(dlog.size()));
  result.ok = std::isfinite(result.log_determinant);
  return result;
}

}  // namespace amnok
