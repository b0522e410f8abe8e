// Forecasts of series without a config, as functions.
#include "engine/cli/series_forecast.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/text.h"
#include "engine/data/csv.h"
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

}  // namespace amnok
