// exp, log and normal numbers for many values at once, by eight lanes: a fraction of the time of one
// after the other, within 2 units in the last place of the exact value, and the same bits on every
// machine.
#pragma once

#include <cstddef>

namespace amnok {

// x <- exp x, x <- log x, n values. As std::exp and std::log where the argument or the result is not
// an ordinary number.
void lane_exp(double* x, std::ptrdiff_t n);
void lane_log(double* x, std::ptrdiff_t n);

inline constexpr int kNormalPairs = 8;

// Box & Muller's (1958, Ann. Math. Stat. 29, 610-611) pairs, for kNormalPairs angles a in [-1, 1] and
// kNormalPairs numbers u in (0, 1]:
//
//   normals[2 i] = sin(pi a_i) sqrt(-2 log u_i),   normals[2 i + 1] = cos(pi a_i) sqrt(-2 log u_i)
void lane_normals(const double* a, const double* u, double* normals);

}  // namespace amnok
