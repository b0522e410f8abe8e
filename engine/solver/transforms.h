// The maps between natural and unconstrained coordinates, templated for derivatives.
#pragma once

#include <cmath>
#include <vector>

#include "engine/stats/lag_polynomial.h"

namespace amnok {

// (-inf, inf) to (-1, 1) and back.
template <class T>
T squash(const T& u) {
  using std::sqrt;
  return u / sqrt(T(1.0) + u * u);
}
inline double unsquash(double r) {
  return r / std::sqrt((1 - r) * (1 + r));
}

// sign = +1: stationary AR coefficients; -1: invertible MA coefficients.
template <class T>
std::vector<T> coefficients_from_unconstrained(const std::vector<T>& u, double sign) {
  std::vector<T> partial(u.size(), T(0.0));
  for (std::size_t i = 0; i < u.size(); ++i) partial[i] = squash(u[i]);
  std::vector<T> coefficients = stationary_from_partial(partial);
  if (sign < 0) {
    for (T& c : coefficients) c = -c;
  }
  return coefficients;
}

}  // namespace amnok
