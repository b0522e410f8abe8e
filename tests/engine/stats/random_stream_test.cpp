#include "engine/stats/random_stream.h"

#include <Random123/philox.h>

#include <Random123/uniform.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "engine/stats/random_lanes.h"

namespace amnok {

TEST_CASE("random stream: a number depends on its key and index alone") {
  std::vector<double> whole(10), part(4);
  fill_normals({7, Purpose::innovation, 3}, 42, whole);
  fill_normals({7, Purpose::innovation, 3}, 42, part, 3);
  for (std::size_t i = 0; i < 4; ++i) CHECK(part[i] == whole[i + 3]);
}

TEST_CASE("random stream: seed, purpose, equation and draw all matter") {
  const auto first = [](StreamKey key, std::uint32_t draw) {
    std::vector<double> x(1);
    fill_normals(key, draw, x);
    return x[0];
  };
  const double base = first({7, Purpose::innovation, 3}, 42);
  CHECK(base != first({8, Purpose::innovation, 3}, 42));
  CHECK(base != first({7, Purpose::parameter, 3}, 42));
  CHECK(base != first({7, Purpose::innovation, 4}, 42));
  CHECK(base != first({7, Purpose::innovation, 3}, 43));
}

TEST_CASE("random stream: normals have the moments of a normal") {
  constexpr int kDraws = 20000;
  double sum = 0, squares = 0, fourth = 0, cross = 0;
  std::vector<double> x(2);
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    fill_normals({1, Purpose::simulation, 0}, draw, x);
    sum += x[0];
    squares += x[0] * x[0];
    fourth += std::pow(x[0], 4);
    cross += x[0] * x[1];
  }
  CHECK(std::fabs(sum / kDraws) < 4 / std::sqrt(kDraws));
  CHECK(std::fabs(squares / kDraws - 1) < 4 * std::sqrt(2.0 / kDraws));
  CHECK(std::fabs(fourth / kDraws - 3) < 4 * std::sqrt(96.0 / kDraws));
  CHECK(std::fabs(cross / kDraws) < 4 / std::sqrt(kDraws));
}

TEST_CASE("random stream: uniforms lie strictly inside (0, 1) and fill it evenly") {
  std::vector<double> u(10000);
  fill_uniforms({5, Purpose::bootstrap, 0}, 0, u);
  int below = 0;
  for (double v : u) {
    CHECK((v > 0 && v < 1));
    below += v < 0.25 ? 1 : 0;
  }
  CHECK(std::abs(below - 2500) < 4 * std::sqrt(10000 * 0.25 * 0.75));
}

TEST_CASE("random stream: eight counters at once are those of Random123 one after the other") {
  constexpr std::uint64_t kSeed = 0x9E3779B97F4A7C15;
  RandomLanes counters{}, words{};
  for (std::uint32_t i = 0; i < kNormalPairs; ++i) {
    counters.word[0][i] = i * 0x10000001u;
    counters.word[1][i] = ~i;
    counters.word[2][i] = 5;
    counters.word[3][i] = 1u << (4 * i);
  }
  words = counters;
  philox_lanes(kSeed, words);
  double normals[2 * kNormalPairs];
  normal_lanes(kSeed, counters, normals);
  for (std::uint32_t i = 0; i < kNormalPairs; ++i) {
    const r123::Philox4x32::ctr_type counter = {
        {counters.word[0][i], counters.word[1][i], counters.word[2][i], counters.word[3][i]}};
    const r123::Philox4x32::key_type key = {
        {static_cast<std::uint32_t>(kSeed), static_cast<std::uint32_t>(kSeed >> 32)}};
    const auto expected = r123::Philox4x32()(counter, key);
    for (std::size_t w = 0; w < 4; ++w) CHECK(words.word[w][i] == expected[w]);
    const auto join = [](std::uint32_t high, std::uint32_t low) {
      return std::uint64_t{high} << 32 | low;
    };
    const double angle = r123::uneg11<double>(join(expected[0], expected[1]));
    const double radius =
        std::sqrt(-2 * std::log(r123::u01<double>(join(expected[2], expected[3]))));
    CHECK(normals[2 * i] == Approx(std::sin(M_PI * angle) * radius).margin(1e-14));
    CHECK(normals[2 * i + 1] == Approx(std::cos(M_PI * angle) * radius).margin(1e-14));
  }
}

TEST_CASE("random stream: paths of many draws are the numbers of each draw") {
  for (const Sampling sampling : {Sampling::independent, Sampling::antithetic, Sampling::sobol}) {
    const StreamKey key{sampled_seed(11, sampling), Purpose::innovation, 2};
    for (const auto& [size, count] : {std::pair{36, 125}, {7, 3}, {1, 8}, {2, 1}}) {
      const DrawMatrix paths = normal_paths(key, 250, size, count);
      REQUIRE(paths.rows() == size);
      REQUIRE(paths.cols() == count);
      std::vector<double> one(static_cast<std::size_t>(size));
      for (int r = 0; r < count; ++r) {
        fill_normals(key, 250 + static_cast<std::uint32_t>(r), one);
        CHECK(paths.col(r) == Eigen::Map<const VectorXd>(one.data(), size));
      }
    }
  }
}

}  // namespace amnok
