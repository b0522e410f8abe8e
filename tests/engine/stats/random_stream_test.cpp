#include "engine/stats/random_stream.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

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

}  // namespace amnok
