// Counter-based random numbers (Philox 4x32-10; Salmon et al. 2011, SC'11): every number is a pure
// function of (seed, purpose, equation, draw, index). Threads, order and the number of draws never
// change a number, and a scenario is not in the key, so differences between scenarios are paired.
//
// A seed may carry a sampling scheme (sampled_seed), which every stream then follows:
//
//   antithetic   draws 2 j + 1 mirror draws 2 j: normals change their sign, uniforms become 1 - u
//   sobol        normals of parameters and innovations are points of Sobol's sequence, in 16
//                interleaved replicates (draw modulo 16), each with digital shifts of its own
//                (L'Ecuyer & Lemieux 2002); other numbers are independent, and so are those of
//                equations beyond the 16th, parameters beyond the 31st and periods beyond the 197th
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/matrix.h"

namespace amnok {

enum class Sampling { independent, antithetic, sobol };
std::string_view sampling_name(Sampling sampling);
std::optional<Sampling> parse_sampling(std::string_view name);

inline constexpr std::uint64_t kMostSeed = (std::uint64_t{1} << 62) - 1;
std::uint64_t sampled_seed(std::uint64_t seed, Sampling sampling);  // seed <= kMostSeed
Sampling sampling_of(std::uint64_t seed);

// Draws fall into so many batches that are as good as independent, for Monte-Carlo errors.
inline constexpr int kSamplingBatches = 16;
int sampling_batch(Sampling sampling, std::int64_t draw);

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

// Normals 0, 1, ..., size - 1 of draws first, first + 1, ..., one draw a column: size x count, the
// numbers of fill_normals in half of its time.
DrawMatrix normal_paths(const StreamKey& key, std::uint32_t first, int size, int count);

// Uniforms in (0, 1).
void fill_uniforms(const StreamKey& key, std::uint32_t draw, std::span<double> out,
                   std::uint32_t first = 0);

}  // namespace amnok
