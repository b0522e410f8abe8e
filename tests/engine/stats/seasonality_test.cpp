#include "engine/stats/seasonality.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd noise(int n, std::uint32_t draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  fill_normals({29, Purpose::simulation, 5}, draw, x);
  return Eigen::Map<const VectorXd>(x.data(), n);
}

VectorXd seasonal(int n, int period) {
  VectorXd y(n);
  for (int t = 0; t < n; ++t) y(t) = 100 + 10 * std::cos(2.0 * (t % period));
  return y;
}

}  // namespace

TEST_CASE("seasonality: a pure season has strength 1 and takes a difference") {
  for (int period : {2, 4, 12}) {
    const VectorXd y = seasonal(10 * period, period);
    CHECK_THAT(seasonal_strength(y, period), AgreesTo(1, 10));
    CHECK(seasonal_differences_by_strength(y, period) == 1);
    CHECK(is_seasonal_acf(y, period));
  }
}

TEST_CASE("seasonality: noise takes no seasonal difference") {
  int acf = 0;
  for (std::uint32_t draw = 0; draw < 200; ++draw) {
    const VectorXd y = noise(120, draw);
    CHECK(seasonal_differences_by_strength(y, 12) == 0);
    acf += is_seasonal_acf(y, 12) ? 1 : 0;
  }
  // A 90 % test: 20 of 200, with a binomial standard deviation of 4.2.
  CHECK(acf > 4);
  CHECK(acf < 36);
}

TEST_CASE("seasonality: strength falls with noise and does not depend on units or level") {
  const VectorXd e = noise(120, 1), s = seasonal(120, 12);
  double before = 1;
  for (double sd : {1.0, 4.0, 16.0, 64.0}) {
    const VectorXd y = s + sd * e;
    const double strength = seasonal_strength(y, 12);
    CHECK(strength < before);
    CHECK_THAT(seasonal_strength(VectorXd(5000 - 7 * y.array()), 12), AgreesTo(strength, 8));
    before = strength;
  }
}

TEST_CASE("seasonality: missing observations are bridged") {
  VectorXd y = seasonal(72, 12) + noise(72, 2);
  const double whole = seasonal_strength(y, 12);
  y(0) = y(30) = y(71) = kMissing;
  CHECK(std::fabs(seasonal_strength(y, 12) - whole) < 0.05);
  CHECK(is_seasonal_acf(y, 12));
}

TEST_CASE("seasonality: no period, a constant or a short series is not seasonal") {
  const VectorXd y = seasonal(24, 12), constant = VectorXd::Constant(60, 3);
  const VectorXd missing = VectorXd::Constant(60, kMissing);
  for (const auto& [series, period] :
       {std::pair(y, 12), std::pair(y, 1), std::pair(y, 0), std::pair(constant, 12),
        std::pair(missing, 12), std::pair(VectorXd(), 4)}) {
    CHECK(seasonal_strength(series, period) == 0);
    CHECK(seasonal_differences_by_strength(series, period) == 0);
    CHECK(!is_seasonal_acf(series, period));
  }
}

TEST_CASE(
    "seasonality: the autocorrelation test looks at the size of the period's autocorrelation") {
  // A square wave of length 4: r_1 and r_3 are 0 up to the ends, r_2 is near -1, r_4 near 1.
  VectorXd y(40);
  for (int t = 0; t < 40; ++t) y(t) = t % 4 < 2 ? 1 : -1;
  CHECK(is_seasonal_acf(y, 4));
  CHECK(is_seasonal_acf(y, 2));  // |r_2| is large: the sign does not count
  CHECK(!is_seasonal_acf(y, 3));
}

}  // namespace amnok
