// Forecasts of series without a config, as functions.
#include "engine/cli/series_forecast.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/stats/distributions.h"
#include "models/arima/arima.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

VectorXd air_passengers() {
  ProblemList problems;
  const CsvTable table = read_csv(source_path("tests/reference/data/airpassengers.csv"), problems);
  VectorXd y(static_cast<Eigen::Index>(table.rows()));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    y(static_cast<Eigen::Index>(row)) = *parse_double(table.cell(row, 1));
  }
  return y;
}

}  // namespace

TEST_CASE("series forecast: y times c changes nothing but scale") {
  const VectorXd y = air_passengers();
  constexpr int kHorizon = 12;
  for (const std::string& model : series_models()) {
    const SeriesForecast plain = forecast_series(y, 12, kHorizon, model);
    REQUIRE(plain.distribution);
    for (double c : {1e-9, 1e9}) {
      INFO(model << " " << c);
      const SeriesForecast scaled = forecast_series(c * y, 12, kHorizon, model);
      REQUIRE(scaled.distribution);
      CHECK(scaled.note == plain.note);
      for (double level : {0.025, 0.5, 0.975}) {
        const VectorXd expected = c * plain.distribution->quantile(level);
        const VectorXd found = scaled.distribution->quantile(level);
        CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-5 * expected.cwiseAbs().maxCoeff());
      }
    }
  }
}

TEST_CASE("series forecast: the baselines are arima models without lags") {
  const VectorXd y = air_passengers();
  constexpr int kHorizon = 18;
  const Sample sample = plain_sample(y, 12);
  const Future future{{sample.range.last() + 1, kHorizon}, MatrixXd(kHorizon, 0), {}};
  const auto check = [&](const std::string& name, const ArimaOrder& order, ArimaConstant constant) {
    INFO(name);
    ArimaSpec spec;
    spec.order = order;
    spec.constant = constant;
    const FittedModel fitted = fit_model(*make_arima(spec), sample);
    const Forecast arima = fitted.model->forecast(fitted.result, future);
    const SeriesForecast baseline = forecast_series(y, 12, kHorizon, name);
    REQUIRE(baseline.distribution);
    CHECK((arima.mean - baseline.distribution->mean()).norm() < 1e-9 * arima.mean.norm());
    if (constant == ArimaConstant::yes) return;  // the drift's own uncertainty comes on top
    const VectorXd upper = baseline.distribution->quantile(normal_cdf(1)) - arima.mean;
    CHECK((arima.variance.cwiseSqrt() - upper).norm() < 1e-6 * upper.norm());
  };
  check("naive", {0, 1, 0, 0, 0, 0, 12}, ArimaConstant::no);
  check("snaive", {0, 0, 0, 0, 1, 0, 12}, ArimaConstant::no);
  check("drift", {0, 1, 0, 0, 0, 0, 12}, ArimaConstant::yes);
}

TEST_CASE("series forecast: a series without noise goes on as it did, whatever the model") {
  VectorXd seasonal(48), line(20);
  for (int t = 0; t < 48; ++t) seasonal(t) = 50.3 + 3 * (t % 12);
  for (int t = 0; t < 20; ++t) line(t) = 0.1 + 0.7 * t;
  for (const std::string model : {"auto", "arima", "ets", "theta", "ucm"}) {
    INFO(model);
    const SeriesForecast a = forecast_series(seasonal, 12, 14, model);
    CHECK(a.note == "the same every season, carried forward");
    CHECK((a.distribution->quantile(0.9) - seasonal.head(14)).cwiseAbs().maxCoeff() < 1e-9);
    const SeriesForecast b = forecast_series(line, 12, 3, model);
    CHECK(b.note == "the same change every period, carried forward");
    CHECK(b.distribution->quantile(0.1)(2) == Approx(0.1 + 0.7 * 22).epsilon(1e-9));
  }
  // An outlier apart: what is left when it is taken out is no reason to give up.
  line(12) += 5;
  const SeriesForecast c = forecast_series(line, 1, 3, "arima");
  CHECK(c.note.empty());
  CHECK(c.distribution->quantile(0.5).allFinite());
  seasonal(30) += 0.01;  // noise
  CHECK(forecast_series(seasonal, 12, 14, "theta").note.empty());
}

}  // namespace amnok
