#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/nardl.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

// y = 2 + 0.5 y_{-1} + rise x(+) + fall x(-), x a random walk: long run 2 rise and 2 fall.
Sample dynamic_sample(std::uint32_t draw, int n, double rise, double fall) {
  std::vector<double> e(static_cast<std::size_t>(2 * n));
  fill_normals({43, Purpose::simulation, 4}, draw, e);
  Sample sample;
  sample.range = {{Frequency::monthly, 2010 * 12}, n};
  sample.season = 12;
  sample.target = {"rice", {Transform::Kind::log, 0}};
  sample.y.resize(n);
  sample.regressor_names = {"log(imports)"};
  sample.regressors.resize(n, 1);
  double x = 0, up = 0, down = 0, y = 4;
  for (int t = 0; t < n; ++t) {
    const double change = e[static_cast<std::size_t>(t)];
    x += change;
    (change > 0 ? up : down) += t > 0 ? change : 0;
    y = 2 + 0.5 * y + rise * up + fall * down + 0.2 * e[static_cast<std::size_t>(n + t)];
    sample.regressors(t, 0) = x;
    sample.y(t) = y;
  }
  return sample;
}

ElasticitySpec dynamic_spec(int p, int q) {
  ElasticitySpec spec;
  spec.dynamic = true;
  spec.y_lags = p;
  spec.x_lags = {q};
  return spec;
}

const ResultTable& table(const FitResult& fit, const std::string& name) {
  for (const ResultTable& t : fit.tables) {
    if (t.name == name) return t;
  }
  FAIL("no table " << name);
  return fit.tables.front();
}

double number(const ResultTable::Cell& cell) {
  return std::get<double>(cell);
}

DrawMatrix simulated(const FittedModel& fitted, const DrawMatrix& x, int draws) {
  ParameterDraws at;
  at.parameters = fitted.result.parameters.values().replicate(1, draws);
  at.sigma = VectorXd::Zero(draws);
  DrawnFuture future{{fitted.result.sample.last() + 1, x.rows()}, {x}, {}};
  DrawMatrix paths(x.rows(), draws);
  const auto past = fitted.model->past_state(fitted.result, at, 1, 0, 0);
  fitted.model->simulate(at, *past, future, DrawMatrix::Zero(x.rows(), draws), 0,
                         static_cast<int>(x.rows()), paths);
  return paths;
}

}  // namespace

TEST_CASE("dynamic elasticity: parameters in levels are those of a regression in levels") {
  const Sample sample = dynamic_sample(1, 120, -0.3, -0.3);
  const FitResult fit = fit_model(*make_trade_elasticity(dynamic_spec(2, 1)), sample).result;
  REQUIRE(fit.nobs == 118);
  MatrixXd x(118, 5);
  x << VectorXd::Ones(118), sample.y.segment(1, 118), sample.y.head(118),
      sample.regressors.col(0).tail(118), sample.regressors.col(0).segment(1, 118);
  const LinearFit levels = solve(LinearLeastSquares{x, sample.y.tail(118)});
  CHECK((fit.parameters.values() - levels.coefficients).norm() < 1e-9);
  CHECK((fit.covariance - levels.sigma2() * levels.xtx_inverse).norm() < 1e-9);
  CHECK(fit.parameters.names() == std::vector<std::string>{"intercept", "L1.log(rice)",
                                                           "L2.log(rice)", "log(imports)",
                                                           "L1.log(imports)"});
}

TEST_CASE("dynamic elasticity: the long run, adjustment and multipliers agree") {
  const Sample sample = dynamic_sample(2, 400, -0.3, -0.3);
  ElasticitySpec spec = dynamic_spec(1, 0);
  spec.multiplier_horizon = 60;
  const FitResult fit = fit_model(*make_trade_elasticity(spec), sample).result;
  const double theta = number(table(fit, "long_run").rows[0][1]);
  CHECK(theta == Approx(-0.6).margin(0.05));
  CHECK(number(table(fit, "adjustment").rows[0][0]) == Approx(-0.5).margin(0.06));
  CHECK(number(table(fit, "adjustment").rows[0][3]) == Approx(1).margin(0.25));
  const auto& multipliers = table(fit, "multipliers").rows;
  REQUIRE(multipliers.size() == 61);
  CHECK_THAT(number(multipliers.front()[2]), AgreesTo(fit.parameters.values()(2), 10));
  CHECK(number(multipliers.back()[2]) == Approx(theta).epsilon(1e-6));
  CHECK(std::get<std::string>(table(fit, "bounds").rows[0][5]).size() > 0);
}

TEST_CASE("dynamic elasticity: a scenario's regressor acts through the lags") {
  const Sample sample = dynamic_sample(3, 150, -0.3, -0.3);
  const FittedModel fitted = fit_model(*make_trade_elasticity(dynamic_spec(2, 2)), sample);
  const VectorXd b = fitted.result.parameters.values();
  // Draw 0 keeps the regressor where it was; draw 1 raises it by one from the third period on.
  const double last = sample.regressors(149, 0);
  DrawMatrix x = DrawMatrix::Constant(10, 2, last);
  x.col(1).tail(8).array() += 1;
  const DrawMatrix paths = simulated(fitted, x, 2);
  VectorXd y(12), past_x(12);
  y.head(2) = sample.y.tail(2);
  past_x << sample.regressors(148, 0), VectorXd::Constant(11, last);
  for (int h = 0; h < 10; ++h) {
    y(h + 2) = b(0) + b(1) * y(h + 1) + b(2) * y(h) + b(3) * past_x(h + 2) + b(4) * past_x(h + 1) +
               b(5) * past_x(h);
    CHECK_THAT(paths(h, 0), AgreesTo(y(h + 2), 10));
  }
  const VectorXd effect = paths.col(1) - paths.col(0);
  const auto& multipliers = table(fitted.result, "multipliers").rows;
  CHECK(effect.head(2).norm() == 0);
  for (int h = 2; h < 10; ++h) {
    CHECK_THAT(effect(h), AgreesTo(number(multipliers[static_cast<std::size_t>(h - 2)][2]), 8));
  }
}

TEST_CASE("dynamic elasticity: rows with a gap in a lag are left out, and gaps are filled") {
  Sample sample = dynamic_sample(4, 80, -0.3, -0.3);
  const double hidden = sample.y(30);
  sample.y(30) = kMissing;
  sample.regressors(50, 0) = kMissing;
  const FittedModel fitted = fit_model(*make_trade_elasticity(dynamic_spec(1, 1)), sample);
  CHECK(fitted.result.nobs == 79 - 2 - 2);
  CHECK(fitted.result.missing == 1);
  const VectorXd filled = fitted.model->completed(fitted.result);
  CHECK(filled.allFinite());
  CHECK(filled(30) == Approx(hidden).margin(1));
  const VectorXd b = fitted.result.parameters.values();
  CHECK_THAT(filled(30), AgreesTo(b(0) + b(1) * sample.y(29) + b(2) * sample.regressors(30, 0) +
                                      b(3) * sample.regressors(29, 0),
                                  10));
}

TEST_CASE("dynamic elasticity: periods after the last observation widen the forecast") {
  const Sample whole = dynamic_sample(5, 100, -0.3, -0.3);
  Sample cut = whole;
  cut.y.tail(3).setConstant(kMissing);
  const FittedModel fitted = fit_model(*make_trade_elasticity(dynamic_spec(1, 0)), cut);
  const double f = fitted.result.parameters.values()(1);
  Future future{{whole.range.last() + 1, 2}, MatrixXd::Constant(2, 1, whole.regressors(99, 0)), {}};
  const Forecast forecast = fitted.model->forecast(fitted.result, future);
  const double f2 = f * f;
  CHECK_THAT(forecast.variance(0),
             AgreesTo(fitted.result.sigma2 * (1 + f2 + f2 * f2 + f2 * f2 * f2), 10));
  ParameterDraws draws;
  draws.parameters = fitted.result.parameters.values().replicate(1, 4000);
  draws.sigma = VectorXd::Constant(4000, std::sqrt(fitted.result.sigma2));
  const auto past = fitted.model->past_state(fitted.result, draws, 3, 0, 0);
  DrawMatrix path(1, 4000);
  fitted.model->simulate(draws, *past, {future.range, {future.regressors.col(0)}, {}},
                         DrawMatrix::Zero(1, 4000), 0, 1, path);
  // Without a shock of its own the first period has what the past leaves open.
  const double variance = (path.array() - path.mean()).square().mean();
  CHECK(variance == Approx(forecast.variance(0) - fitted.result.sigma2).epsilon(0.1));
}

TEST_CASE("dynamic elasticity: rises and falls have their own effects in a scenario") {
  const Sample sample = dynamic_sample(6, 300, -0.6, -0.1);
  ElasticitySpec spec = dynamic_spec(1, 0);
  spec.asymmetric = true;
  const FittedModel fitted = fit_model(*make_trade_elasticity(spec), sample);
  CHECK(number(table(fitted.result, "long_run").rows[0][1]) == Approx(-1.2).margin(0.1));
  CHECK(number(table(fitted.result, "long_run").rows[1][1]) == Approx(-0.2).margin(0.1));
  CHECK(number(table(fitted.result, "symmetry").rows[0][3]) < 0.01);
  const double last = sample.regressors(299, 0);
  DrawMatrix x = DrawMatrix::Constant(40, 3, last);
  x.col(1).array() += 1;
  x.col(2).array() -= 1;
  const DrawMatrix paths = simulated(fitted, x, 3);
  CHECK(paths(39, 1) - paths(39, 0) ==
        Approx(number(table(fitted.result, "long_run").rows[0][1])).epsilon(1e-6));
  CHECK(paths(39, 2) - paths(39, 0) ==
        Approx(-number(table(fitted.result, "long_run").rows[1][1])).epsilon(1e-6));
}

TEST_CASE("dynamic elasticity: chosen lags stay when the model is bound to another sample") {
  const Sample sample = dynamic_sample(7, 120, -0.3, -0.3);
  ElasticitySpec spec;
  spec.dynamic = true;
  spec.max_lag = 3;
  const FittedModel fitted = fit_model(*make_trade_elasticity(spec), sample);
  CHECK(table(fitted.result, "lags").rows.size() == 10);
  const auto chosen = fitted.model->chosen();
  REQUIRE(chosen != nullptr);
  const FitResult shorter = fit_model(*chosen, first_rows(sample, 60)).result;
  CHECK(shorter.parameters.names() == fitted.result.parameters.names());
  CHECK(fitted.result.notes.front().find("error-correction form: diff(log(rice)) = -0.") !=
        std::string::npos);
}

TEST_CASE("dynamic elasticity: draws that never return to the long run are counted in a note") {
  const auto note = [](int n, std::uint32_t draw) -> std::string {
    const Sample sample = dynamic_sample(draw, n, -0.05, -0.05);
    const FitResult fit = fit_model(*make_trade_elasticity(dynamic_spec(1, 0)), sample).result;
    for (const std::string& text : fit.notes) {
      if (text.find("no way back to the long run") != std::string::npos) return text;
    }
    return "";
  };
  const std::string shown = note(10, 3);
  // One side of the t-ratio of the speed of adjustment.
  const Sample sample = dynamic_sample(3, 10, -0.05, -0.05);
  const FitResult fit = fit_model(*make_trade_elasticity(dynamic_spec(1, 0)), sample).result;
  const ResultTable& speed = table(fit, "adjustment");
  const double t = number(speed.rows.at(0).at(2));
  INFO(shown << ", t " << t);
  REQUIRE(t < 0);
  CHECK(shown.rfind(fmt::format("{:.1f} % of the draws", 50 * student_t_two_sided_p(t, 6)), 0) ==
        0);
  CHECK(note(200, 3) == "");
}

TEST_CASE("dynamic elasticity: what it cannot do is said with numbers") {
  Sample sample = dynamic_sample(8, 40, -0.3, -0.3);
  CHECK_THROWS_WITH(fit_model(*make_trade_elasticity(dynamic_spec(1, 19)), sample),
                    Catch::Contains("ARDL(1,19) leaves 21 observations of 40"));
  sample.regressors(3, 0) = kMissing;
  ElasticitySpec spec = dynamic_spec(1, 0);
  spec.asymmetric = true;
  CHECK_THROWS_WITH(fit_model(*make_trade_elasticity(spec), sample),
                    Catch::Contains("log(imports) has 1 missing values"));
  sample.regressors.resize(40, 0);
  CHECK_THROWS_WITH(fit_model(*make_trade_elasticity(dynamic_spec(1, 0)), sample),
                    Catch::Contains("must have at least one"));
}

TEST_CASE("dynamic elasticity: long-run intervals cover the truth", "[slow]") {
  constexpr int kSamples = 1000;
  int delta = 0, bounds = 0;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const Sample sample = dynamic_sample(5000 + s, 60, -0.3, -0.3);
    const FitResult fit = fit_model(*make_trade_elasticity(dynamic_spec(1, 0)), sample).result;
    const auto& row = table(fit, "long_run").rows[0];
    delta += number(row[4]) < -0.6 && number(row[5]) > -0.6 ? 1 : 0;
    const auto estimate = coefficient_table(fit)[1];
    bounds += estimate.ci_low < 0.5 && estimate.ci_high > 0.5 ? 1 : 0;
  }
  INFO("delta interval of the long run " << delta << ", of the lag " << bounds);
  CHECK(delta > 0.9 * kSamples);
  CHECK(bounds > 0.9 * kSamples);
  CHECK(bounds < 0.985 * kSamples);
}

}  // namespace amnok
