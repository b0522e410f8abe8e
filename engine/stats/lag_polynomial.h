// Lag polynomials of (seasonal) ARIMA models, templated so that derivatives can pass through.
//
// Conventions, as in Box & Jenkins with R's signs:
//   AR   y_t = phi_1 y_{t-1} + ... + e_t           phi(B)   = 1 - phi_1 B - ...
//   MA   y_t = e_t + theta_1 e_{t-1} + ...         theta(B) = 1 + theta_1 B + ...
// A vector c of a polynomial holds c_1, c_2, ...; the leading 1 is implied.
#pragma once

#include <cmath>
#include <complex>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// Zero in value and, for a dual number, in every derivative: a lag that a seasonal model leaves
// out.
inline bool is_zero(double x) {
  return x == 0;
}
template <class J>
bool is_zero(const J& x) {
  return x.a == 0 && (x.v.array() == 0).all();
}

// (1 - sum a_i B^i)(1 - sum b_j B^{sj}) = 1 - sum c_k B^k, and the same with + for moving averages:
// sign = -1 for AR, +1 for MA.
template <class T>
std::vector<T> expand_seasonal(const std::vector<T>& ordinary, const std::vector<T>& seasonal,
                               int period, double sign) {
  const std::size_t p = ordinary.size(), s = static_cast<std::size_t>(period);
  std::vector<T> result(p + seasonal.size() * s, T(0.0));
  for (std::size_t i = 0; i < p; ++i) result[i] = ordinary[i];
  for (std::size_t j = 0; j < seasonal.size(); ++j) {
    const std::size_t lag = (j + 1) * s;
    result[lag - 1] = result[lag - 1] + seasonal[j];
    for (std::size_t i = 0; i < p; ++i) {
      result[lag + i] = result[lag + i] + T(sign) * ordinary[i] * seasonal[j];
    }
  }
  return result;
}

// Coefficients c of y_t = w_t + sum c_j y_{t-j} for w_t = (1 - B)^d (1 - B^s)^D y_t.
std::vector<double> difference_coefficients(int d, int seasonal_d, int period);

// w of length n - d - D s.
VectorXd difference(const VectorView& y, int d, int seasonal_d, int period);

// Coefficients of a stationary AR from partial autocorrelations in (-1, 1) (Durbin-Levinson;
// Barndorff-Nielsen & Schou 1973, J. Multivariate Anal. 3, 408-419). An invertible MA is the
// negative.
template <class T>
std::vector<T> stationary_from_partial(const std::vector<T>& partial) {
  std::vector<T> phi(partial.size(), T(0.0)), last(partial.size(), T(0.0));
  for (std::size_t k = 0; k < partial.size(); ++k) {
    for (std::size_t j = 0; j < k; ++j) phi[j] = last[j] - partial[k] * last[k - 1 - j];
    phi[k] = partial[k];
    for (std::size_t j = 0; j <= k; ++j) last[j] = phi[j];
  }
  return phi;
}

// The inverse; false when phi is not stationary (some |partial| >= 1).
bool partial_from_stationary(const std::vector<double>& phi, std::vector<double>& partial);
bool is_stationary(const std::vector<double>& phi);

// Autocovariances gamma_0 .. gamma_max_lag of phi(B) y = theta(B) e with var e = 1, by Levinson
// step-down of the AR part and convolution with theta(B) theta(B^-1). O(p^2 + q lags). False: not
// stationary.
template <class T>
bool arma_autocovariances(const std::vector<T>& phi, const std::vector<T>& theta, int max_lag,
                          std::vector<T>& gamma) {
  const int p = static_cast<int>(phi.size()), q = static_cast<int>(theta.size());
  const auto at = [](int i) { return static_cast<std::size_t>(i); };

  // rho_m = sum_j theta_j theta_{j+m}, the autocovariances of the moving average.
  std::vector<int> used = {0};  // lags with a coefficient: seasonal models leave most out
  for (int j = 1; j <= q; ++j) {
    if (!is_zero(theta[at(j - 1)])) used.push_back(j);
  }
  const auto ma = [&](int j) { return j == 0 ? T(1.0) : theta[at(j - 1)]; };
  std::vector<T> rho(at(q + 1), T(0.0));
  for (int i : used) {
    for (int j : used) {
      if (j >= i) rho[at(j - i)] = rho[at(j - i)] + ma(i) * ma(j);
    }
  }
  gamma.assign(at(max_lag + 1), T(0.0));
  if (p == 0) {
    for (int k = 0; k <= std::min(q, max_lag); ++k) gamma[at(k)] = rho[at(k)];
    return true;
  }

  // Step down from phi to the predictors of every lower order, that of order m from m (m - 1) / 2 on;
  // the last of each is its partial autocorrelation.
  const auto row = [](int m) { return m * (m - 1) / 2; };
  std::vector<T> predictor(at(row(p + 1)), T(0.0));
  std::copy(phi.begin(), phi.end(), predictor.begin() + row(p));
  T product(1.0);
  for (int m = p; m >= 1; --m) {
    const T* a = predictor.data() + row(m);
    const T k = a[m - 1];
    if (!(k < T(1.0)) || !(k > T(-1.0))) return false;
    const T rest = T(1.0) - k * k, inverse = T(1.0) / rest;
    product = product * rest;
    T* lower = predictor.data() + row(m - 1);
    for (int j = 0; j < m - 1; ++j) lower[j] = (a[j] + k * a[m - 2 - j]) * inverse;
  }
  // Step up: autocovariances of the AR process u with phi(B) u = e, out to lag max_lag + q.
  const int lags = max_lag + q;
  std::vector<int> ar_lags;
  for (int j = 1; j <= p; ++j) {
    if (!is_zero(phi[at(j - 1)])) ar_lags.push_back(j);
  }
  std::vector<T> u(at(lags + 1), T(0.0));
  u[0] = T(1.0) / product;
  T variance = u[0];
  for (int m = 1; m <= std::min(p, lags); ++m) {
    const T k = predictor[at(row(m) + m - 1)];
    T value = k * variance;
    const T* a = predictor.data() + row(m - 1);
    for (int j = 1; j < m; ++j) value = value + a[j - 1] * u[at(m - j)];
    u[at(m)] = value;
    variance = variance * (T(1.0) - k * k);
  }
  for (int m = p + 1; m <= lags; ++m) {
    T value(0.0);
    for (int j : ar_lags) value = value + phi[at(j - 1)] * u[at(m - j)];
    u[at(m)] = value;
  }
  for (int k = 0; k <= max_lag; ++k) {
    T value = rho[0] * u[at(k)];
    for (int m = 1; m <= q; ++m) {
      if (is_zero(rho[at(m)])) continue;
      value = value + rho[at(m)] * (u[at(std::abs(k - m))] + u[at(k + m)]);
    }
    gamma[at(k)] = value;
  }
  return true;
}

// psi_0 = 1, psi_1, ... of y_t = sum psi_j e_{t-j}; `ar` may hold unit roots.
VectorXd psi_weights(const std::vector<double>& ar, const std::vector<double>& ma, int count);

// Inverse roots of 1 - c_1 z - c_2 z^2 - ... (AR convention): inside the unit circle when
// stationary.
std::vector<std::complex<double>> inverse_roots(const std::vector<double>& coefficients);

// Moduli of the roots of 1 - c_1 z - c_2 z^2 - ... (AR convention), ascending; stationarity needs
// all > 1. For an MA, pass the negative coefficients.
std::vector<double> root_moduli(const std::vector<double>& coefficients);

}  // namespace amnok
