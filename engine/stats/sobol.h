// Sobol's sequence with Joe & Kuo's (2008, SIAM J. Sci. Comput. 30, 2635-2654) direction numbers
// (Boost.Random's table), by index: any point of any dimension without those before it.
#pragma once

#include <cstdint>

namespace amnok {

inline constexpr int kSobolDimensions = 3667;

// 32 bits after the binary point; point 0 is the origin. dimension < kSobolDimensions.
std::uint32_t sobol(std::uint32_t point, int dimension);

}  // namespace amnok
