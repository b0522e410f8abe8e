#include "engine/stats/sobol.h"

#include <array>
#include <boost/random/sobol.hpp>
#include <vector>

#include "engine/base/check.h"

namespace amnok {

namespace {

constexpr int kBits = 32;

// Of every dimension. The engine's n-th output is the exclusive or of the direction numbers whose bit
// is set in the Gray code of n + 1, so that outputs 2^j - 1 tell them one by one.
const std::vector<std::array<std::uint32_t, kBits>>& directions() {
  static const std::vector<std::array<std::uint32_t, kBits>> table = [] {
    std::vector<std::array<std::uint32_t, kBits>> all(kSobolDimensions);
    boost::random::sobol_engine<std::uint32_t, kBits> engine(kSobolDimensions);
    for (int j = 0; j < kBits - 1; ++j) {
      engine.seed((std::uint32_t{1} << j) - 1);
      for (auto& numbers : all) {
        const auto at = static_cast<std::size_t>(j);
        numbers[at] = engine() ^ (j > 0 ? numbers[at - 1] : 0);
      }
    }
    return all;
  }();
  return table;
}

}  // namespace

std::uint32_t sobol(std::uint32_t point, int dimension) {
  AMNOK_CHECK(dimension >= 0 && dimension < kSobolDimensions, "dimension {}", dimension);
  const auto& numbers = directions()[static_cast<std::size_t>(dimension)];
  std::uint32_t x = 0;
  for (std::uint32_t gray = point ^ (point >> 1), j = 0; gray != 0; gray >>= 1, ++j) {
    if ((gray & 1) != 0) x ^= numbers[j];
  }
  return x;
}

}  // namespace amnok
