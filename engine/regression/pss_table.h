// The published asymptotic critical values of the bounds tests: Pesaran, Shin & Smith (2001, J.
// Applied Econometrics 16, 289-326), tables CI(i) to CI(v) and CII(i), CII(iii), CII(v).
// bounds_test.h has the function that reads them.
#pragma once

#include <array>

namespace amnok {

inline constexpr std::array<double, 4> kPssLevels = {0.10, 0.05, 0.025, 0.01};

// [case - 1][k][level][I(0), I(1)]
extern const double kPssF[5][11][4][2];
// [cases I, III, V][k][level][I(0), I(1)]
extern const double kPssT[3][11][4][2];

}  // namespace amnok
