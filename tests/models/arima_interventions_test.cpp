#include "models/arima/arima_interventions.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/arima/arima.h"
#include "tests/support/arima_series.h"

namespace amnok {

namespace {

TransferInput transfer(int numerator, int denominator, int delay) {
  TransferInput input;
  input.name = "event";
  input.numerator = numerator;
  input.denominator = denominator;
  input.delay = delay;
  return input;
}

// v_0 .. v_k by running the filter on an impulse.
VectorXd impulse_response(const TransferInput& input, const VectorXd& omega, double delta, int k) {
  VectorXd v(k + 1);
  for (int j = 0; j <= k; ++j) {
    const int i = j - input.delay;
    v(j) = (i >= 0 && i < omega.size() ? omega(i) : 0.0) + (j > 0 ? delta * v(j - 1) : 0.0);
  }
  return v;
}

double number(const ResultTable& table, const std::string& event, const std::string& quantity,
              const std::string& column = "estimate") {
  const auto at = std::find(table.columns.begin(), table.columns.end(), column);
  REQUIRE(at != table.columns.end());
  for (const auto& row : table.rows) {
    if (std::get<std::string>(row[0]) != event || std::get<std::string>(row[2]) != quantity)
      continue;
    return std::get<double>(row[static_cast<std::size_t>(at - table.columns.begin())]);
  }
  return kMissing;
}

const ResultTable& interventions_of(const FitResult& fit) {
  for (const ResultTable& table : fit.tables) {
    if (table.name == "interventions") return table;
  }
  FAIL("no table of interventions");
  return fit.tables.front();
}

}  // namespace

TEST_CASE("arima interventions: responses equal the filtered impulse, summed") {
  for (const auto& [numerator, denominator, delay] :
       {std::tuple(0, 1, 0), std::tuple(2, 1, 0), std::tuple(1, 1, 3), std::tuple(2, 0, 1),
        std::tuple(0, 0, 0)}) {
    const TransferInput input = transfer(numerator, denominator, delay);
    const double delta = denominator > 0 ? 0.7 : 0.0;
    const VectorXd omega = VectorXd::LinSpaced(numerator + 1, 8, 3);
    const VectorXd v = impulse_response(input, omega, delta, 400);
    const TransferSummary s = summarise_transfer(input, false, omega, delta, {}, {0, 12, 36});
    const TransferSummary ramp = summarise_transfer(input, true, omega, delta, {}, {12});
    INFO(numerator << " " << denominator << " " << delay);
    CHECK(s.immediate.value == omega(0));
    CHECK(s.long_run_gain.value == Approx(v.sum()).epsilon(1e-12));
    CHECK(s.after[0].value == Approx(v(0)).margin(1e-14));
    CHECK(s.after[1].value == Approx(v.head(13).sum()).epsilon(1e-12));
    CHECK(s.after[2].value == Approx(v.head(37).sum()).epsilon(1e-12));
    double ramped = 0;  // input 1, 2, .. 13
    for (int j = 0; j <= 12; ++j) ramped += v(j) * (13 - j);
    CHECK(ramp.after[0].value == Approx(ramped).epsilon(1e-12));
    CHECK(std::isnan(s.half_life.value) == (denominator == 0));
    CHECK(std::isnan(s.long_run_gain.low));
  }
}

TEST_CASE("arima interventions: half of an effect is gone after the half-life") {
  const TransferInput input = transfer(0, 1, 0);
  const MatrixXd v = MatrixXd::Identity(2, 2) * 0.01;  // delta +- 0.196
  const auto life = [&](double delta) {
    return summarise_transfer(input, false, VectorXd::Ones(1), delta, v, {}).half_life;
  };
  CHECK(std::pow(0.8, life(0.8).value) == Approx(0.5));
  CHECK(life(0.5).low == Approx(std::log(0.5) / std::log(0.5 - 0.1959964)).epsilon(1e-6));
  CHECK(life(0.5).high == Approx(std::log(0.5) / std::log(0.5 + 0.1959964)).epsilon(1e-6));
  CHECK(life(0.1).low == 0);            // delta's interval reaches below zero
  CHECK(std::isnan(life(0.9).high));    // and beyond one
  CHECK(std::isnan(life(-0.3).value));  // an effect that swings has none
}

TEST_CASE("arima interventions: intervals follow from numeric gradients") {
  const TransferInput input = transfer(1, 1, 2);
  const VectorXd at = (VectorXd(3) << 5, -2, 0.6).finished();  // omega0, omega1, delta
  MatrixXd root(3, 3);
  root << 0.3, 0, 0, 0.1, 0.2, 0, -0.02, 0.03, 0.05;
  const MatrixXd covariance = root * root.transpose();
  const auto summary = [&](const VectorXd& x) {
    return summarise_transfer(input, false, x.head(2), x(2), covariance, {3, 24});
  };
  const auto check = [&](const auto& pick) {
    VectorXd gradient(3);
    for (int i = 0; i < 3; ++i) {
      const VectorXd step = VectorXd::Unit(3, i) * 1e-6;
      gradient(i) = (pick(summary(at + step)).value - pick(summary(at - step)).value) / 2e-6;
    }
    const IntervalEstimate x = pick(summary(at));
    const double half = 1.9599640 * std::sqrt(gradient.dot(covariance * gradient));
    CHECK(x.high - x.value == Approx(half).epsilon(1e-6));
    CHECK(x.value - x.low == Approx(half).epsilon(1e-6));
  };
  check([](const TransferSummary& s) { return s.immediate; });
  check([](const TransferSummary& s) { return s.long_run_gain; });
  check([](const TransferSummary& s) { return s.after[0]; });
  check([](const TransferSummary& s) { return s.after[1]; });
}

TEST_CASE("arima interventions: long-run gains of the reference cases") {
  // tests/reference/expected/A-interv-sim-*.json (R, profile likelihood over delta).
  struct Case {
    const char *file, *input;
    ArimaOrder order;
    double gain;
  };
  for (const Case& c :
       {Case{"sim_decay_ar1.csv", "pulse", {1, 0, 0, 0, 0, 0, 1}, 30.3474462305312},
        Case{"sim_gradstep_ima.csv", "step", {0, 1, 1, 0, 0, 0, 1}, 4.26744605085304}}) {
    ArimaSpec spec;
    spec.order = c.order;
    TransferInput input = transfer(0, 1, 0);
    input.name = c.input;
    input.values = reference_column(c.file, c.input);
    spec.inputs = {input};
    const FitResult fit =
        fit_model(*make_arima(spec), arima_sample(reference_column(c.file, "value"))).result;
    REQUIRE(fit.usable());
    const ResultTable& table = interventions_of(fit);
    INFO(c.file);
    CHECK(std::get<std::string>(table.rows[0][1]) == "series");
    CHECK(number(table, c.input, "long_run_gain") == Approx(c.gain).epsilon(1e-3));
    CHECK(number(table, c.input, "long_run_gain", "low") < c.gain);
    CHECK(number(table, c.input, "long_run_gain", "high") > c.gain);
    CHECK(table.columns.size() == 6);
  }
}

TEST_CASE("arima interventions: shapes of a log target, in logs and in per cent") {
  const Period first{Frequency::monthly, 2010 * 12};
  const int n = 160;
  VectorXd y = 0.1 * simulated_arima({1, 0, 0, 0, 0, 0, 1}, VectorXd::Constant(1, 0.4), n, 31);
  double decaying = 0;
  for (int t = 0; t < n; ++t) {
    decaying = 0.8 * decaying + (t == 50 ? -1.5 : 0);
    y(t) += 3 + decaying + (t >= 110 ? -0.5 : 0);
  }
  Sample sample = arima_sample(y, 12, first);
  sample.target.transform.kind = Transform::Kind::log;
  sample.events["closure"] = EventActivity{{Episode{first + 50, {}, 0, 0, 1, false}}};
  sample.events["sanction"] = EventActivity{{Episode{first + 110, {}, 0, 0, 1, false}}};
  ArimaSpec spec;
  spec.order = {1, 0, 0, 0, 0, 0, 12};
  Intervention decay, step;
  decay.event = "closure";
  decay.shape = EventShape::decay;
  decay.denominator = 1;
  step.event = "sanction";
  spec.interventions = {decay, step};
  const FittedModel fitted = fit_model(*make_arima(spec), sample);
  const FitResult& fit = fitted.result;
  REQUIRE(fit.usable());
  const ResultTable& table = interventions_of(fit);
  CHECK(table.columns.size() == 9);
  // The truth lies within 3.3 standard errors.
  const auto holds = [&](const std::string& event, const std::string& quantity, double truth) {
    INFO(event << " " << quantity);
    const double value = number(table, event, quantity);
    const double end = number(table, event, quantity, truth > value ? "high" : "low");
    CHECK(std::fabs(truth - value) < 3.3 / 1.96 * std::fabs(end - value));
  };
  holds("closure", "immediate", -1.5);
  holds("closure", "long_run_gain", -7.5);
  holds("closure", "half_life", std::log(0.5) / std::log(0.8));
  holds("sanction", "long_run_gain", -0.5);
  holds("sanction", "after_36", -0.5);
  CHECK(std::isnan(number(table, "sanction", "half_life")));
  for (const std::string end : {"", "_low", "_high"}) {
    const std::string column = end.empty() ? "estimate" : end.substr(1);
    const double in_logs = number(table, "sanction", "after_12", column);
    CHECK(number(table, "sanction", "after_12", "per_cent" + end) ==
          Approx(100 * (std::exp(in_logs) - 1)));
  }
  // A sum of effects is no percentage, nor is a time.
  CHECK(number(table, "closure", "immediate", "per_cent") < -70);
  CHECK(std::isnan(number(table, "closure", "after_12", "per_cent")));
  CHECK(std::isnan(number(table, "closure", "long_run_gain", "per_cent")));
  CHECK(std::isnan(number(table, "closure", "half_life", "per_cent")));

  // The delta method against draws from the estimated distribution.
  const ParameterDraws draws = fitted.model->draw_parameters(fit, 3, 0, 0, 4000);
  const int omega = fit.parameters.index_of("closure.omega0");
  const int delta = fit.parameters.index_of("closure.delta1");
  const auto gain = draws.parameters.row(omega).array() / (1 - draws.parameters.row(delta).array());
  const double sd = std::sqrt((gain - gain.mean()).square().mean());
  const double half =
      number(table, "closure", "long_run_gain", "high") - number(table, "closure", "long_run_gain");
  CHECK(half / 1.96 == Approx(sd).epsilon(0.12));
}

TEST_CASE("arima interventions: intervals cover the truth") {
  // A gradual step -2 / (1 - 0.75 B) in an AR(1), 100 samples.
  constexpr int kSamples = 100, kRows = 120, kStart = 50;
  int gain = 0, life = 0, year = 0;
  for (std::uint32_t seed = 0; seed < kSamples; ++seed) {
    VectorXd y =
        simulated_arima({1, 0, 0, 0, 0, 0, 1}, VectorXd::Constant(1, 0.4), kRows, 900 + seed);
    double effect = 0;
    for (int t = kStart; t < kRows; ++t) {
      effect = 0.75 * effect - 2;
      y(t) += effect;
    }
    Sample sample = arima_sample(y, 12, {Frequency::monthly, 2010 * 12});
    sample.events["closure"] = EventActivity{{Episode{sample.range[kStart], {}, 0, 0, 1, false}}};
    ArimaSpec spec;
    spec.order = {1, 0, 0, 0, 0, 0, 1};
    Intervention gradual;
    gradual.event = "closure";
    gradual.shape = EventShape::transfer;
    gradual.denominator = 1;
    spec.interventions = {gradual};
    const FitResult fit = fit_model(*make_arima(spec), sample).result;
    REQUIRE(fit.usable());
    const ResultTable& table = interventions_of(fit);
    const auto covers = [&](const std::string& name, double truth) {
      return number(table, "closure", name, "low") < truth &&
             number(table, "closure", name, "high") > truth;
    };
    gain += covers("long_run_gain", -8);
    life += covers("half_life", std::log(0.5) / std::log(0.75));
    year += covers("after_12", -8 * (1 - std::pow(0.75, 13)));
  }
  // 95 with a binomial standard deviation of 2.2; maximum likelihood is a little optimistic.
  for (int covered : {gain, life, year}) CHECK(covered >= 85);
}

}  // namespace amnok
