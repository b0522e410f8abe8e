// estimator = "ppml": levels with zeros, never negative projections, refusals.
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"
#include "engine/report/result_table.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/floored_shock.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/elasticity_samples.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// imports = exp(0.5 - 0.4 x) times zero in a third of the periods and else 3/2, with noise.
Sample trade_with_zeros(std::uint32_t draw, int n) {
  std::vector<double> z(static_cast<std::size_t>(2 * n));
  fill_normals({53, Purpose::simulation, 9}, draw, z);
  Sample sample = elasticity_sample(draw, n, 0.4);
  sample.target = {"imports", {}};
  sample.regressor_names = {"log(price)"};
  for (int t = 0; t < n; ++t) {
    const double kept = normal_cdf(z[static_cast<std::size_t>(t)]) < 1.0 / 3 ? 0 : 1.5;
    const double noise = std::exp(0.3 * z[static_cast<std::size_t>(n + t)] - 0.045);
    sample.y(t) = std::exp(0.5 - 0.4 * sample.regressors(t, 0)) * kept * noise;
  }
  return sample;
}

ElasticitySpec ppml() {
  ElasticitySpec spec;
  spec.estimator = ElasticitySpec::Estimator::poisson;
  return spec;
}

FittedModel fitted(const Sample& sample, const ElasticitySpec& spec = ppml()) {
  return fit_model(*make_trade_elasticity(spec), sample);
}

DrawnFuture constant_future(const Sample& sample, double x, int horizon) {
  return {{sample.range.last() + 1, horizon}, {DrawMatrix::Constant(horizon, 1, x)}, {}};
}

}  // namespace

TEST_CASE("floored shock: it has mean one and the variance that was asked for") {
  for (double variance : {0.001, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 40.0}) {
    const FlooredShock shock = floored_shock(variance);
    const double zero = std::max(-12.0, -shock.location / shock.slope);
    const auto moment = [&](int power) {
      return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(
          [&](double z) { return std::pow(shock.at(z), power) * normal_pdf(z); }, zero, 12.0, 10,
          1e-13);
    };
    INFO(variance);
    CHECK_THAT(moment(1), AgreesTo(1, 9));
    CHECK_THAT(moment(2) - 1, AgreesTo(variance, 7));
  }
}

TEST_CASE("floored shock: closed forms") {
  // max(0, z): mean 1 / sqrt(2 pi), second moment 1/2.
  const FlooredShock half = floored_shock(std::numbers::pi - 1);
  CHECK(half.location == Approx(0).margin(1e-9));
  CHECK_THAT(half.slope, AgreesTo(std::sqrt(2 * std::numbers::pi), 9));
  const FlooredShock far = floored_shock(0.0004);
  CHECK(far.location == 1);
  CHECK_THAT(far.slope, AgreesTo(0.02, 15));
  CHECK(floored_shock(1e300).at(0) == 0);
}

TEST_CASE("ppml: an elasticity is recovered from levels a third of which are zero") {
  double sum = 0;
  int covered = 0;
  constexpr int kSamples = 200;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const FitResult fit = fitted(trade_with_zeros(s, 200)).result;
    REQUIRE(fit.usable());
    const Coefficient slope = coefficient_table(fit)[1];
    sum += slope.estimate;
    covered += slope.ci_low < -0.4 && slope.ci_high > -0.4 ? 1 : 0;
  }
  CHECK(sum / kSamples == Approx(-0.4).margin(0.02));
  CHECK(covered > 0.88 * kSamples);
}

TEST_CASE("ppml: the fit adds up to the data, and so does its table") {
  const Sample sample = trade_with_zeros(3, 120);
  const FitResult fit = fitted(sample).result;
  CHECK_THAT(fit.fitted.sum(), AgreesTo(sample.y.sum(), 8));
  CHECK_THAT(fit.fitted.dot(sample.regressors.col(0)),
             AgreesTo(sample.y.dot(sample.regressors.col(0)), 8));
  CHECK(fit.fitted.minCoeff() > 0);
  const auto zeros = static_cast<double>((sample.y.array() == 0).count());
  CHECK(zeros > 0);
  CHECK(rows_of(fit, "ppml")[0].number("value") == zeros);
  CHECK(fit.equation.find("imports = exp(") == 0);
  CHECK(fit.equation.find("log(price)) m(e)") != std::string::npos);
  CHECK(fit.covariance_kind.find("HAC (Bartlett") != std::string::npos);
}

TEST_CASE("ppml: a projection has the mean exp(x'b), zeros and nothing below") {
  const Sample sample = trade_with_zeros(4, 150);
  const FittedModel model = fitted(sample);
  constexpr int kDraws = 20000, kHorizon = 2;
  ParameterDraws draws;
  draws.parameters = model.result.parameters.values().replicate(1, kDraws);
  draws.sigma = VectorXd::Constant(kDraws, std::sqrt(model.result.sigma2));
  DrawMatrix shocks(kHorizon, kDraws), paths(kHorizon, kDraws);
  std::vector<double> z(kHorizon);
  for (int r = 0; r < kDraws; ++r) {
    fill_normals({3, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), z);
    shocks.col(r) = Eigen::Map<const VectorXd>(z.data(), kHorizon);
  }
  const auto past = model.model->past_state(model.result, draws, 1, 0, 0);
  model.model->simulate(draws, *past, constant_future(sample, 0.5, kHorizon), shocks, 0, kHorizon,
                        paths);
  const VectorXd b = model.result.parameters.values();
  const double mu = std::exp(b(0) + 0.5 * b(1));
  const double relative = model.result.sigma2 / std::pow(sample.y.mean(), 2);
  CHECK(paths.minCoeff() == 0);
  CHECK(paths.row(0).mean() == Approx(mu).epsilon(4.5 * std::sqrt(relative / kDraws)));
  const Forecast forecast = model.model->forecast(
      model.result, {{sample.range.last() + 1, 1}, MatrixXd::Constant(1, 1, 0.5), {}});
  CHECK_THAT(forecast.mean(0), AgreesTo(mu, 12));
  CHECK_THAT(forecast.variance(0), AgreesTo(relative * mu * mu, 10));
  const double variance = (paths.row(1).array() - paths.row(1).mean()).square().mean();
  CHECK(variance == Approx(forecast.variance(0)).epsilon(0.06));
}

TEST_CASE("ppml: a shock found for a fixed path gives the path again") {
  const Sample sample = trade_with_zeros(5, 150);
  const FittedModel model = fitted(sample);
  ParameterDraws draws;
  draws.parameters = model.result.parameters.values();
  draws.sigma = VectorXd::Constant(1, std::sqrt(model.result.sigma2));
  const auto past = model.model->past_state(model.result, draws, 1, 0, -1);
  const DrawnFuture future = constant_future(sample, 0.5, 1);
  DrawMatrix shocks = DrawMatrix::Zero(1, 1), paths(1, 1);
  model.model->simulate(draws, *past, future, shocks, 0, 1, paths);
  const double scale = model.model->shock_scale(draws, shocks, paths, 0)(0);
  const double wanted = 1.7 * paths(0, 0);
  shocks(0, 0) += (wanted - paths(0, 0)) / scale;
  model.model->simulate(draws, *past, future, shocks, 0, 1, paths);
  CHECK_THAT(paths(0, 0), AgreesTo(wanted, 12));
}

TEST_CASE("ppml: a negative target is refused with its row, a logarithm with the level") {
  Sample sample = trade_with_zeros(6, 40);
  sample.y(2) = -5;
  CHECK(message_of([&] { fitted(sample); }) ==
        "imports in 2010-03 (row 3 of the sample) is -5, but must be at least 0 with estimator = "
        "\"ppml\"");
  sample = trade_with_zeros(6, 40);
  sample.target.transform = {Transform::Kind::log, 0};
  CHECK(message_of([&] { fitted(sample); }) ==
        "target is log(imports), but must be the level with estimator = \"ppml\"");
  sample = trade_with_zeros(6, 40);
  sample.y.setZero();
  CHECK(message_of([&] { fitted(sample); }).find("imports is 0 in all 40 observations") == 0);
  ElasticitySpec cosines = ppml();
  cosines.errors = RobustKind::ewc;
  sample = trade_with_zeros(6, 40);
  CHECK(message_of([&] { fitted(sample, cosines); }) ==
        "errors with ppml must be classical, hc0, hc1 or newey_west");
}

TEST_CASE("ppml: separated rows and columns are named") {
  Sample sample = trade_with_zeros(7, 60);
  sample.regressor_names.push_back("closed");
  sample.regressors.conservativeResize(Eigen::NoChange, 2);
  sample.regressors.col(1).setZero();
  for (int t = 50; t < 60; ++t) {
    sample.regressors(t, 1) = 1;
    sample.y(t) = 0;
  }
  const FitResult fit = fitted(sample).result;
  REQUIRE(fit.usable());
  CHECK(fit.nobs == 50);
  CHECK(fit.parameters.values()(2) == 0);
  std::string notes;
  for (const std::string& note : fit.notes) notes += note;
  CHECK(notes.find("separation: 10 rows of zeros (2014-03, ") != std::string::npos);
  CHECK(notes.find("closed acts there alone") != std::string::npos);
}

}  // namespace amnok
