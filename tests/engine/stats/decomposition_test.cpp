#include "engine/stats/decomposition.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "tests/support/numbers.h"

namespace amnok {

TEST_CASE("decomposition: centred moving averages by hand") {
  VectorXd y(6);
  y << 1, 2, 4, 8, 16, 32;
  const VectorXd odd = centred_moving_average(y, 3), even = centred_moving_average(y, 4);
  CHECK(std::isnan(odd(0)));
  CHECK_THAT(odd(1), AgreesTo(7.0 / 3, 14));
  CHECK(std::isnan(odd(5)));
  CHECK(std::isnan(even(1)));
  CHECK_THAT(even(2), AgreesTo((0.5 + 2 + 4 + 8 + 8) / 4, 14));
  CHECK_THAT(even(3), AgreesTo((1 + 4 + 8 + 16 + 16) / 4.0, 14));
  CHECK(std::isnan(even(4)));
}

TEST_CASE("decomposition: a season on a line is recovered") {
  for (int period : {3, 4, 7, 12}) {
    const int n = 5 * period + 2;
    VectorXd index = VectorXd::LinSpaced(period, 1, period).array().square();
    index.array() -= index.mean();
    VectorXd y(n);
    for (int t = 0; t < n; ++t) y(t) = 10 - 0.5 * t + index(t % period);
    const Decomposition parts = classical_decomposition(y, period, Seasonality::additive);
    CHECK((parts.indices - index).norm() < 1e-11);
    for (int t = period / 2; t < n - period / 2; ++t) {
      CHECK(std::fabs(parts.trend(t) - 10 + 0.5 * t) < 1e-11);
      CHECK(std::fabs(parts.remainder(t)) < 1e-11);
    }
    CHECK(std::isnan(parts.trend(period / 2 - 1)));
    CHECK(std::isnan(parts.remainder(n - 1)));
    CHECK(parts.seasonal(n - 1) == parts.indices((n - 1) % period));
  }
}

TEST_CASE("decomposition: multiplicative indices on a level are recovered, with mean 1") {
  VectorXd index(4), y(18);
  index << 0.5, 1.25, 0.75, 1.5;
  for (int t = 0; t < 18; ++t) y(t) = 80 * index(t % 4);
  const Decomposition parts = classical_decomposition(y, 4, Seasonality::multiplicative);
  CHECK((parts.indices - index).norm() < 1e-13);
  CHECK_THAT(parts.indices.mean(), AgreesTo(1, 14));
  CHECK_THAT(parts.trend(9), AgreesTo(80, 14));
  CHECK_THAT(parts.remainder(9), AgreesTo(1, 14));
}

TEST_CASE("decomposition: a constant series has no season") {
  const VectorXd y = VectorXd::Constant(12, 5);
  CHECK(classical_decomposition(y, 4, Seasonality::additive).indices.norm() == 0);
  const Decomposition parts = classical_decomposition(y, 4, Seasonality::multiplicative);
  CHECK((parts.indices.array() == 1).all());
}

TEST_CASE("decomposition: a missing observation is left out of the indices") {
  VectorXd y(20);
  for (int t = 0; t < 20; ++t) y(t) = t + (t % 4 == 1 ? 3 : -1);
  y(9) = kMissing;
  const Decomposition parts = classical_decomposition(y, 4, Seasonality::additive);
  CHECK_THAT(parts.indices(1), AgreesTo(3, 12));
  CHECK(std::isnan(parts.trend(8)));
  CHECK(!std::isnan(parts.trend(12)));
}

TEST_CASE("decomposition: bad input names both numbers") {
  using Catch::Contains;
  const VectorXd y = VectorXd::LinSpaced(7, 1, 7);
  CHECK_THROWS_WITH(classical_decomposition(y, 4, Seasonality::additive),
                    Contains("the series has 7 observations, but must have at least 8 (two "
                             "periods of 4)"));
  CHECK_THROWS_WITH(classical_decomposition(y, 1, Seasonality::additive),
                    Contains("the period is 1, but must be at least 2"));
  CHECK_THROWS_WITH(
      classical_decomposition(VectorXd::Zero(12), 4, Seasonality::multiplicative),
      Contains("the trend is 0, but must not be 0 in a multiplicative decomposition"));
}

TEST_CASE("decomposition: a season that is never observed has no index") {
  VectorXd y = VectorXd::LinSpaced(16, 1, 16);
  for (int t = 2; t < 16; t += 4) y(t) = kMissing;
  CHECK_THROWS_AS(classical_decomposition(y, 4, Seasonality::additive), InputError);
}

}  // namespace amnok
