// Simulated distributions of the bounds statistics; bounds_test.h has the functions that read them.
#pragma once

#include <array>

namespace amnok {

inline constexpr int kBoundsCases = 5, kMostForcing = 10;
// Residual degrees of freedom from which on samples were drawn for every case and k.
inline constexpr int kLeastBoundsDf = 10;
// Tail probabilities: P(F > q), P(t < q).
inline constexpr std::array<double, 13> kBoundsLevels = {0.99, 0.95, 0.85,  0.70, 0.50,  0.30, 0.20,
                                                         0.10, 0.05, 0.025, 0.01, 0.003, 0.001};

// q = c0 + c1 / v + c2 / v^2 + c3 / v^3 at v residual degrees of freedom, a row a probability.
struct BoundsSurface {
  float c[kBoundsLevels.size()][4];
};

// [case - 1][k][0: all forcing variables I(0), 1: all I(1)].
extern const BoundsSurface kFSurfaces[kBoundsCases][kMostForcing + 1][2];
extern const BoundsSurface kTSurfaces[kBoundsCases][kMostForcing + 1][2];

}  // namespace amnok
