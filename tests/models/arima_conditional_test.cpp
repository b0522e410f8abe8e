// The conditional likelihood against R 4.2.2: arima(.., method = "CSS", optim.control =
// list(reltol = 1e-15)). R counts all n.used differences in its log-likelihood, not only those
// whose errors are in the sum: ours is its value times n / n.used.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/arima/arima.h"
#include "tests/support/arima_series.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

FitResult conditional_fit(const ArimaOrder& order, const Sample& sample,
                          ArimaMethod method = ArimaMethod::conditional) {
  ArimaSpec spec;
  spec.order = order;
  spec.method = method;
  return fit_model(*make_arima(spec), sample).result;
}

// Four digits: R stops where a numeric gradient is zero to rounding, where sigma2 has its eight.
void check(const FitResult& fit, std::initializer_list<double> coefficients, double sigma2,
           double log_likelihood, int used) {
  CHECK(fit.status == FitStatus::converged);
  Eigen::Index j = 0;
  for (double c : coefficients) CHECK_THAT(fit.parameters.values()(j++), AgreesTo(c, 4));
  CHECK_THAT(fit.sigma2, AgreesTo(sigma2, 8));
  CHECK_THAT(fit.log_likelihood, AgreesTo(log_likelihood * fit.nobs / used, 8));
}

const ArimaOrder kAirline{0, 1, 1, 0, 1, 1, 12};

VectorXd log_passengers() {
  return reference_column("airpassengers.csv", "value").array().log();
}

}  // namespace

TEST_CASE("arima css: estimates are those of R") {
  check(conditional_fit(kAirline, arima_sample(log_passengers(), 12)),
        {-0.377162270795, -0.572378085127}, 0.00138874990304, 245.066561438, 131);
  check(conditional_fit({1, 1, 1, 1, 0, 0, 12}, arima_sample(log_passengers(), 12)),
        {0.242091771687, -0.592736798437, 0.949249141092}, 0.00179388895134, 249.212703088, 143);
  const Sample lh = arima_sample(reference_column("lh.csv", "value"));
  check(conditional_fit({1, 0, 1, 0, 0, 0, 1}, lh),
        {0.463139643384, 0.200354778201, 2.410945747277}, 0.196363989562, -29.042203536, 48);
  check(conditional_fit({3, 0, 0, 0, 0, 0, 1}, lh),
        {0.6578237752012, -0.0658132276013, -0.2348354632515, 2.3918195430751}, 0.190469228823,
        -28.3106985711, 48);
  check(conditional_fit({3, 1, 0, 0, 0, 0, 1},
                        arima_sample(reference_column("wwwusage.csv", "value"))),
        {1.163484619887, -0.667550346116, 0.342308039415}, 9.41054750319, -251.445555971, 99);
}

TEST_CASE("arima css: regressors are concentrated out") {
  Sample lake = arima_sample(reference_column("lakehuron.csv", "value"));
  lake.regressor_names = {"year"};
  lake.regressors = VectorXd::LinSpaced(98, 1875 - 1920, 1972 - 1920);
  check(conditional_fit({2, 0, 0, 0, 0, 0, 1}, lake),
        {0.9997424732349, -0.2787789121835, 579.0229675849688, -0.0179146395373}, 0.441192726933,
        -98.9605759066, 98);
}

TEST_CASE("arima css: standard errors are those of R but for its count of observations") {
  const FitResult fit = conditional_fit(kAirline, arima_sample(log_passengers(), 12));
  CHECK(std::sqrt(fit.covariance(0, 0)) == Approx(0.0882924107304).epsilon(1e-3));
  CHECK(std::sqrt(fit.covariance(1, 1)) == Approx(0.0703802014491).epsilon(1e-3));
}

TEST_CASE("arima css-ml: starting at the conditional optimum ends at the exact one") {
  const Sample sample = arima_sample(log_passengers(), 12);
  const FitResult exact = conditional_fit(kAirline, sample, ArimaMethod::exact);
  const FitResult both = conditional_fit(kAirline, sample, ArimaMethod::conditional_start);
  CHECK(both.log_likelihood == Approx(exact.log_likelihood).epsilon(1e-11));
  CHECK((both.parameters.values() - exact.parameters.values()).norm() < 1e-6);
}

TEST_CASE("arima css-ml: a sample too short for conditioning still has an exact fit") {
  const ArimaOrder order{1, 0, 0, 2, 1, 0, 12};
  const VectorXd y = log_passengers().head(30);
  const FitResult both =
      conditional_fit(order, arima_sample(y, 12), ArimaMethod::conditional_start);
  const FitResult exact = conditional_fit(order, arima_sample(y, 12), ArimaMethod::exact);
  CHECK(both.log_likelihood == Approx(exact.log_likelihood).epsilon(1e-9));
}

TEST_CASE("arima css: in long series it approaches the exact likelihood") {
  const ArimaOrder order{1, 0, 1, 0, 0, 0, 1};
  const Sample sample =
      arima_sample(simulated_arima(order, (VectorXd(2) << 0.6, 0.3).finished(), 4000, 5));
  const FitResult css = conditional_fit(order, sample);
  const FitResult exact = conditional_fit(order, sample, ArimaMethod::exact);
  CHECK((css.parameters.values() - exact.parameters.values()).cwiseAbs().maxCoeff() < 2e-3);
}

TEST_CASE("arima css: gaps need the exact likelihood") {
  VectorXd y = log_passengers();
  y(50) = kMissing;
  CHECK_THROWS_WITH(conditional_fit(kAirline, arima_sample(y, 12)),
                    Catch::Contains("a conditional likelihood needs one exact observation"));
}

}  // namespace amnok
