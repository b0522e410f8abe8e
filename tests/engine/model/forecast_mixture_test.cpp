#include "engine/model/forecast_mixture.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

namespace {

ForecastComponent component(double weight, double mean, double sd, Transform transform = {}) {
  return {weight, transform, VectorXd::Constant(1, mean), VectorXd::Constant(1, sd), 0};
}

}  // namespace

TEST_CASE("forecast mixture: one normal has its own quantiles") {
  const ForecastMixture one({component(1, 10, 2)});
  CHECK(one.quantile(0.5)(0) == Approx(10));
  CHECK(one.quantile(0.975)(0) == Approx(10 + 2 * 1.959963984540054));
  CHECK(one.mean()(0) == Approx(10));
}

TEST_CASE("forecast mixture: a lognormal has median exp(m) and mean exp(m + v / 2)") {
  const ForecastMixture one({component(1, 1, 0.5, {Transform::Kind::log, 0})});
  CHECK(one.quantile(0.5)(0) == Approx(std::exp(1.0)));
  CHECK(one.mean()(0) == Approx(std::exp(1.125)));
}

TEST_CASE("forecast mixture: quantiles solve the mixture's distribution function") {
  // Two far-apart normals of equal weight: the quartiles are the members' medians.
  const ForecastMixture two({component(0.5, 0, 1), component(0.5, 100, 1)});
  CHECK(two.quantile(0.25)(0) == Approx(0).margin(1e-6));
  CHECK(two.quantile(0.75)(0) == Approx(100).epsilon(1e-8));
  CHECK(two.mean()(0) == Approx(50));
  // A level and a logarithm that agree.
  const ForecastMixture mixed(
      {component(0.3, 20, 1e-3), component(0.7, std::log(20.0), 1e-5, {Transform::Kind::log, 0})});
  CHECK(mixed.quantile(0.5)(0) == Approx(20).epsilon(1e-4));
}

TEST_CASE("forecast mixture: weights fall with the criterion and ignore what is infinite") {
  const std::vector<double> w = criterion_weights(std::vector<double>{10, 14, INFINITY, 10});
  CHECK(w[0] == w[3]);
  CHECK(w[1] / w[0] == Approx(std::exp(-1.0)));
  CHECK(w[2] == 0);
  CHECK(w[0] + w[1] + w[2] + w[3] == Approx(1));
}

}  // namespace amnok
