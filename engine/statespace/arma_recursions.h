// Exact one-step prediction errors of a stationary ARMA process with unit innovation variance, by
// the Chandrasekhar recursions of Morf, Sidhu & Kailath (1974, IEEE Trans. Autom. Control 19,
// 315-323; in this form Pearlman 1980, Biometrika 67, 232-233, and Melard's AS 197).
//
// State (Harvey 1993, section 3.3): alpha_t of length r = max(p, q + 1), y_t = alpha_t[0],
//   alpha_{t+1} = T alpha_t + R e_{t+1},  T[:,0] = phi, ones above the diagonal,  R = (1, theta).
// With K_t = T P_t Z' and L_t the direction in which P_t changes, and because P_2 - P_1 has rank
// one,
//
//   z = L_t[0],  M_t = -F_t / F_1^2
//   F_{t+1} = F_t + M_t z^2,   K_{t+1} = K_t + M_t z T L_t,   L_{t+1} = T L_t - K_{t+1} z / F_{t+1}
//
// O(r) a step and no r x r matrix.
//
// When L has died out the filter has reached its steady state (F = 1, K = T R) and the recursion
// becomes the plain one, e_t = y_t - sum phi y_{t-j} - sum theta e_{t-j}, which skips zero lags.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/stats/lag_polynomial.h"

namespace amnok {

// The variances F_t and gains of the filter depend on the parameters alone; the errors are linear
// in the data. Whitener runs over any number of series with the same parameters.
template <class T>
class ArmaWhitener {
 public:
  // False: phi is not stationary.
  bool prepare(const std::vector<T>& phi, const std::vector<T>& theta, int n) {
    p_ = static_cast<int>(phi.size());
    q_ = static_cast<int>(theta.size());
    n_ = n;
    r_ = std::max(p_, q_ + 1);
    phi_.assign(index(r_), T(0.0));
    theta_.assign(index(r_), T(0.0));
    for (int i = 0; i < p_; ++i) phi_[index(i)] = phi[index(i)];
    for (int i = 0; i < q_; ++i) theta_[index(i)] = theta[index(i)];
    ar_lags_ = nonzero(phi_);
    ma_lags_ = nonzero(theta_);
    std::vector<T> gamma;
    if (!arma_autocovariances(phi, theta, r_, gamma)) return false;
    // g_i = cov(alpha_i, y) = gamma_i - sum_{j<=i} phi_j gamma_{i-j};  K_1 = T g.
    std::vector<T> g(index(r_ + 1), T(0.0));
    for (int i = 0; i <= r_; ++i) {
      T value = gamma[index(i)];
      for (int lag : ar_lags_) {
        if (lag <= i) value = value - phi_[index(lag - 1)] * gamma[index(i - lag)];
      }
      g[index(i)] = value;
    }
    variance_.assign(index(n_), T(1.0));
    gain_.clear();
    std::vector<T> k(index(r_), T(0.0));
    for (int i = 0; i < r_; ++i) {
      k[index(i)] = phi_[index(i)] * g[0] + (i + 1 < r_ ? g[index(i + 1)] : T(0.0));
    }
    run_gains(std::move(k), g[0]);
    return true;
  }

  // Errors e_t / sqrt(F_t), t = 0..n-1, of one series.
  template <class U>
  void whiten(const U* y, T* out) const {
    std::vector<T> state(index(r_ + 1), T(0.0));
    const int transient = static_cast<int>(gain_.size()) / std::max(r_, 1);
    for (int t = 0; t < transient; ++t) {
      const T* k = &gain_[index(t * r_)];
      const T a0 = state[0];
      const T error = T(y[t]) - a0;
      for (int i = 0; i < r_; ++i) state[index(i)] = state[index(i + 1)] + k[i] * error;
      for (int lag : ar_lags_)
        state[index(lag - 1)] = state[index(lag - 1)] + phi_[index(lag - 1)] * a0;
      out[t] = error * inverse_sd_[index(t)];
    }
    if (transient >= n_) return;
    // Plain recursion from here on: a prediction is what the state holds (its first r steps), plus
    // the effect of values and errors since.
    for (int t = transient; t < n_; ++t) {
      const int since = t - transient;
      T prediction = since < r_ ? state[index(since)] : T(0.0);
      for (int lag : ar_lags_) {
        if (lag <= since) prediction = prediction + phi_[index(lag - 1)] * T(y[t - lag]);
      }
      for (int lag : ma_lags_) {
        if (lag <= since) prediction = prediction + theta_[index(lag - 1)] * out[t - lag];
      }
      // Without data before `transient` the AR part of the state already counts them.
      out[t] = T(y[t]) - prediction;
    }
  }

  const std::vector<T>& variances() const { return variance_; }
  T log_determinant() const { return log_determinant_; }
  int state_size() const { return r_; }

 private:
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  static std::vector<int> nonzero(const std::vector<T>& c) {
    std::vector<int> lags;
    for (std::size_t i = 0; i < c.size(); ++i) {
      if (!is_zero(c[i])) lags.push_back(static_cast<int>(i) + 1);
    }
    return lags;
  }

  // K / F and F for every step until the steady state.
  void run_gains(std::vector<T> k, const T& first_variance) {
    using std::fabs, std::log, std::sqrt;
    std::vector<T> l = k;
    l.push_back(T(0.0));
    T f = first_variance;
    const T m_over_f = T(-1.0) / (first_variance * first_variance);  // M_t / F_t is constant
    log_determinant_ = T(0.0);
    inverse_sd_.clear();
    gain_.reserve(index(std::min(n_, 4 * r_ + 64) * r_));
    for (int t = 0; t < n_; ++t) {
      const T inverse = T(1.0) / f;
      variance_[index(t)] = f;
      inverse_sd_.push_back(sqrt(inverse));
      log_determinant_ = log_determinant_ + log(f);
      for (int i = 0; i < r_; ++i) gain_.push_back(k[index(i)] * inverse);
      // F' = F + M z^2, K' = K + M z T L, L' = T L - K' z / F'.
      const T z = l[0];
      const T mz = m_over_f * f * z;
      const T next = f + mz * z;
      for (int i = 0; i < r_; ++i) l[index(i)] = l[index(i + 1)];
      for (int lag : ar_lags_) l[index(lag - 1)] = l[index(lag - 1)] + phi_[index(lag - 1)] * z;
      const T factor = z / next;
      for (int i = 0; i < r_; ++i) {
        k[index(i)] = k[index(i)] + mz * l[index(i)];
        l[index(i)] = l[index(i)] - factor * k[index(i)];
      }
      f = next;
      // Steady when what is left of L, which enters squared, cannot move F or K any more.
      if (std::fabs(value_of(f) - 1) < 1e-14 && largest(l) < 1e-9) return;
    }
  }

  static double value_of(double x) { return x; }
  template <class J>
  static double value_of(const J& x) {
    return x.a;
  }

  static double largest(const std::vector<T>& l) {
    double result = 0;
    for (const T& x : l) result = std::max(result, std::fabs(value_of(x)));
    return result;
  }

  int p_ = 0, q_ = 0, r_ = 1, n_ = 0;
  std::vector<T> phi_, theta_;  // padded to r
  std::vector<int> ar_lags_, ma_lags_;
  std::vector<T> variance_, inverse_sd_, gain_;
  T log_determinant_ = T(0.0);
};

}  // namespace amnok
