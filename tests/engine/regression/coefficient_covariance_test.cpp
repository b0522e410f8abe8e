#include "engine/regression/coefficient_covariance.h"

#include <catch2/catch.hpp>

#include "engine/regression/wald.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

struct Regression {
  MatrixXd x;
  LinearFit fit;
};

Regression regression(int n) {
  const MatrixXd z = normal_matrix(87, 0, n, 3);
  Regression r{MatrixXd::Ones(n, 3), {}};
  r.x.rightCols(2) = z.leftCols(2);
  r.fit = solve(LinearLeastSquares{r.x, VectorXd(z.col(0) + autoregression(z.col(2), 0.6))});
  return r;
}

}  // namespace

TEST_CASE("coefficient covariance: Newey-West without lags is HC1, and lags are named") {
  const Regression r = regression(80);
  const auto none = coefficient_covariance(r.x, r.fit, {RegressionCovariance::newey_west, 0});
  CHECK(none.name == "Newey-West(0)");
  const auto hc1 = coefficient_covariance(r.x, r.fit, {RegressionCovariance::hc1, {}});
  CHECK(hc1.name == "HC1");
  CHECK((none.matrix - hc1.matrix).norm() < 1e-12 * hc1.matrix.norm());
  // The automatic lag leaves the constant out.
  const auto automatic = coefficient_covariance(r.x, r.fit, {RegressionCovariance::newey_west, {}});
  const VectorXd weights = Eigen::Vector3d(0, 1, 1);
  const int lag = static_cast<int>(
      newey_west_bandwidth(regression_scores(r.x, r.fit.residuals), weights, false));
  const auto same = coefficient_covariance(r.x, r.fit, {RegressionCovariance::newey_west, lag});
  CHECK(automatic.name == same.name);
  CHECK(automatic.matrix == same.matrix);
  CHECK(message_of([&] {
          coefficient_covariance(r.x, r.fit, {RegressionCovariance::newey_west, 80});
        }) == "the lag of Newey-West errors is 80, but must be in [0, 79]");
}

TEST_CASE("wald test: F is that of two sums of squares, and one restriction is t squared") {
  const Regression r = regression(60);
  const VectorXd y = r.x * r.fit.coefficients + r.fit.residuals;
  const MatrixXd v = r.fit.sigma2() * r.fit.xtx_inverse;
  MatrixXd both = MatrixXd::Zero(2, 3);
  both.rightCols(2).setIdentity();
  const Diagnostic f =
      wald_test("both", r.fit.coefficients, v, both, VectorXd::Zero(2), r.fit.df_residual());
  const LinearFit short_fit = solve(LinearLeastSquares{r.x.leftCols(1), y});
  CHECK_THAT(f.statistic, AgreesTo((short_fit.rss - r.fit.rss) / 2 / r.fit.sigma2(), 9));
  CHECK_THAT(f.p_value, AgreesTo(f_sf(f.statistic, 2, r.fit.df_residual()), 12));
  const Diagnostic chi =
      wald_test("one", r.fit.coefficients, v, both.topRows(1), VectorXd::Constant(1, 0.5));
  const double t = (r.fit.coefficients(1) - 0.5) / std::sqrt(v(1, 1));
  CHECK_THAT(chi.statistic, AgreesTo(t * t, 10));
  CHECK_THAT(chi.p_value, AgreesTo(normal_two_sided_p(t), 9));
  // The same restriction twice has no statistic.
  MatrixXd twice(2, 3);
  twice << 0, 1, 0, 0, 1, 0;
  CHECK(std::isnan(wald_test("twice", r.fit.coefficients, v, twice, VectorXd::Zero(2)).statistic));
}

}  // namespace amnok
