// Random normals for eight counters at once: the numbers that r123::Philox4x32 and Box and Muller give
// one after the other, by the vectors of the machine.
#pragma once

#include <cstdint>

#include "engine/base/lane_math.h"

namespace amnok {

// Counters of Philox 4x32-10 (Salmon et al. 2011, SC'11), word by word; then what they turn into.
struct RandomLanes {
  std::uint32_t word[4][kNormalPairs];
};
void philox_lanes(std::uint64_t seed, RandomLanes& lanes);

// Of each counter two normals: normals[2 i] and normals[2 i + 1] are those of the i-th.
void normal_lanes(std::uint64_t seed, RandomLanes counters, double* normals);

}  // namespace amnok
