// What the two ARMA filters share: their start, and when they are steady.
#pragma once

#include <cmath>
#include <vector>

#include "engine/stats/lag_polynomial.h"

namespace amnok::arma_detail {

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

inline std::vector<int> used_lags(const std::vector<double>& c) {
  std::vector<int> lags;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (c[i] != 0) lags.push_back(static_cast<int>(i) + 1);
  }
  return lags;
}

// Steady when what is left of L, which enters squared, cannot move F or K any more.
inline bool is_steady(double f, const double* l, int r) {
  if (std::fabs(f - 1) >= 1e-14) return false;
  for (int i = 0; i < r; ++i) {
    if (std::fabs(l[i]) >= 1e-9) return false;
  }
  return true;
}

}  // namespace amnok::arma_detail
