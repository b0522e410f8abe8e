#include "engine/stats/random_stream.h"

#include <Random123/philox.h>

#include <Random123/uniform.hpp>
#include <algorithm>
#include <utility>

#include "engine/base/lane_math.h"

namespace amnok {

namespace {

// Two 64-bit numbers for the pair of indices 2 `pair` and 2 `pair` + 1.
std::pair<std::uint64_t, std::uint64_t> random_pair(const StreamKey& key, std::uint32_t draw,
                                                    std::uint32_t pair) {
  const r123::Philox4x32::key_type seed = {
      {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)}};
  const r123::Philox4x32::ctr_type counter = {
      {draw, pair, key.equation, static_cast<std::uint32_t>(key.purpose)}};
  const auto bits = r123::Philox4x32()(counter, seed);
  const auto join = [](std::uint32_t high, std::uint32_t low) {
    return (static_cast<std::uint64_t>(high) << 32) | low;
  };
  return {join(bits[0], bits[1]), join(bits[2], bits[3])};
}

}  // namespace

void fill_normals(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                  std::uint32_t first) {
  double angles[kNormalPairs] = {}, shares[kNormalPairs], normals[2 * kNormalPairs];
  std::fill(shares, shares + kNormalPairs, 1.0);
  std::size_t skipped = first % 2;  // of the first pair
  for (std::uint32_t pair = first / 2; !out.empty(); pair += kNormalPairs) {
    const std::size_t wanted = std::min<std::size_t>((out.size() + skipped + 1) / 2, kNormalPairs);
    for (std::size_t i = 0; i < wanted; ++i) {
      const auto [a, b] = random_pair(key, draw, pair + static_cast<std::uint32_t>(i));
      angles[i] = r123::uneg11<double>(a);
      shares[i] = r123::u01<double>(b);
    }
    lane_normals(angles, shares, normals);
    const std::size_t count = std::min(out.size(), 2 * kNormalPairs - skipped);
    std::copy_n(normals + skipped, count, out.begin());
    out = out.subspan(count);
    skipped = 0;
  }
}

void fill_uniforms(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                   std::uint32_t first) {
  std::size_t i = 0;
  while (i < out.size()) {
    const auto index = first + static_cast<std::uint32_t>(i);
    const auto [a, b] = random_pair(key, draw, index / 2);
    if (index % 2 == 0) out[i++] = r123::u01<double>(a);
    if (i < out.size()) out[i++] = r123::u01<double>(b);
  }
}

}  // namespace amnok
