#include "engine/regression/vecm.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// Two variables with x1 - 2 x2 stationary: dx1 = -0.4 (x1 - 2 x2 - 1) + e1, dx2 = 0.1 + e2.
MatrixXd cointegrated(std::uint32_t draw, int n) {
  const MatrixXd e = normal_matrix(1988, draw, n, 2);
  MatrixXd x = MatrixXd::Zero(n, 2);
  for (Eigen::Index t = 1; t < n; ++t) {
    x(t, 0) = x(t - 1, 0) - 0.4 * (x(t - 1, 0) - 2 * x(t - 1, 1) - 1) + e(t, 0);
    x(t, 1) = x(t - 1, 1) + 0.1 + e(t, 1);
  }
  return x;
}

JohansenSpec with(DeterministicCase terms, int lags, int season = 0) {
  JohansenSpec spec;
  spec.terms = terms;
  spec.lags = lags;
  spec.season = season;
  return spec;
}

}  // namespace

TEST_CASE("vecm: least squares given beta reaches the likelihood of the rank") {
  const MatrixXd x = cointegrated(0, 90);
  for (int terms = 1; terms <= 5; ++terms) {
    for (int rank = 0; rank <= 2; ++rank) {
      for (int season : {0, 4}) {
        const VecmFit fit =
            fit_vecm(x, {"a", "b"}, with(static_cast<DeterministicCase>(terms), 3, season), rank);
        CHECK_THAT(fit.log_likelihood, AgreesTo(fit.johansen.log_likelihood_of_rank(rank), 10));
      }
    }
  }
}

TEST_CASE("vecm: the levels' autoregression has the same residuals") {
  const MatrixXd x = cointegrated(1, 90);
  for (int terms = 1; terms <= 5; ++terms) {
    const VecmFit fit =
        fit_vecm(x, {"a", "b"}, with(static_cast<DeterministicCase>(terms), 2, 4), 1);
    const MatrixXd left = x.bottomRows(88) - fit.levels.x * fit.levels.coefficients;
    CHECK((left - fit.residuals).cwiseAbs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("vecm: full rank is the autoregression of the levels") {
  const MatrixXd x = cointegrated(2, 90);
  VarSpec spec;
  spec.lags = 2;
  const VecmFit fit = fit_vecm(x, {"a", "b"}, with(DeterministicCase::constant, 2), 2);
  CHECK(
      (fit.levels.coefficients - fit_var(x, {"a", "b"}, spec).coefficients).cwiseAbs().maxCoeff() <
      1e-8);
}

TEST_CASE("vecm: parameters are recovered and the levels share one unit root") {
  const VecmFit fit =
      fit_vecm(cointegrated(3, 3000), {"a", "b"}, with(DeterministicCase::constant, 2), 1);
  CHECK(fit.beta(0, 0) == Approx(1));
  CHECK(fit.beta(1, 0) == Approx(-2).margin(0.02));
  CHECK(std::fabs(fit.alpha(0, 0) + 0.4) < 4 * fit.alpha_errors(0, 0));
  CHECK(std::fabs(fit.alpha(1, 0)) < 4 * fit.alpha_errors(1, 0));
  const VectorXd moduli = companion_moduli(fit.levels);
  CHECK(moduli(0) == Approx(1).epsilon(1e-9));
  CHECK(moduli(1) < 0.9);
  // In the long run the levels keep the relation and the difference grows at its drift.
  const MatrixXd mean = forecast_var(fit.levels, 200).mean;
  const VectorXd relation = mean * fit.beta;
  CHECK(relation(199) - relation(198) == Approx(0).margin(1e-8));
}

TEST_CASE("vecm: bad input is named") {
  const MatrixXd x = cointegrated(4, 60);
  CHECK(message_of([&] {
          fit_vecm(x, {"a", "b"}, with(DeterministicCase::constant, 2), 3);
        }) == "rank is 3, but must be in [0, 2]");
  JohansenSpec spec;
  spec.long_run_form = true;
  CHECK_THAT(message_of([&] {
               fit_vecm(x, {"a", "b"}, spec, 1);
             }),
             Catch::Contains("long-run one"));
}

}  // namespace amnok
