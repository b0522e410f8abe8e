// Counter-based random numbers (Philox 4x32-10; Salmon et al. 2011, SC'11): every number is a pure
// function of (seed, purpose, equation, draw, index). Threads, order and the number of draws never
// change a number, and a scenario is not in the key, so differences between scenarios are paired.
#pragma once

#include <cstdint>
#include <span>

namespace amnok {

enum class Purpose : std::uint32_t {
  innovation = 1,
  parameter = 2,
  assumption = 3,
  state = 4,
  bootstrap = 5,
  break_date = 6,
  placebo = 7,
  simulation = 8,
  member = 9
};

struct StreamKey {
  std::uint64_t seed = 0;
  Purpose purpose = Purpose::innovation;
  std::uint32_t equation = 0;
};

// Standard normals with indices first, first + 1, ... of one draw (Box-Muller).
void fill_normals(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                  std::uint32_t first = 0);

// Uniforms in (0, 1).
void fill_uniforms(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                   std::uint32_t first = 0);

}  // namespace amnok
