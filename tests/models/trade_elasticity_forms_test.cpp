// Forms of the static equation: kinds of errors, bootstrap, instruments, regimes, priors, drift.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/elasticity_samples.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

const ResultTable* find(const FitResult& fit, const std::string& name) {
  for (const ResultTable& t : fit.tables) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

double number(const ResultTable::Cell& cell) {
  return std::get<double>(cell);
}

FitResult fitted(const ElasticitySpec& spec, const Sample& sample) {
  return fit_model(*make_trade_elasticity(spec), sample).result;
}

// The price moves imports too: cov(x, u) > 0. Two instruments of the given strength.
Sample simultaneous_sample(std::uint32_t draw, int n, double strength) {
  std::vector<double> e(static_cast<std::size_t>(4 * n));
  fill_normals({47, Purpose::simulation, 5}, draw, e);
  Sample sample = elasticity_sample(draw, n, 0);
  sample.regressor_names = {"log(imports)", "log(brent)", "border"};
  sample.regressors.resize(n, 3);
  for (int t = 0; t < n; ++t) {
    const double *at = &e[static_cast<std::size_t>(4 * t)], u = at[0];
    sample.regressors(t, 1) = at[1];
    sample.regressors(t, 2) = at[2];
    sample.regressors(t, 0) = strength * (at[1] - at[2]) + 0.8 * u + 0.6 * at[3];
    sample.y(t) = 8 - 0.3 * sample.regressors(t, 0) + u;
  }
  return sample;
}

ElasticitySpec instrumented(ElasticitySpec::Estimator estimator) {
  ElasticitySpec spec;
  spec.estimator = estimator;
  spec.instruments = {"log(brent)", "border"};
  return spec;
}

}  // namespace

TEST_CASE("elasticity errors: every kind is named and has intervals of its own") {
  const Sample sample = elasticity_sample(11, 120, 0.6);
  std::vector<std::string> names;
  for (RobustKind kind : {RobustKind::classical, RobustKind::hc0, RobustKind::hc1, RobustKind::hc2,
                          RobustKind::hc3, RobustKind::newey_west, RobustKind::newey_west_fixed_b,
                          RobustKind::andrews, RobustKind::ewc}) {
    ElasticitySpec spec;
    spec.errors = kind;
    const FitResult fit = fitted(spec, sample);
    CHECK(std::find(names.begin(), names.end(), fit.covariance_kind) == names.end());
    names.push_back(fit.covariance_kind);
    const auto& row = find(fit, "elasticities")->rows[1];
    const Coefficient c = coefficient_table(fit)[1];
    CHECK(c.std_error > 0);
    CHECK_THAT(number(row[5]), AgreesTo(c.ci_low, 6));
    CHECK_THAT(number(row[6]), AgreesTo(c.ci_high, 6));
  }
}

TEST_CASE("elasticity bootstrap: intervals of both kinds stand beside the others") {
  const Sample sample = elasticity_sample(12, 80, 0.3);
  ElasticitySpec spec;
  spec.replications = 199;
  CHECK(find(fitted(spec, sample), "bootstrap") == nullptr);
  for (auto kind : {ElasticitySpec::Resampling::wild, ElasticitySpec::Resampling::block}) {
    spec.bootstrap = kind;
    const FitResult fit = fitted(spec, sample);
    const ResultTable* table = find(fit, "bootstrap");
    REQUIRE(table != nullptr);
    REQUIRE(table->rows.size() == 1);
    const auto& row = table->rows[0];
    CHECK(number(row[4]) < fit.parameters.values()(1));
    CHECK(number(row[5]) > fit.parameters.values()(1));
    CHECK(cell_text(find(fitted(spec, sample), "bootstrap")->rows[0][4]) == cell_text(row[4]));
  }
}

TEST_CASE("elasticity errors: cosines unless lags, prewhitening or a prior ask for a kernel") {
  const Sample sample = elasticity_sample(11, 60, 0.5);
  const auto kind = [&](const ElasticitySpec& spec) {
    return fitted(spec, sample).covariance_kind;
  };
  const FitResult fit = fitted({}, sample);
  CHECK(fit.covariance_kind == "equal-weighted cosines, t(6)");  // 0.4 60^(2/3) = 6.1
  CHECK(fit.inference_df == 6);
  const Sample few = elasticity_sample(11, 15, 0.5);
  CHECK(fitted({}, few).covariance_kind == "equal-weighted cosines, t(4)");
  ElasticitySpec spec;
  spec.errors = RobustKind::ewc;
  CHECK(fitted(spec, few).covariance_kind == "equal-weighted cosines, t(2)");
  spec = {};
  spec.cosines = 9;
  CHECK(kind(spec) == "equal-weighted cosines, t(9)");
  spec = {};
  spec.lags = 3;
  CHECK(kind(spec) == "Newey-West, 3 lags");
  spec = {};
  spec.prewhiten = true;
  CHECK_THAT(kind(spec), Catch::StartsWith("Newey-West"));
  spec = {};
  spec.priors = {{"log(imports)", -0.3, 0.1, {}, {}}};
  CHECK_THAT(kind(spec), Catch::StartsWith("Newey-West"));
}

TEST_CASE("elasticity weights: weighted least squares as R has it") {
  // R 4.2, sandwich 3.0.2: lm(dist ~ speed, cars[1:12, ], weights = c(1, 2, 3, 1, 2, 3, ...)).
  Sample sample = elasticity_sample(1, 12, 0);
  sample.y << 2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14;
  sample.regressor_names = {"speed", "reports"};
  sample.regressors.resize(12, 2);
  sample.regressors.col(0) << 4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12;
  for (int t = 0; t < 12; ++t) sample.regressors(t, 1) = 1 + t % 3;
  ElasticitySpec spec;
  spec.weighted = true;
  const auto with = [&](RobustKind kind) {
    spec.errors = kind;
    return fitted(spec, sample);
  };
  const FitResult fit = with(RobustKind::classical);
  REQUIRE(fit.parameters.names() == std::vector<std::string>{"intercept", "speed"});
  CHECK_THAT(fit.parameters.values()(1), AgreesTo(2.19538834951456, 11));
  CHECK_THAT(fit.standard_error(1), AgreesTo(1.09302135788921, 11));
  CHECK_THAT(fit.log_likelihood, AgreesTo(-42.9516294787137, 11));
  CHECK(fit.covariance_kind == "weighted, classical");
  CHECK_THAT(with(RobustKind::hc3).standard_error(1), AgreesTo(1.3427063083738, 11));
  spec.lags = 2;
  CHECK_THAT(with(RobustKind::newey_west).standard_error(1), AgreesTo(0.851092200802299, 11));
  spec.lags = {};
  // The residuals are those of the target, so that they give it back.
  CHECK_THAT(fit.fitted(3) + fit.residuals(3), AgreesTo(22, 12));
  CHECK_THAT(fit.fitted(3),
             AgreesTo(fit.parameters.values()(0) + 7 * fit.parameters.values()(1), 12));
  // What rows count in proportion does not matter; a row that counts nothing is refused.
  sample.regressors.col(1) *= 10;
  CHECK_THAT(with(RobustKind::classical).standard_error(1), AgreesTo(1.09302135788921, 11));
  CHECK_THAT(with(RobustKind::classical).log_likelihood, AgreesTo(-42.9516294787137, 11));
  sample.regressors(4, 1) = 0;
  CHECK_THROWS_WITH(fitted(spec, sample),
                    Catch::Contains("row_weights is 0 in 2010-05, but must be above 0"));
  sample.regressors(4, 1) = kMissing;
  CHECK(fitted(spec, sample).nobs == 11);
}

TEST_CASE("elasticity instruments: they remove the bias that least squares has") {
  const Sample sample = simultaneous_sample(1, 2000, 1);
  Sample alone = sample;
  alone.regressor_names.resize(1);
  alone.regressors.conservativeResize(Eigen::NoChange, 1);
  CHECK(fitted({}, alone).parameters.values()(1) > -0.1);
  for (auto estimator : {ElasticitySpec::Estimator::two_stage, ElasticitySpec::Estimator::liml,
                         ElasticitySpec::Estimator::gmm}) {
    const FitResult fit = fitted(instrumented(estimator), sample);
    REQUIRE(fit.parameters.names() == std::vector<std::string>{"intercept", "log(imports)"});
    CHECK(std::fabs(fit.parameters.values()(1) + 0.3) < 4 * fit.standard_error(1));
    REQUIRE(find(fit, "first_stage") != nullptr);
    REQUIRE(find(fit, "instrument_tests") != nullptr);
    CHECK(find(fit, "instrument_needs")->rows.size() == 2);
    // Wu-Hausman sees the bias; the two instruments agree.
    const auto& tests = find(fit, "instrument_tests")->rows;
    CHECK(number(tests[1][2]) < 1e-6);
    CHECK(number(tests[2][2]) > 0.001);
  }
}

TEST_CASE("elasticity instruments: a projection needs no path of them") {
  const Sample sample = simultaneous_sample(2, 200, 1);
  const FittedModel fit =
      fit_model(*make_trade_elasticity(instrumented(ElasticitySpec::Estimator::two_stage)), sample);
  const Future future{{sample.range.last() + 1, 1}, MatrixXd::Constant(1, 1, 2.0), {}};
  const VectorXd b = fit.result.parameters.values();
  CHECK_THAT(fit.model->forecast(fit.result, future).mean(0), AgreesTo(b(0) + 2 * b(1), 12));
}

TEST_CASE("elasticity instruments: weak ones and wrong ones are said in words") {
  const FitResult weak =
      fitted(instrumented(ElasticitySpec::Estimator::liml), simultaneous_sample(3, 100, 0.02));
  CHECK(std::get<std::string>(find(weak, "first_stage")->rows[0][6]).find("weak") == 0);
  ElasticitySpec spec = instrumented(ElasticitySpec::Estimator::two_stage);
  spec.errors = RobustKind::ewc;
  CHECK_THROWS_WITH(fitted(spec, simultaneous_sample(3, 100, 1)),
                    Catch::Contains("must be classical, hc0, hc1 or newey_west"));
  Sample itself = simultaneous_sample(3, 100, 1);
  itself.regressors.col(1) = (2e6 * itself.regressors.col(0)).array().round() / 1e6;
  CHECK(std::get<std::string>(
            find(fitted(instrumented(ElasticitySpec::Estimator::two_stage), itself), "first_stage")
                ->rows[0][6]) == "the instruments are the regressor itself: no help");
  itself.regressors.col(1) = 2 * itself.regressors.col(0);
  CHECK_THROWS_WITH(fitted(instrumented(ElasticitySpec::Estimator::two_stage), itself),
                    Catch::Contains("log(imports) is a linear combination of instruments"));
  spec = instrumented(ElasticitySpec::Estimator::two_stage);
  spec.endogenous = {"log(rye)"};
  CHECK_THROWS_WITH(fitted(spec, simultaneous_sample(3, 100, 1)),
                    Catch::Contains("must name a regressor: log(imports)"));
  Sample twice = simultaneous_sample(3, 100, 1);
  twice.regressors.col(2) = 3 * twice.regressors.col(1);
  CHECK_THROWS_WITH(fitted(instrumented(ElasticitySpec::Estimator::two_stage), twice),
                    Catch::Contains("border is a linear combination"));
}

TEST_CASE("elasticity regimes: level and slope change while the event is active") {
  Sample sample = elasticity_sample(13, 200, 0);
  const Period start = sample.range[100];
  sample.events["closure"] = {{{start, {}, 0, 0.0, 1.0, false}}};
  for (int t = 100; t < 200; ++t) sample.y(t) += 1 - 0.5 * sample.regressors(t, 0);
  ElasticitySpec spec;
  spec.regimes = "closure";
  const FittedModel fit = fit_model(*make_trade_elasticity(spec), sample);
  REQUIRE(fit.result.parameters.names() == std::vector<std::string>{"intercept", "closure",
                                                                    "log(imports) * closure",
                                                                    "log(imports)"});
  const std::vector<double> truth = {8, 1, -0.5, -0.3};
  for (int j = 0; j < 4; ++j) {
    CHECK(std::fabs(fit.result.parameters.values()(j) - truth[static_cast<std::size_t>(j)]) <
          4 * fit.result.standard_error(j));
  }
  // A scenario that ends the event goes back to the first regime.
  Future future{{sample.range.last() + 1, 2}, MatrixXd::Ones(2, 1), sample.events};
  future.events["closure"].episodes[0].end = future.range[1];
  const VectorXd b = fit.result.parameters.values();
  const Forecast forecast = fit.model->forecast(fit.result, future);
  CHECK_THAT(forecast.mean(0), AgreesTo(b.sum(), 12));
  CHECK_THAT(forecast.mean(1), AgreesTo(b(0) + b(3), 12));
  ParameterDraws draws{b, VectorXd::Zero(1)};
  DrawMatrix path(2, 1);
  fit.model->simulate(draws, *fit.model->past_state(fit.result, draws, 1, 0, 0),
                      {future.range, {DrawMatrix::Ones(2, 1)}, shared_events(future.events)},
                      DrawMatrix::Zero(2, 1), 0, 2, path);
  CHECK((path.col(0) - forecast.mean).norm() < 1e-12);
  spec.regimes = "opening";
  CHECK_THROWS_WITH(fitted(spec, sample), Catch::Contains("must be an event of the calendar"));
}

TEST_CASE("elasticity priors: the result says that it is not the data's alone") {
  ElasticitySpec spec;
  spec.errors = RobustKind::classical;
  spec.priors = {{"log(imports)", -0.8, 0.1, {}, 0.0}};
  const Sample sample = elasticity_sample(14, 30, 0);
  const FittedModel fit = fit_model(*make_trade_elasticity(spec), sample);
  spec.priors.clear();
  const double alone = fitted(spec, sample).parameters.values()(1);
  const double mixed = fit.result.parameters.values()(1);
  CHECK(mixed < alone);
  CHECK(mixed > -0.8);
  CHECK(fit.result.covariance_kind == "classical, mixed with priors");
  REQUIRE(find(fit.result, "prior") != nullptr);
  CHECK(fit.result.notes.front().find("not from the data alone") == 0);
  const ParameterDraws draws = fit.model->draw_parameters(fit.result, 1, 0, 0, 500);
  CHECK((draws.parameters.row(1).array() < 0).all());
}

TEST_CASE("elasticity drift: a path for every period, gaps included") {
  Sample sample = elasticity_sample(15, 120, 0);
  sample.y(40) = kMissing;
  ElasticitySpec spec;
  spec.time_varying = true;
  const FitResult fit = fitted(spec, sample);
  const ResultTable* table = find(fit, "time_varying");
  REQUIRE(table != nullptr);
  REQUIRE(table->rows.size() == 120);
  for (const auto& row : table->rows) {
    CHECK(number(row[2]) < number(row[1]));
    CHECK(number(row[3]) > number(row[1]));
  }
}

TEST_CASE("elasticity intervals: coverage under autocorrelation by kind of errors", "[slow]") {
  constexpr int kSamples = 300;
  const std::vector<std::pair<RobustKind, const char*>> kinds = {
      {RobustKind::classical, "classical"},
      {RobustKind::newey_west, "newey_west"},
      {RobustKind::andrews, "andrews"},
      {RobustKind::ewc, "ewc"},
      {RobustKind::newey_west_fixed_b, "fixed-b"}};
  std::vector<int> covered(kinds.size(), 0);
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const Sample sample = elasticity_sample(9000 + s, 100, 0.6);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      ElasticitySpec spec;
      spec.errors = kinds[i].first;
      const FitResult fit = fitted(spec, sample);
      const auto& row = find(fit, "elasticities")->rows[1];
      covered[i] += number(row[5]) < -0.3 && number(row[6]) > -0.3 ? 1 : 0;
    }
  }
  std::string counts;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    counts += std::string(kinds[i].second) + " " + std::to_string(covered[i]) + "  ";
  }
  INFO(counts);
  CHECK(covered[0] < 0.87 * kSamples);
  CHECK(covered[1] > 0.83 * kSamples);
  CHECK(covered[3] > 0.87 * kSamples);
  CHECK(covered[4] > 0.87 * kSamples);
}

}  // namespace amnok
