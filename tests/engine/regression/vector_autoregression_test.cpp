#include "engine/regression/vector_autoregression.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/impulse_response.h"
#include "engine/regression/var_tests.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/log_determinant.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"
#include "tests/support/var_series.h"

namespace amnok {

namespace {

VectorAutoregression fitted(int n, int lags, std::uint32_t draw = 0,
                            VarTerms terms = VarTerms::constant) {
  VarSpec spec;
  spec.lags = lags;
  spec.terms = terms;
  return fit_var(SimulatedVar().draw(draw, n), {"a", "b"}, spec);
}

// vec of the responses as a function of the coefficients, all else of the fit kept.
VectorXd responses_at(VectorAutoregression var, const VectorXd& lags, int step, ResponseKind kind) {
  const Eigen::Index k = var.size(), count = k * var.spec.lags;
  var.coefficients.bottomRows(count) =
      Eigen::Map<const MatrixXd>(lags.data(), k, count).transpose();
  const MatrixXd response = impulse_responses(var, step, kind).back();
  return Eigen::Map<const VectorXd>(response.data(), response.size());
}

}  // namespace

TEST_CASE("vector autoregression: one variable is a regression on its lags") {
  const MatrixXd y = SimulatedVar().draw(1, 80).col(0);
  VarSpec spec;
  spec.lags = 2;
  const VectorAutoregression var = fit_var(y, {"a"}, spec);
  MatrixXd x(78, 3);
  x << VectorXd::Ones(78), y.middleRows(1, 78), y.topRows(78);
  const LinearFit fit = solve(LinearLeastSquares{x, y.col(0).tail(78)});
  CHECK((var.coefficients - fit.coefficients).norm() < 1e-13);
  CHECK_THAT(var.sigma()(0, 0), AgreesTo(fit.sigma2(), 12));
  CHECK((var.standard_errors().col(0) - (fit.sigma2() * fit.xtx_inverse.diagonal()).cwiseSqrt())
            .norm() < 1e-13);
}

TEST_CASE("vector autoregression: parameters are recovered") {
  const SimulatedVar truth;
  const VectorAutoregression var = fitted(20000, 1);
  CHECK((var.lag_matrix(1) - truth.a).cwiseAbs().maxCoeff() < 0.03);
  CHECK((var.sigma() - truth.covariance()).cwiseAbs().maxCoeff() < 0.05);
  CHECK(companion_moduli(var)(0) ==
        Approx(truth.a.eigenvalues().cwiseAbs().maxCoeff()).margin(0.02));
}

TEST_CASE("vector autoregression: seasonal dummies and a trend are those of a regression") {
  MatrixXd y = SimulatedVar().draw(2, 81);
  for (Eigen::Index t = 0; t < y.rows(); ++t) {
    y(t, 0) += 0.1 * static_cast<double>(t) + (t % 4 == 1 ? 5.0 : 0.0);
  }
  VarSpec spec;
  spec.lags = 1;
  spec.terms = VarTerms::constant_and_trend;
  spec.season = 4;
  const VectorAutoregression var = fit_var(y, {"a", "b"}, spec);
  CHECK(var.regressors == std::vector<std::string>{"const", "trend", "season1", "season2",
                                                   "season3", "a.l1", "b.l1"});
  CHECK((var.x.transpose() * var.residuals).cwiseAbs().maxCoeff() < 1e-8);
  // The dummies average to nothing over whole years: the constant is that of the mean season.
  CHECK(std::fabs(var.x.middleCols(2, 3).colwise().sum().maxCoeff()) < 1e-12);
  // Forecasts go on where the sample ends: they are what one more row of the design says.
  const VarForecast forecast = forecast_var(var, 1);
  Eigen::RowVectorXd row(7);
  row << 1, 82, 81 % 4 == 0 ? 0.75 : -0.25, 81 % 4 == 1 ? 0.75 : -0.25, -0.25, y.row(80);
  CHECK((forecast.mean.row(0) - row * var.coefficients).norm() < 1e-12);
}

TEST_CASE("vector autoregression: exogenous columns are needed for the future") {
  const MatrixXd y = SimulatedVar().draw(3, 60), x = SimulatedVar().draw(4, 60).leftCols(1);
  VarSpec spec;
  spec.exogenous = x;
  const VectorAutoregression var = fit_var(y, {"a", "b"}, spec);
  CHECK(message_of([&] { forecast_var(var, 2); }) ==
        "the future exogenous columns are 0 x 0, but must be 2 x 1");
  const VarForecast at_zero = forecast_var(var, 1, MatrixXd::Zero(1, 1));
  const VarForecast at_one = forecast_var(var, 1, MatrixXd::Ones(1, 1));
  CHECK((at_one.mean - at_zero.mean - var.coefficients.row(1)).norm() < 1e-13);
}

TEST_CASE("vector autoregression: bad input is named") {
  MatrixXd y = SimulatedVar().draw(5, 12);
  VarSpec spec;
  spec.lags = 4;
  CHECK(message_of([&] {
          fit_var(y, {"a", "b"}, spec);
        }) ==
        "the number of observations is 12, but must be at least 15 for 4 lags of 2 variables");
  y(3, 1) = kMissing;
  CHECK(message_of([&] {
          fit_var(y, {"a", "b"}, spec);
        }) == "b has 1 missing values, but must have none");
  MatrixXd twice = SimulatedVar().draw(5, 40);
  twice.col(1) = 2 * twice.col(0);
  CHECK_THAT(message_of([&] {
               fit_var(twice, {"a", "b"}, {});
             }),
             Catch::Contains("b.l1 is a linear combination"));
}

TEST_CASE("vector autoregression: lags are chosen on one sample") {
  const MatrixXd y = SimulatedVar().draw(6, 400);
  const VarLagChoice choice = choose_var_lags(y, {"a", "b"}, {}, 6);
  CHECK(choice.bic == 1);
  CHECK(choice.hq >= choice.bic);
  CHECK(choice.aic >= choice.hq);
  // No lags: the covariance of 394 rows, without those that the lags would have cost.
  const MatrixXd tail = y.bottomRows(394), centred = tail.rowwise() - tail.colwise().mean();
  CHECK_THAT(choice.criteria[0].aic,
             AgreesTo(log_determinant(centred.transpose() * centred / 394.0), 10));
  // Without terms in the count, a constant shifts every criterion by the same.
  VarSpec spec;
  spec.lags = 2;
  const VectorAutoregression var = fit_var(y, {"a", "b"}, spec);
  CHECK(var_criteria(var, true).aic - var_criteria(var).aic == Approx(2 * 2.0 / 398));
}

TEST_CASE("vector autoregression: forecast errors are moving averages of the shocks") {
  const VectorAutoregression var = fitted(200, 2);
  const VarForecast forecast = forecast_var(var, 300);
  // In the long run the forecast is the mean and its variance solves the Lyapunov equation.
  const MatrixXd companion = companion_matrix(var);
  MatrixXd noise = MatrixXd::Zero(4, 4);
  noise.topLeftCorner(2, 2) = var.sigma();
  MatrixXd gamma = noise;
  for (int i = 0; i < 2000; ++i) gamma = companion * gamma * companion.transpose() + noise;
  CHECK((forecast.mse.back() - gamma.topLeftCorner(2, 2)).cwiseAbs().maxCoeff() < 1e-10);
  const VectorXd mean = (MatrixXd::Identity(2, 2) - var.lag_matrix(1) - var.lag_matrix(2))
                            .partialPivLu()
                            .solve(var.coefficients.row(0).transpose());
  CHECK((forecast.mean.row(299).transpose() - mean).norm() < 1e-10);
}

TEST_CASE("vector autoregression: estimation adds its delta-method variance to forecasts") {
  const VectorAutoregression var = fitted(60, 2);
  const VarForecast known = forecast_var(var, 5), whole = forecast_var(var, 5, MatrixXd(), true);
  const MatrixXd covariance = var.coefficient_covariance();
  MatrixXd slope(2, var.coefficients.size());
  for (Eigen::Index j = 0; j < slope.cols(); ++j) {
    VectorAutoregression up = var, down = var;
    up.coefficients.data()[j] += 1e-5;
    down.coefficients.data()[j] -= 1e-5;
    slope.col(j) =
        (forecast_var(up, 5).mean.row(4) - forecast_var(down, 5).mean.row(4)).transpose() / 2e-5;
  }
  const MatrixXd expected = known.mse[4] + slope * covariance * slope.transpose();
  CHECK((whole.mse[4] - expected).norm() < 1e-7 * expected.norm());
}

TEST_CASE("impulse responses: standard errors are the delta method on the coefficients") {
  const VectorAutoregression var = fitted(120, 2);
  const MatrixXd of_lags = var.lag_covariance();
  const MatrixXd lags = var.coefficients.bottomRows(4).transpose();
  const VectorXd at = Eigen::Map<const VectorXd>(lags.data(), lags.size());
  for (bool accumulated : {false, true}) {
    const ResponseKind kind{false, accumulated};
    const MatrixXd errors = response_standard_errors(var, 4, kind).back();
    MatrixXd slope(4, at.size());
    for (Eigen::Index j = 0; j < at.size(); ++j) {
      const VectorXd step = 1e-5 * VectorXd::Unit(at.size(), j);
      slope.col(j) =
          (responses_at(var, at + step, 4, kind) - responses_at(var, at - step, 4, kind)) / 2e-5;
    }
    const VectorXd expected = (slope * of_lags * slope.transpose()).diagonal().cwiseSqrt();
    CHECK((Eigen::Map<const VectorXd>(errors.data(), 4) - expected).norm() < 1e-7);
  }
  // At once: only the uncertainty of S. The first shock's size s has variance s^2 / (2 T).
  const MatrixXd impact = response_standard_errors(var, 0).front();
  CHECK_THAT(impact(0, 0), AgreesTo(std::sqrt(var.sigma()(0, 0) / (2.0 * var.observations())), 10));
  CHECK(impact(0, 1) == 0);
}

TEST_CASE("impulse responses: shares of the forecast error variance sum to one") {
  const VectorAutoregression var = fitted(120, 2);
  const VarForecast forecast = forecast_var(var, 6);
  const auto shares = variance_decomposition(var, 5);
  const auto responses = impulse_responses(var, 5);
  CHECK((shares[5].rowwise().sum().array() - 1).abs().maxCoeff() < 1e-14);
  CHECK(shares[0](0, 1) == 0);
  double own = 0;
  for (const MatrixXd& response : responses) own += response(1, 1) * response(1, 1);
  CHECK_THAT(shares[5](1, 1), AgreesTo(own / forecast.mse[5](1, 1), 12));
}

TEST_CASE("impulse responses: bootstrap bands lie around the asymptotic ones", "[slow]") {
  const VectorAutoregression var = fitted(400, 1);
  const ResponseKind kind{false, false};
  ResponseBootstrapOptions options;
  options.draws = 400;
  const ResponseBands bands = bootstrap_response_bands(var, 2, kind, options);
  const auto errors = response_standard_errors(var, 2, kind);
  CHECK(bands.draws == 400);
  const MatrixXd width = bands.upper[2] - bands.lower[2];
  CHECK((width.cwiseQuotient(2 * 1.645 * errors[2]).array() - 1).abs().maxCoeff() < 0.25);
  options.bands = BandKind::hall;
  const ResponseBands hall = bootstrap_response_bands(var, 2, kind, options);
  const MatrixXd twice = 2 * impulse_responses(var, 2, kind)[2];
  CHECK((hall.lower[2] - (twice - bands.upper[2])).norm() < 1e-14);
  options.draws = 0;
  CHECK(message_of([&] { bootstrap_response_bands(var, 2, kind, options); }) ==
        "draws is 0, but must be at least 20");
}

TEST_CASE("var tests: Granger causality of one lag is the square of a t statistic") {
  const VectorAutoregression var = fitted(100, 1);
  const Diagnostic test = granger_causality(var, {1}, {0});
  const double t = var.coefficients(2, 0) / var.standard_errors()(2, 0);
  CHECK_THAT(test.statistic, AgreesTo(t * t, 11));
  CHECK(test.df2 == 2 * 96);  // K (T - q)
  CHECK(message_of([&] { granger_causality(var, {0}, {0}); }) ==
        "variable 0 is cause and effect, but must be one of them");
}

TEST_CASE("var tests: instantaneous causality is n r^2 / (1 + r^2) of two residuals") {
  // vech(S) has variance 2 D+ (S x S) D+' / T: that of s12 is (s11 s22 + s12^2) / T.
  const VectorAutoregression var = fitted(100, 1);
  const MatrixXd s = var.sigma();
  const double r2 = s(0, 1) * s(0, 1) / (s(0, 0) * s(1, 1));
  CHECK_THAT(instantaneous_causality(var, {0}, {1}).statistic,
             AgreesTo(var.observations() * r2 / (1 + r2), 10));
}

TEST_CASE("var tests: one variable has the tests of a regression") {
  const MatrixXd y = SimulatedVar().draw(7, 150).col(0);
  const VectorAutoregression var = fit_var(y, {"a"}, {});
  const VectorXd u = var.residuals.col(0);
  double sum = 0;
  for (int i = 1; i <= 5; ++i) {
    const double r = u.head(u.size() - i).dot(u.tail(u.size() - i)) / u.squaredNorm();
    sum += r * r;
  }
  CHECK_THAT(var_portmanteau(var, 5, false).statistic, AgreesTo(149 * sum, 11));
  CHECK(var_portmanteau(var, 5, false).df == 4);
  // n R^2 and the F of the same auxiliary regression.
  MatrixXd x = MatrixXd::Zero(149, 4);
  x.leftCols(2) = var.x;
  for (int i = 1; i <= 2; ++i) x.col(1 + i).tail(149 - i) = u.head(149 - i);
  const double rss = solve(LinearLeastSquares{x, u}).rss, all = u.squaredNorm();
  CHECK_THAT(var_breusch_godfrey(var, 2).statistic, AgreesTo(149 * (1 - rss / all), 9));
  CHECK_THAT(var_breusch_godfrey(var, 2, true).statistic,
             AgreesTo((all - rss) / 2 / (rss / (149 - 4)), 9));
}

TEST_CASE("var tests: mixing the variables changes no test of autocorrelation") {
  Eigen::Matrix2d mix;
  mix << 2, 1, -0.5, 3;
  const MatrixXd y = SimulatedVar().draw(8, 120);
  const VectorAutoregression one = fit_var(y, {"a", "b"}, {}),
                             two = fit_var(y * mix, {"a", "b"}, {});
  CHECK_THAT(var_portmanteau(two, 4, true).statistic,
             AgreesTo(var_portmanteau(one, 4, true).statistic, 10));
  CHECK_THAT(var_breusch_godfrey(two, 3).statistic,
             AgreesTo(var_breusch_godfrey(one, 3).statistic, 9));
}

TEST_CASE("var tests: sizes are near their levels without and power high with a violation",
          "[slow]") {
  int autocorrelated = 0, causal = 0, nonnormal = 0, left_out = 0;
  constexpr int kDraws = 400;
  for (int r = 0; r < kDraws; ++r) {
    SimulatedVar truth;
    truth.a(0, 1) = 0;  // b does not cause a
    const MatrixXd y = truth.draw(static_cast<std::uint32_t>(100 + r), 150);
    const VectorAutoregression var = fit_var(y, {"a", "b"}, {});
    autocorrelated += var_breusch_godfrey(var, 2, true).p_value < 0.1;
    causal += granger_causality(var, {1}, {0}).p_value < 0.1;
    nonnormal += var_normality(var).both.p_value < 0.1;
    VarSpec none;
    none.lags = 0;
    left_out += var_portmanteau(fit_var(y, {"a", "b"}, none), 4, true).p_value < 0.1;
  }
  // 400 draws at 10 %: a standard error of 1.5 points.
  CHECK(autocorrelated / double(kDraws) == Approx(0.10).margin(0.05));
  CHECK(causal / double(kDraws) == Approx(0.10).margin(0.05));
  CHECK(nonnormal / double(kDraws) == Approx(0.10).margin(0.06));
  CHECK(left_out > 0.99 * kDraws);
}

}  // namespace amnok
