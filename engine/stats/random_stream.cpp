#include "engine/stats/random_stream.h"

#include <Random123/philox.h>

#include <Random123/boxmuller.hpp>
#include <Random123/uniform.hpp>
#include <utility>

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

template <class Transform>
void fill(const StreamKey& key, std::uint32_t draw, std::span<double> out, std::uint32_t first,
          const Transform& transform) {
  std::size_t i = 0;
  while (i < out.size()) {
    const auto index = first + static_cast<std::uint32_t>(i);
    const auto [a, b] = random_pair(key, draw, index / 2);
    const std::pair<double, double> values = transform(a, b);
    if (index % 2 == 0) out[i++] = values.first;
    if (i < out.size()) out[i++] = values.second;
  }
}

}  // namespace

void fill_normals(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                  std::uint32_t first) {
  fill(key, draw, out, first, [](std::uint64_t a, std::uint64_t b) {
    const r123::double2 normal = r123::boxmuller(a, b);
    return std::pair(normal.x, normal.y);
  });
}

void fill_uniforms(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                   std::uint32_t first) {
  fill(key, draw, out, first, [](std::uint64_t a, std::uint64_t b) {
    return std::pair(r123::u01<double>(a), r123::u01<double>(b));
  });
}

}  // namespace amnok
