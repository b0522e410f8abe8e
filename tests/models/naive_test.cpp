// The naive plugin: baselines by their names, through a config table.
#include <catch2/catch.hpp>

#include "engine/base/input_error.h"
#include "engine/cli/series_forecast.h"
#include "engine/config/toml.h"
#include "models/arima/arima.h"

namespace amnok {

namespace {

VectorXd growing(int n) {
  VectorXd y(n);
  for (int t = 0; t < n; ++t) y(t) = 50 + 0.7 * t + 5 * ((t * 7) % 12) + 2 * ((t * 5) % 3);
  return y;
}

FittedModel fitted(const std::string& kind, const Sample& sample) {
  const Plugin plugin = naive_plugin();
  ProblemList problems;
  const std::string text = "plugin = \"naive\"\ntarget = \"y\"\nkind = \"" + kind + "\"\n";
  const ConfigValue table = parse_toml(text, "naive.toml", problems);
  check_schema(table, plugin.schema, "models.y", problems);
  const EquationSpec equation = read_equation("y", table, plugin, problems);
  const std::unique_ptr<Model> model = plugin.make(equation, problems);
  problems.throw_if_errors();
  return fit_model(*model, sample);
}

}  // namespace

TEST_CASE("naive: each kind forecasts what its name says") {
  const VectorXd y = growing(60);
  const Sample sample = plain_sample(y, 12);
  const Future future{{sample.range.last() + 1, 15}, MatrixXd(15, 0), {}};
  for (const std::string kind : {"naive", "seasonal", "drift"}) {
    INFO(kind);
    const FittedModel fit = fitted(kind, sample);
    CHECK(fit.result.plugin == "naive");
    const Forecast forecast = fit.model->forecast(fit.result, future);
    for (int h = 0; h < 15; ++h) {
      const double expected = kind == "naive"      ? y(59)
                              : kind == "seasonal" ? y(48 + h % 12)
                                                   : y(59) + (h + 1) * (y(59) - y(0)) / 59;
      CHECK(forecast.mean(h) == Approx(expected).epsilon(1e-10));
    }
    const double steps = forecast.variance(14) / forecast.variance(0);
    CHECK(steps == Approx(kind == "seasonal" ? 2 : 15).epsilon(1e-10));
  }
}

TEST_CASE("naive: data without a season have no seasonal kind") {
  CHECK_THROWS_WITH(fitted("seasonal", plain_sample(growing(30), 1)),
                    Catch::Contains("y has no season"));
}

}  // namespace amnok
