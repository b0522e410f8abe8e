// The maps between natural and unconstrained coordinates, templated for derivatives.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/stats/lag_polynomial.h"

namespace amnok {

// The line folded onto [-edge, edge], edge < 1, and back to [-pi / 2, pi / 2]. The edge lies at finite
// u, so that a function that falls towards it has a regular optimum there, which Newton's steps find.
constexpr double kStationaryEdge = 1 - 5e-5, kBoundedEdge = 1 - 1e-6;
template <class T>
T fold(const T& u, double edge) {
  using std::sin;
  return sin(u) * T(edge);
}
inline double unfold(double r, double edge) {
  return std::asin(std::clamp(r / edge, -1.0, 1.0));
}

// Whether u is on an edge, within 5e-7 of it, where the derivative in u has all but vanished; and stays
// there, with a sum of squares r'r that falls outwards. slope: r'(dr / du).
inline bool is_at_edge(double u) {
  constexpr double kAtEdge = 1e-3;
  return std::fabs(std::cos(u)) < kAtEdge;
}
inline bool is_held_at_edge(double u, double slope) {
  return is_at_edge(u) && slope * std::sin(u) * std::cos(u) < 0;
}

// sign = +1: stationary AR coefficients; -1: invertible MA coefficients.
template <class T>
std::vector<T> coefficients_from_unconstrained(const std::vector<T>& u, double sign) {
  std::vector<T> partial(u.size(), T(0.0));
  for (std::size_t i = 0; i < u.size(); ++i) partial[i] = fold(u[i], kStationaryEdge);
  std::vector<T> coefficients = stationary_from_partial(partial);
  if (sign < 0) {
    for (T& c : coefficients) c = -c;
  }
  return coefficients;
}

}  // namespace amnok
