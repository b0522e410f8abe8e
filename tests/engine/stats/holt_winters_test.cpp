#include "engine/stats/holt_winters.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "tests/support/numbers.h"

namespace amnok {

TEST_CASE("holt_winters: exponential smoothing by hand") {
  VectorXd y(3);
  y << 10, 20, 40;
  HoltWintersOptions options;
  options.alpha = 0.5;
  const HoltWintersResult result = holt_winters(y, options);
  CHECK(result.fitted(0) == 10);
  CHECK(result.fitted(1) == 15);
  CHECK(result.sse == 10 * 10 + 25 * 25);
  CHECK(result.state.level == 27.5);
  CHECK(holt_winters_forecast(result.state, options.seasonality, 2)(1) == 27.5);
}

TEST_CASE("holt_winters: what follows its own forecast has no residuals") {
  HoltWintersOptions options;
  options.period = 4;
  options.alpha = 0.4;
  options.beta = 0.2;
  options.gamma = 0.3;
  VectorXd additive(30), multiplicative(30);
  constexpr double index[] = {0.5, 1.25, 0.75, 1.5};
  for (int t = 0; t < 30; ++t) {
    additive(t) = 100 * (index[t % 4] - 1);
    multiplicative(t) = 100 * index[t % 4];
  }
  for (auto kind : {Seasonality::additive, Seasonality::multiplicative}) {
    options.seasonality = kind;
    const VectorXd& y = kind == Seasonality::additive ? additive : multiplicative;
    const HoltWintersResult result = holt_winters(y, options);
    CHECK(result.residuals.norm() < 1e-10);
    const VectorXd forecast = holt_winters_forecast(result.state, kind, 8);
    for (int h = 0; h < 8; ++h) CHECK(std::fabs(forecast(h) - y(26 + h % 4)) < 1e-9);
  }
}

TEST_CASE("holt_winters: a line is followed with its trend") {
  const VectorXd y = VectorXd::LinSpaced(20, 3, 22);
  HoltWintersOptions options;
  options.beta = 0.3;
  const HoltWintersResult result = holt_winters(y, options);
  CHECK(result.first == 2);
  CHECK(result.sse < 1e-20);
  CHECK_THAT(holt_winters_forecast(result.state, options.seasonality, 5)(4), AgreesTo(27, 12));
}

TEST_CASE("holt_winters: bad input names both numbers") {
  using Catch::Contains;
  HoltWintersOptions options;
  options.alpha = 1.5;
  options.gamma = 0.1;
  options.period = 4;
  const VectorXd y = VectorXd::LinSpaced(7, 1, 7);
  CHECK_THROWS_WITH(holt_winters(y, options),
                    Contains("alpha is 1.5, but must be in [0, 1]") &&
                        Contains("the series has 7 observations, but must have at least 8"));
}

}  // namespace amnok
