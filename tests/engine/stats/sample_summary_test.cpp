#include "engine/stats/sample_summary.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/stats/random_stream.h"

using namespace amnok;

namespace {

std::vector<double> normals(std::size_t n, std::uint32_t draw) {
  std::vector<double> x(n);
  fill_normals({7, Purpose::simulation, 0}, draw, x);
  return x;
}

void check_sorted(const std::vector<double>& x) {
  const SampleMoments m = sample_moments(x);
  REQUIRE(m.finite);
  std::vector<double> sorted = x;
  std::sort(sorted.begin(), sorted.end());
  CHECK(m.low == sorted.front());
  CHECK(m.high == sorted.back());
  std::vector<std::size_t> ranks(x.size());
  std::iota(ranks.begin(), ranks.end(), 0u);
  std::reverse(ranks.begin(), ranks.end());
  std::reverse(sorted.begin(), sorted.end());
  CHECK(order_statistics(x, m.low, m.high, ranks) == sorted);
  const std::vector<std::size_t> some = {x.size() / 2, 0, x.size() - 1, x.size() / 2};
  const std::vector<double> found = order_statistics(x, m.low, m.high, some);
  for (std::size_t i = 0; i < some.size(); ++i) CHECK(found[i] == sorted[x.size() - 1 - some[i]]);
}

}  // namespace

TEST_CASE("sample summary: order statistics are those of a sort") {
  for (std::size_t n : {1u, 2u, 7u, 8u, 9u, 100u, 1003u}) check_sorted(normals(n, 1));
  std::vector<double> skewed = normals(2000, 2);
  for (double& v : skewed) v = std::exp(5 * v);
  check_sorted(skewed);
  std::vector<double> ties = normals(500, 3);
  for (double& v : ties) v = std::round(v);
  check_sorted(ties);
  check_sorted(std::vector<double>(40, 3.5));
  constexpr double kMax = std::numeric_limits<double>::max();
  check_sorted({-kMax, 1, kMax, 0, kMax, -2});
  check_sorted({1, 1 + 1e-16, 1 + 4e-16, std::numeric_limits<double>::denorm_min(), 0});
  check_sorted({0, std::numeric_limits<double>::denorm_min()});
}

TEST_CASE("sample summary: moments") {
  const std::vector<double> x = normals(1001, 4);
  double mean = 0, squares = 0;
  for (double v : x) mean += v / 1001;
  for (double v : x) squares += (v - mean) * (v - mean);
  const SampleMoments m = sample_moments(x);
  CHECK(m.mean == Approx(mean).margin(1e-14));
  CHECK(m.sd == Approx(std::sqrt(squares / 1000)).epsilon(1e-13));
  // A large mean costs no digits of the spread.
  std::vector<double> far = x;
  for (double& v : far) v = 1e8 + v;
  CHECK(sample_moments(far).sd == Approx(m.sd).epsilon(1e-7));
  CHECK(sample_moments(std::vector<double>{4.0}).sd == 0);
}

TEST_CASE("sample summary: a value that is not finite is seen wherever it stands") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (std::size_t at : {0u, 5u, 8u, 16u, 18u}) {
    for (double bad : {kInfinity, -kInfinity, std::numeric_limits<double>::quiet_NaN()}) {
      std::vector<double> x = normals(19, 5);
      x[at] = bad;
      CHECK_FALSE(sample_moments(x).finite);
    }
  }
}
