#include "models/trade_elasticity/trade_elasticity.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/specification_tests.h"
#include "tests/support/elasticity_samples.h"
#include "tests/support/numbers.h"

namespace amnok {

TEST_CASE(
    "trade elasticity: Newey-West intervals hold under autocorrelation, classical ones do not") {
  int robust = 0, classical = 0;
  constexpr int kSamples = 300;
  ElasticitySpec hac, ols;
  hac.lags = 8;
  ols.errors = RobustKind::classical;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const Sample sample = elasticity_sample(s, 200, 0.6);
    const auto covers = [&](const ElasticitySpec& spec) {
      const Coefficient c =
          coefficient_table(fit_model(*make_trade_elasticity(spec), sample).result)[1];
      return c.ci_low < -0.3 && c.ci_high > -0.3 ? 1 : 0;
    };
    robust += covers(hac);
    classical += covers(ols);
  }
  CHECK(robust > 0.88 * kSamples);
  CHECK(classical < 0.87 * kSamples);
}

TEST_CASE("trade elasticity: perfectly collinear regressors are named") {
  Sample sample = elasticity_sample(1, 50, 0);
  sample.regressor_names.push_back("twice");
  sample.regressors.conservativeResize(Eigen::NoChange, 2);
  sample.regressors.col(1) = 2 * sample.regressors.col(0);
  CHECK_THROWS_WITH(fit_model(*make_trade_elasticity({}), sample),
                    Catch::Contains("perfectly collinear: twice"));
}

TEST_CASE("trade elasticity: regressors that only rounding tells apart are refused") {
  Sample sample = elasticity_sample(1, 50, 0);
  sample.regressor_names.push_back("twice, rounded");
  sample.regressors.conservativeResize(Eigen::NoChange, 2);
  const auto rounded_to = [&](double unit) {
    sample.regressors.col(1) = (2 * sample.regressors.col(0) / unit).array().round() * unit;
  };
  rounded_to(1e-7);
  CHECK_THROWS_WITH(
      fit_model(*make_trade_elasticity({}), sample),
      Catch::Contains("collinear but for rounding: twice, rounded is a linear combination"));
  ElasticitySpec dynamic;
  dynamic.dynamic = true;
  dynamic.y_lags = 1;
  dynamic.x_lags = {1};
  CHECK_THROWS_WITH(fit_model(*make_trade_elasticity(dynamic), sample),
                    Catch::Contains("collinear but for rounding: dL0.twice, rounded"));
  rounded_to(1e-3);  // told apart, if hardly
  const FitResult fit = fit_model(*make_trade_elasticity({}), sample).result;
  CHECK((fit.covariance.diagonal().array() > 0).all());
}

TEST_CASE("trade elasticity: rows without all regressors are dropped and counted") {
  Sample sample = elasticity_sample(2, 60, 0);
  sample.y(5) = kMissing;
  sample.regressors(7, 0) = sample.regressors(8, 0) = kMissing;
  const FitResult fit = fit_model(*make_trade_elasticity({}), sample).result;
  CHECK(fit.nobs == 57);
  CHECK(fit.missing == 1);
  CHECK(fit.dropped == 2);
}

TEST_CASE("trade elasticity: too few rows are refused with the numbers") {
  CHECK_THROWS_WITH(fit_model(*make_trade_elasticity({}), elasticity_sample(1, 3, 0)),
                    Catch::Contains("rice has 3 observations with all regressors"));
}

TEST_CASE("trade elasticity: the equation is printed with its numbers") {
  const FitResult fit = fit_model(*make_trade_elasticity({}), elasticity_sample(4, 200, 0)).result;
  CHECK(fit.equation.find("log(rice) =") == 0);
  CHECK(fit.equation.find("log(imports)") != std::string::npos);
}

TEST_CASE("specification tests: exact Durbin-Watson p-values are uniform under independence") {
  int below = 0;
  constexpr int kSamples = 400;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const Sample sample = elasticity_sample(600 + s, 25, 0);
    MatrixXd x(25, 2);
    x << VectorXd::Ones(25), sample.regressors;
    const LinearFit fit = solve(LinearLeastSquares{x, sample.y});
    below += durbin_watson_p(x, durbin_watson(fit.residuals)) < 0.3 ? 1 : 0;
  }
  CHECK(std::abs(below - 120) < 4 * std::sqrt(400 * 0.3 * 0.7));
}

TEST_CASE("specification tests: exact and normal Durbin-Watson agree in long samples") {
  const Sample sample = elasticity_sample(9, 150, 0);
  MatrixXd x(150, 2);
  x << VectorXd::Ones(150), sample.regressors;
  for (double d : {1.7, 1.9, 2.0, 2.2}) {
    CHECK(durbin_watson_p(x, d) == Approx(durbin_watson_p_normal(x, d)).margin(0.002));
  }
}

TEST_CASE("specification tests: recursive residuals have the rss of the whole") {
  const Sample sample = elasticity_sample(10, 40, 0);
  MatrixXd x(40, 2);
  x << VectorXd::Ones(40), sample.regressors;
  const VectorXd w = recursive_residuals(x, sample.y);
  CHECK_THAT(w.squaredNorm(), AgreesTo(solve(LinearLeastSquares{x, sample.y}).rss, 10));
}

}  // namespace amnok
