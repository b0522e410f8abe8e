#include "engine/regression/lee_strazicich.h"

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd walk(std::uint32_t draw, int n, double a = 1) {
  VectorXd y(n);
  fill_normals({78, Purpose::simulation, 0}, draw, {y.data(), static_cast<std::size_t>(n)});
  for (int t = 1; t < n; ++t) y(t) += a * y(t - 1);
  return y;
}

}  // namespace

TEST_CASE("lee-strazicich: level, slope, scale and shifts at the break do not matter") {
  const VectorXd y = walk(2, 80);
  for (const LmBreak model : {LmBreak::crash, LmBreak::both}) {
    const LeeStrazicichOptions options = {model, 1, 3, true, 0.1};
    const LeeStrazicich one = lee_strazicich(y, options);
    VectorXd other = 3e5 * y;
    other += VectorXd::LinSpaced(80, -7e5, 1e6);
    const LeeStrazicich two = lee_strazicich(other, options);
    CHECK(two.t == Approx(one.t).epsilon(1e-6));
    CHECK(two.last_observation_before == one.last_observation_before);
    // A level shift where the break is found is absorbed: t at that break is the same, and the least
    // t cannot be larger.
    other.tail(80 - one.last_observation_before[0]).array() += 4e6;
    CHECK(lee_strazicich(other, options).t <= one.t + 1e-6);
  }
}

TEST_CASE("lee-strazicich: stationary noise about a broken trend is recognised") {
  VectorXd y = walk(4, 120, 0.2);
  for (int t = 0; t < 120; ++t) y(t) += 0.2 * t + (t >= 60 ? 8 + 0.3 * (t - 59) : 0);
  const LeeStrazicich test = lee_strazicich(y, {LmBreak::both, 1, 4, true, 0.1});
  CHECK(test.t < test.critical.pct1);
  CHECK(std::abs(test.last_observation_before[0] - 60) <= 3);
}

TEST_CASE("lee-strazicich: two breaks reach at most the statistic of fewer candidates") {
  const VectorXd y = walk(6, 60);
  const LeeStrazicich test = lee_strazicich(y, {LmBreak::crash, 2, 0, false, 0.1});
  REQUIRE(test.last_observation_before.size() == 2);
  CHECK(test.last_observation_before[1] - test.last_observation_before[0] >= 2);
  CHECK(test.critical.pct5 == -3.842);
}

TEST_CASE("lee-strazicich: bad input is named") {
  CHECK_THROWS_WITH(lee_strazicich(walk(1, 10), {}), Catch::Contains("10 observations"));
  VectorXd y = walk(1, 60);
  y(3) = kMissing;
  CHECK_THROWS_WITH(lee_strazicich(y, {}), Catch::Contains("1 are missing"));
  CHECK(std::isnan(lee_strazicich(VectorXd::LinSpaced(60, 0, 59), {}).t));
}

TEST_CASE("lee-strazicich: the published 5 % values hold for a random walk of 100", "[slow]") {
  constexpr int kDraws = 400;
  for (const LmBreak model : {LmBreak::crash, LmBreak::both}) {
    int rejected = 0;
    for (std::uint32_t r = 0; r < kDraws; ++r) {
      const LeeStrazicich test = lee_strazicich(walk(100 + r, 100), {model, 1, 0, false, 0.1});
      rejected += test.t < test.critical.pct5 ? 1 : 0;
    }
    INFO("model " << static_cast<int>(model) << ": " << rejected);
    CHECK(rejected > 0.02 * kDraws);
    CHECK(rejected < 0.09 * kDraws);
  }
}

}  // namespace amnok
