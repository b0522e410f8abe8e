#include "engine/stats/random_lanes.h"

#include <Random123/philox.h>

#include "engine/base/wide.h"

namespace amnok {

namespace {

constexpr int kRounds = 10;
constexpr double kTwo32 = 4294967296.0, kTwoMinus64 = 1 / kTwo32 / kTwo32;

// A 64-bit number, rounded once, from its halves.
double joined(double high, std::uint32_t low) {
  return high * kTwo32 + static_cast<double>(low);
}

}  // namespace

AMNOK_WIDE void philox_lanes(std::uint64_t seed, RandomLanes& lanes) {
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
  std::uint32_t(&word)[4][kNormalPairs] = lanes.word;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kNormalPairs; ++i) {
      const std::uint64_t a = std::uint64_t{PHILOX_M4x32_0} * word[0][i];
      const std::uint64_t b = std::uint64_t{PHILOX_M4x32_1} * word[2][i];
      word[0][i] = static_cast<std::uint32_t>(b >> 32) ^ word[1][i] ^ key0;
      word[2][i] = static_cast<std::uint32_t>(a >> 32) ^ word[3][i] ^ key1;
      word[1][i] = static_cast<std::uint32_t>(b);
      word[3][i] = static_cast<std::uint32_t>(a);
    }
    key0 += PHILOX_W32_0;
    key1 += PHILOX_W32_1;
  }
}

AMNOK_WIDE void normal_lanes(std::uint64_t seed, RandomLanes counters, double* normals) {
  philox_lanes(seed, counters);
  double angles[kNormalPairs], shares[kNormalPairs];
  for (int i = 0; i < kNormalPairs; ++i) {
    const auto turned = static_cast<std::int32_t>(counters.word[0][i]);
    angles[i] = joined(turned, counters.word[1][i]) * (2 * kTwoMinus64) + kTwoMinus64;
    shares[i] = joined(counters.word[2][i], counters.word[3][i]) * kTwoMinus64 + kTwoMinus64 / 2;
  }
  lane_normals(angles, shares, normals);
}

}  // namespace amnok
