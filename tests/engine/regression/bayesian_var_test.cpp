#include "engine/regression/bayesian_var.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/stats/distributions.h"
#include "engine/stats/kronecker.h"
#include "engine/stats/log_determinant.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"
#include "tests/support/var_series.h"

namespace amnok {

TEST_CASE("bayesian var: a loose prior is least squares and a tight one random walks") {
  const MatrixXd y = SimulatedVar().draw(0, 100);
  MinnesotaPrior prior;
  prior.tightness = 1e4;
  prior.terms_sd = 1e6;
  const BayesianVar loose = fit_bayesian_var(y, {"a", "b"}, {}, prior);
  CHECK((loose.mean.coefficients - fit_var(y, {"a", "b"}, {}).coefficients).norm() < 1e-5);
  prior.tightness = 1e-6;
  const BayesianVar tight = fit_bayesian_var(y, {"a", "b"}, {}, prior);
  CHECK((tight.mean.lag_matrix(1) - MatrixXd::Identity(2, 2)).norm() < 1e-6);
}

TEST_CASE("bayesian var: the posterior is the textbook's, by inverses") {
  const MatrixXd y = SimulatedVar().draw(1, 40);
  VarSpec spec;
  spec.lags = 2;
  MinnesotaPrior prior;
  prior.terms_sd = 10;
  const BayesianVar var = fit_bayesian_var(y, {"a", "b"}, spec, prior);
  const MatrixXd& x = var.mean.x;
  const MatrixXd data = y.bottomRows(38);
  // The prior variances of x'x^-1 from the posterior itself: W^-1 - X'X is diagonal.
  const MatrixXd rest = var.mean.xtx_inverse.inverse() - x.transpose() * x;
  CHECK((rest - MatrixXd(rest.diagonal().asDiagonal())).norm() < 1e-7 * rest.norm());
  CHECK_THAT(rest(0, 0), AgreesTo(0.01, 6));
  CHECK_THAT(rest(3, 3), AgreesTo(4 * rest(1, 1), 6));  // lag 2: half the standard deviation
  MatrixXd before = MatrixXd::Zero(5, 2);
  before(1, 0) = before(2, 1) = 1;
  const MatrixXd mean = var.mean.xtx_inverse *
                        (MatrixXd(rest.diagonal().asDiagonal()) * before + x.transpose() * data);
  CHECK((mean - var.mean.coefficients).norm() < 1e-8);
}

TEST_CASE("bayesian var: one step's marginal likelihoods multiply to that of the whole") {
  // p(Y) = p(Y | B, S) p(B, S) / p(B, S | Y) at any B, S: the ratio does not depend on them.
  const MatrixXd y = SimulatedVar().draw(2, 30);
  const BayesianVar var = fit_bayesian_var(y, {"a", "b"}, {}, {});
  const MatrixXd& x = var.mean.x;
  const MatrixXd data = y.bottomRows(29), w = var.mean.xtx_inverse;
  const MatrixXd precision = w.inverse() - x.transpose() * x;
  MatrixXd before = MatrixXd::Zero(3, 2);
  before(1, 0) = before(2, 1) = 1;
  const MatrixXd left = data - x * var.mean.coefficients;
  const MatrixXd moved = var.mean.coefficients - before;
  const MatrixXd s0 = var.scale - left.transpose() * left - moved.transpose() * precision * moved;
  const auto density = [](const MatrixXd& s, const MatrixXd& scale, double v, const MatrixXd& b,
                          const MatrixXd& m, const MatrixXd& inverse) {
    const MatrixXd gap = b - m, si = s.inverse();
    const double normal = -0.5 * (si * gap.transpose() * inverse * gap).trace() -
                          1.5 * log_determinant(s) + log_determinant(inverse);
    const double gamma =
        0.5 * std::log(std::numbers::pi) + std::lgamma(v / 2) + std::lgamma(v / 2 - 0.5);
    const double wishart = 0.5 * v * log_determinant(scale) - v * std::log(2) - gamma -
                           0.5 * (v + 3) * log_determinant(s) - 0.5 * (si * scale).trace();
    return normal + wishart - 3 * std::log(2 * std::numbers::pi);
  };
  for (std::uint32_t r = 0; r < 3; ++r) {
    const VectorAutoregression drawn = draw_posterior(var, 3, static_cast<int>(r));
    const MatrixXd s = drawn.given_sigma, u = data - x * drawn.coefficients;
    const double likelihood = -0.5 * (s.inverse() * u.transpose() * u).trace() -
                              14.5 * log_determinant(s) - 29 * std::log(2 * std::numbers::pi);
    const double whole =
        likelihood + density(s, s0, 4, drawn.coefficients, before, precision) -
        density(s, var.scale, 33, drawn.coefficients, var.mean.coefficients, w.inverse());
    CHECK_THAT(whole, AgreesTo(var.log_marginal_likelihood, 8));
  }
}

TEST_CASE("bayesian var: more coefficients than observations are no obstacle") {
  const MatrixXd y = SimulatedVar().draw(3, 14);
  VarSpec spec;
  spec.lags = 8;
  CHECK_THROWS(fit_var(y, {"a", "b"}, spec));
  const BayesianVar var = fit_bayesian_var(y, {"a", "b"}, spec, {});
  CHECK(forecast_var(var.mean, 4).mean.allFinite());
  MinnesotaPrior prior;
  prior.tightness = 0;
  CHECK(message_of([&] {
          fit_bayesian_var(y, {"a", "b"}, spec, prior);
        }) == "tightness is 0, but must be above 0");
}

TEST_CASE("bayesian var: the chosen tightness has the largest marginal likelihood") {
  const MatrixXd y = SimulatedVar().draw(4, 60);
  VarSpec spec;
  spec.lags = 4;
  MinnesotaPrior prior = choose_tightness(y, {"a", "b"}, spec, {});
  const double best = fit_bayesian_var(y, {"a", "b"}, spec, prior).log_marginal_likelihood;
  for (double factor : {0.5, 0.8, 1.25, 2.0}) {
    MinnesotaPrior other = prior;
    other.tightness *= factor;
    CHECK(fit_bayesian_var(y, {"a", "b"}, spec, other).log_marginal_likelihood < best);
  }
}

TEST_CASE("bayesian var: posterior draws have the posterior's moments", "[slow]") {
  const BayesianVar var = fit_bayesian_var(SimulatedVar().draw(5, 60), {"a", "b"}, {}, {});
  constexpr int kDraws = 4000;
  MatrixXd sigma = MatrixXd::Zero(2, 2), mean = MatrixXd::Zero(3, 2), square = mean;
  for (int r = 0; r < kDraws; ++r) {
    const VectorAutoregression drawn = draw_posterior(var, 1, r);
    sigma += drawn.given_sigma / kDraws;
    const MatrixXd gap = drawn.coefficients - var.mean.coefficients;
    mean += gap / kDraws;
    square += gap.cwiseAbs2() / kDraws;
  }
  const MatrixXd variance =
      var.mean.xtx_inverse.diagonal() * var.mean.given_sigma.diagonal().transpose();
  CHECK(sigma.isApprox(var.mean.given_sigma, 0.02));
  CHECK(square.isApprox(variance, 0.06));
  CHECK(mean.cwiseQuotient(variance.cwiseSqrt()).cwiseAbs().maxCoeff() < 0.06);
}

}  // namespace amnok
