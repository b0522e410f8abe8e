#include "engine/stats/random_stream.h"

#include <Random123/philox.h>

#include <Random123/uniform.hpp>
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_lanes.h"
#include "engine/stats/sobol.h"

namespace amnok {

namespace {

constexpr int kSchemeBits = 62;
constexpr const char* kSamplingNames[] = {"independent", "antithetic", "sobol"};

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

// Parameters come first: a parameter moves all periods.
constexpr int kSobolEquations = 16, kSobolParameters = 32;

// -1: no dimension of Sobol's sequence belongs to the number.
int sobol_dimension(const StreamKey& key, std::uint32_t index) {
  if (key.equation >= kSobolEquations) return -1;
  const int equation = static_cast<int>(key.equation);
  if (key.purpose == Purpose::parameter && index + 1 < kSobolParameters) {
    return equation + kSobolEquations * static_cast<int>(index);
  }
  if (key.purpose == Purpose::innovation) {
    const std::int64_t dimension =
        kSobolEquations * (kSobolParameters + static_cast<std::int64_t>(index)) + equation;
    if (dimension < kSobolDimensions) return static_cast<int>(dimension);
  }
  return -1;
}

// The key without its scheme.
StreamKey plain(StreamKey key) {
  key.seed &= kMostSeed;
  return key;
}

double sobol_uniform(const StreamKey& key, std::uint32_t draw, std::uint32_t index, int dimension) {
  const std::uint32_t replicate = draw % kSamplingBatches, point = draw / kSamplingBatches;
  // A counter that no draw reaches holds the shifts.
  const std::uint32_t shifts = ~replicate;
  const auto [a, b] = random_pair(plain(key), shifts, index / 2);
  const auto shift = static_cast<std::uint32_t>((index % 2 == 0 ? a : b) >> 32);
  return (static_cast<double>(sobol(point, dimension) ^ shift) + 0.5) / 4294967296.0;
}

}  // namespace

std::string_view sampling_name(Sampling sampling) {
  return kSamplingNames[static_cast<int>(sampling)];
}

std::optional<Sampling> parse_sampling(std::string_view name) {
  for (const Sampling s : {Sampling::independent, Sampling::antithetic, Sampling::sobol}) {
    if (name == sampling_name(s)) return s;
  }
  return std::nullopt;
}

std::uint64_t sampled_seed(std::uint64_t seed, Sampling sampling) {
  AMNOK_CHECK(seed <= kMostSeed, "seed {}", seed);
  return seed | static_cast<std::uint64_t>(sampling) << kSchemeBits;
}

Sampling sampling_of(std::uint64_t seed) {
  return static_cast<Sampling>(seed >> kSchemeBits);
}

int sampling_batch(Sampling sampling, std::int64_t draw) {
  return static_cast<int>((sampling == Sampling::antithetic ? draw / 2 : draw) % kSamplingBatches);
}

namespace {

// Counters as random_pair has them, of one draw or of one pair.
RandomLanes counters(const StreamKey& key) {
  RandomLanes lanes;
  std::fill_n(lanes.word[2], kNormalPairs, key.equation);
  std::fill_n(lanes.word[3], kNormalPairs, static_cast<std::uint32_t>(key.purpose));
  return lanes;
}

void fill_independent_normals(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                              std::uint32_t first) {
  double normals[2 * kNormalPairs];
  RandomLanes lanes = counters(key);
  std::fill_n(lanes.word[0], kNormalPairs, draw);
  std::size_t skipped = first % 2;  // of the first pair
  for (std::uint32_t pair = first / 2; !out.empty(); pair += kNormalPairs) {
    std::iota(lanes.word[1], lanes.word[1] + kNormalPairs, pair);
    normal_lanes(key.seed, lanes, normals);
    const std::size_t count = std::min(out.size(), 2 * kNormalPairs - skipped);
    std::copy_n(normals + skipped, count, out.begin());
    out = out.subspan(count);
    skipped = 0;
  }
}

DrawMatrix independent_paths(const StreamKey& key, std::uint32_t first, int size, int count) {
  DrawMatrix paths(size, count);
  double normals[2 * kNormalPairs];
  RandomLanes lanes = counters(key);
  for (int r = 0; r < count; r += kNormalPairs) {
    const int wanted = std::min(kNormalPairs, count - r);
    std::iota(lanes.word[0], lanes.word[0] + kNormalPairs, first + static_cast<std::uint32_t>(r));
    for (int i = 0; i < size; i += 2) {
      std::fill_n(lanes.word[1], kNormalPairs, static_cast<std::uint32_t>(i / 2));
      normal_lanes(key.seed, lanes, normals);
      for (int j = 0; j < wanted; ++j) paths(i, r + j) = normals[2 * j];
      if (i + 1 == size) continue;
      for (int j = 0; j < wanted; ++j) paths(i + 1, r + j) = normals[2 * j + 1];
    }
  }
  return paths;
}

void fill_independent_uniforms(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                               std::uint32_t first) {
  std::size_t i = 0;
  while (i < out.size()) {
    const auto index = first + static_cast<std::uint32_t>(i);
    const auto [a, b] = random_pair(key, draw, index / 2);
    if (index % 2 == 0) out[i++] = r123::u01<double>(a);
    if (i < out.size()) out[i++] = r123::u01<double>(b);
  }
}

}  // namespace

void fill_normals(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                  std::uint32_t first) {
  const Sampling sampling = sampling_of(key.seed);
  if (sampling == Sampling::independent) return fill_independent_normals(key, draw, out, first);
  if (sampling == Sampling::antithetic) {
    fill_independent_normals(plain(key), draw / 2, out, first);
    if (draw % 2 == 1) {
      for (double& value : out) value = -value;
    }
    return;
  }
  fill_independent_normals(plain(key), draw, out, first);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t index = first + static_cast<std::uint32_t>(i);
    const int dimension = sobol_dimension(key, index);
    if (dimension >= 0) out[i] = normal_quantile(sobol_uniform(key, draw, index, dimension));
  }
}

DrawMatrix normal_paths(const StreamKey& key, std::uint32_t first, int size, int count) {
  if (sampling_of(key.seed) == Sampling::independent) {
    return independent_paths(key, first, size, count);
  }
  DrawMatrix paths(size, count);
  std::vector<double> normals(static_cast<std::size_t>(size));
  for (int r = 0; r < count; ++r) {
    fill_normals(key, first + static_cast<std::uint32_t>(r), normals);
    paths.col(r) = Eigen::Map<const VectorXd>(normals.data(), size);
  }
  return paths;
}

void fill_uniforms(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                   std::uint32_t first) {
  if (sampling_of(key.seed) != Sampling::antithetic) {
    return fill_independent_uniforms(plain(key), draw, out, first);
  }
  fill_independent_uniforms(plain(key), draw / 2, out, first);
  if (draw % 2 == 1) {
    for (double& value : out) value = 1 - value;
  }
}

}  // namespace amnok
