#include "models/structural_break/variance_breaks.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr VarianceTest kTests[] = {VarianceTest::inclan_tiao, VarianceTest::kappa1,
                                   VarianceTest::kappa2};

VectorXd noise(std::uint32_t draw, int n) {
  VectorXd e(n);
  fill_normals({80, Purpose::simulation, 0}, draw, {e.data(), static_cast<std::size_t>(n)});
  return e;
}

// Independent with t(5)-like tails: a normal over the root of an average of five squares.
VectorXd heavy(std::uint32_t draw, int n) {
  const VectorXd z = noise(draw + 100000, 6 * n);
  VectorXd e(n);
  for (int t = 0; t < n; ++t)
    e(t) = z(6 * t) / std::sqrt(z.segment(6 * t + 1, 5).squaredNorm() / 5);
  return e;
}

}  // namespace

TEST_CASE("variance breaks: the statistics by hand") {
  VectorXd e(4);
  e << 1, -1, 2, -2;  // squares 1 1 4 4, mean 2.5: sums about it -1.5, -3, -1.5, 0
  const VarianceBreak it = cusum_of_squares(e, VarianceTest::inclan_tiao);
  CHECK(it.statistic == Approx(std::sqrt(2.0) * 0.3));
  CHECK(it.last == 1);
  // m_4 - s^4 = (1 + 1 + 16 + 16) / 4 - 6.25 = 2.25.
  CHECK(cusum_of_squares(e, VarianceTest::kappa1).statistic == Approx(3 / std::sqrt(4 * 2.25)));
  CHECK(std::isnan(cusum_of_squares(VectorXd::Ones(8), VarianceTest::kappa1).statistic));
}

TEST_CASE("variance breaks: clear changes are dated, and units do not matter") {
  VectorXd one = noise(2, 300), two = one;
  one.tail(150) *= 4;
  two.segment(100, 100) *= 4;
  for (const VarianceTest test : kTests) {
    const std::vector<int> breaks = variance_breaks(one, test, 0.05);
    REQUIRE(breaks.size() == 1);
    CHECK(std::abs(breaks[0] - 149) <= 10);
    CHECK(variance_breaks(1e-5 * one, test, 0.05) == breaks);
    CHECK(variance_breaks(one.reverse(), test, 0.05).size() == 1);
  }
  // A variance that comes back: its sums cancel, and the long-run variance holds the change.
  CHECK(variance_breaks(two, VarianceTest::kappa2, 0.05).empty());
  for (const VarianceTest test : {VarianceTest::inclan_tiao, VarianceTest::kappa1}) {
    const std::vector<int> breaks = variance_breaks(two, test, 0.05);
    REQUIRE(breaks.size() == 2);
    CHECK(std::abs(breaks[0] - 99) <= 12);
    CHECK(std::abs(breaks[1] - 199) <= 12);
  }
}

TEST_CASE("variance breaks: kurtosis misleads Inclan and Tiao, not kappa", "[slow]") {
  constexpr int kDraws = 1000, kObservations = 200;
  int normal[3] = {}, tails[3] = {};
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const VectorXd e = noise(r, kObservations), f = heavy(r, kObservations);
    for (int i = 0; i < 3; ++i) {
      // 1.358: the published asymptotic 5 % value.
      normal[i] += cusum_of_squares(e, kTests[i]).statistic > 1.358 ? 1 : 0;
      tails[i] += cusum_of_squares(f, kTests[i]).statistic > 1.358 ? 1 : 0;
    }
  }
  for (int i = 0; i < 3; ++i) {
    INFO("test " << i << ": normal " << normal[i] << ", heavy tails " << tails[i]);
    CHECK(normal[i] < 0.065 * kDraws);
    CHECK(normal[i] > 0.015 * kDraws);
    if (i == 0) CHECK(tails[i] > 0.15 * kDraws);
    if (i > 0) CHECK(tails[i] < 0.07 * kDraws);
  }
}

}  // namespace amnok
