#include "engine/regression/cointegrating_regression.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// y = 1 + 2 x + u, u_t = 0.5 u_{t-1} + e_t, and the changes of x answer to e: least squares is
// biased.
struct Sample {
  VectorXd y;
  MatrixXd x;
};
Sample endogenous(std::uint32_t draw, int n) {
  const MatrixXd z = normal_matrix(81, draw, n, 2);
  const VectorXd u = autoregression(z.col(0), 0.5);
  const VectorXd v = 0.7 * z.col(0) + z.col(1);
  Sample sample;
  sample.x = autoregression(v, 1);
  sample.y = 1 + 2 * sample.x.col(0).array() + u.array();
  return sample;
}

}  // namespace

TEST_CASE("one-sided covariance: it and its transpose make the two-sided one") {
  const MatrixXd z = normal_matrix(82, 0, 60, 3);
  for (Kernel kernel : {Kernel::bartlett, Kernel::quadratic_spectral}) {
    const MatrixXd one = one_sided_covariance(z, kernel, 4.5);
    const MatrixXd both = one + one.transpose() - z.transpose() * z;
    CHECK((both - kernel_covariance(z, kernel, 4.5)).norm() < 1e-10);
  }
  // Row i, column c: i with the past of c.
  MatrixXd lead(4, 2);
  lead << 0, 1, 1, 0, 0, 0, 0, 0;
  const MatrixXd one = one_sided_covariance(lead, Kernel::bartlett, 2);
  CHECK(one(0, 1) == Approx(0.5));
  CHECK(one(1, 0) == 0);
}

TEST_CASE("dynamic ols: the regression with leads and lags, by hand") {
  const Sample sample = endogenous(0, 50);
  DynamicOlsSpec spec;
  spec.leads = 2;
  spec.lags = 1;
  spec.variance.bandwidth = 0;
  spec.prewhiten = false;
  const CointegratingRegression fit = dynamic_ols(sample.y, sample.x, spec);
  CHECK(fit.observations == 50 - 4);
  MatrixXd z(46, 6);
  for (int i = 0; i < 46; ++i) {
    const int t = i + 2;
    z(i, 0) = 1;
    z(i, 1) = sample.x(t, 0);
    for (int s = -1; s <= 2; ++s) z(i, 3 + s) = sample.x(t + s, 0) - sample.x(t + s - 1, 0);
  }
  const LinearFit hand = solve(LinearLeastSquares{z, sample.y.segment(2, 46)});
  CHECK_THAT(fit.coefficients(1), AgreesTo(hand.coefficients(1), 9));
  // Without autocovariances the errors are those of least squares.
  CHECK_THAT(fit.standard_error(1), AgreesTo(std::sqrt(hand.sigma2() * hand.xtx_inverse(1, 1)), 9));
}

TEST_CASE("dynamic ols: the chosen leads and lags have the least criterion on one sample") {
  // Changes that matter at t - 2 .. t + 2 for y.
  const MatrixXd z = normal_matrix(86, 0, 204, 2);
  const VectorXd x = autoregression(z.col(0), 1);
  VectorXd y(200);
  for (int t = 0; t < 200; ++t) {
    y(t) = x(t + 2) + z(t, 0) + 2 * z(t + 4, 0) + 0.3 * z(t + 2, 1);
  }
  const VectorXd inner = x.segment(2, 200);
  CHECK(choose_leads_and_lags(y, inner, Deterministics::constant, 5) == 2);
  CHECK(choose_leads_and_lags(y, inner, Deterministics::constant, 0) == 0);
}

TEST_CASE(
    "fully modified ols: without autocovariances only the contemporaneous part is taken out") {
  const Sample sample = endogenous(1, 200);
  FullyModifiedSpec spec;
  spec.variance.bandwidth = 0;
  spec.drift = false;
  const CointegratingRegression fit = fully_modified_ols(sample.y, sample.x, spec);
  MatrixXd z(200, 2);
  z << VectorXd::Ones(200), sample.x;
  const VectorXd u = solve(LinearLeastSquares{z, sample.y}).residuals.tail(199);
  const VectorXd v = sample.x.bottomRows(199) - sample.x.topRows(199);
  const VectorXd corrected = sample.y.tail(199) - v * (u.dot(v) / v.squaredNorm());
  const LinearFit hand = solve(LinearLeastSquares{z.bottomRows(199), corrected});
  CHECK_THAT(fit.coefficients(1), AgreesTo(hand.coefficients(1), 9));
  const double w = (u.squaredNorm() - u.dot(v) * u.dot(v) / v.squaredNorm()) / 199;
  CHECK_THAT(fit.standard_error(1), AgreesTo(std::sqrt(w * hand.xtx_inverse(1, 1)), 9));
}

TEST_CASE("fully modified ols: units do not matter") {
  const Sample sample = endogenous(1, 200);
  for (Kernel kernel : {Kernel::bartlett, Kernel::quadratic_spectral}) {
    FullyModifiedSpec spec;
    spec.variance.kernel = kernel;
    const CointegratingRegression fit = fully_modified_ols(sample.y, sample.x, spec);
    const CointegratingRegression scaled = fully_modified_ols(3 * sample.y, 10 * sample.x, spec);
    CHECK_THAT(scaled.coefficients(1), AgreesTo(0.3 * fit.coefficients(1), 9));
    CHECK_THAT(scaled.standard_error(1), AgreesTo(0.3 * fit.standard_error(1), 9));
    CHECK(fit.names == std::vector<std::string>{"const", "x1"});
  }
}

TEST_CASE("cointegrating regressions: the Wald test of one coefficient is t squared") {
  const Sample sample = endogenous(2, 100);
  const CointegratingRegression fit = dynamic_ols(sample.y, sample.x, {});
  MatrixXd r(1, 2);
  r << 0, 1;
  const Diagnostic test = wald_test(fit, r, VectorXd::Constant(1, 2));
  const double t = (fit.coefficients(1) - 2) / fit.standard_error(1);
  CHECK_THAT(test.statistic, AgreesTo(t * t, 8));
  CHECK_THAT(test.p_value, AgreesTo(chi_squared_sf(t * t, 1), 8));
}

TEST_CASE("cointegrating regressions: bad input is named") {
  const Sample sample = endogenous(3, 20);
  CHECK(message_of([&] {
          dynamic_ols(sample.y, sample.x, {Deterministics::constant, -1, 1, {}, {}});
        }) == "leads and lags are -1 and 1, but must be at least 0");
  CHECK(message_of([&] {
          dynamic_ols(sample.y, sample.x, {Deterministics::constant, 8, 8, {}, {}});
        }) == "the data of dynamic least squares have 20 observations, but must have at least 38");
  FullyModifiedSpec spec;
  spec.variance.bandwidth = -2;
  CHECK(message_of([&] { fully_modified_ols(sample.y, sample.x, spec); }) ==
        "the bandwidth of the long-run variance is -2, but must be at least 0");
}

TEST_CASE("cointegrating regressions: less bias than least squares, and coverage", "[slow]") {
  constexpr int kDraws = 1500;
  double bias_ols = 0, bias_dols = 0, bias_fm = 0;
  int covered_dols = 0, covered_fm = 0, covered_hac = 0;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const Sample sample = endogenous(r, 200);
    MatrixXd z(200, 2);
    z << VectorXd::Ones(200), sample.x;
    bias_ols += (solve(LinearLeastSquares{z, sample.y}).coefficients(1) - 2) / kDraws;
    DynamicOlsSpec spec;
    spec.leads = spec.lags = 2;
    const auto covers = [&](const CointegratingRegression& fit) {
      return std::fabs(fit.coefficients(1) - 2) <
             student_t_quantile(0.975, fit.df) * fit.standard_error(1);
    };
    const CointegratingRegression dols = dynamic_ols(sample.y, sample.x, spec);
    bias_dols += (dols.coefficients(1) - 2) / kDraws;
    covered_dols += covers(dols);
    spec.errors = DynamicOlsSpec::Errors::hac;
    covered_hac += covers(dynamic_ols(sample.y, sample.x, spec));
    const CointegratingRegression fm = fully_modified_ols(sample.y, sample.x, {});
    bias_fm += (fm.coefficients(1) - 2) / kDraws;
    covered_fm += covers(fm);
  }
  INFO("bias " << bias_ols << " " << bias_dols << " " << bias_fm);
  INFO("coverage " << covered_dols << " " << covered_hac << " " << covered_fm);
  CHECK(std::fabs(bias_dols) < 0.2 * std::fabs(bias_ols));
  CHECK(std::fabs(bias_fm) < 0.4 * std::fabs(bias_ols));
  // Long-run variances are estimated too small in finite samples (Kiefer & Vogelsang 2005), which
  // costs a few points.
  CHECK(covered_dols / double{kDraws} > 0.91);
  CHECK(covered_fm / double{kDraws} > 0.87);
  CHECK(covered_hac / double{kDraws} > 0.87);
}

}  // namespace amnok
