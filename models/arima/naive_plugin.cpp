// The naive plugin: the baselines of forecasting, as arima models without coefficients.
//
//   naive      y_t = y_{t-1} + e_t            the last figure
//   seasonal   y_t = y_{t-s} + e_t            the last season
//   drift      y_t = y_{t-1} + c + e_t        the last figure and the mean change
//
// Source: Hyndman & Athanasopoulos (2021, Forecasting: Principles and Practice, sec. 5.2).
#include <fmt/format.h>

#include "engine/stats/random_stream.h"
#include "models/arima/arima.h"

namespace amnok {

namespace {

constexpr const char* kName = "naive";

ArimaSpec naive_spec(const std::string& kind, int period) {
  ArimaSpec spec;
  spec.plugin = kName;
  spec.order.period = period;
  (kind == "seasonal" ? spec.order.seasonal_d : spec.order.d) = 1;
  spec.constant = kind == "drift" ? ArimaConstant::yes : ArimaConstant::no;
  return spec;
}

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList& problems) {
  if (!equation.regressors.empty()) {
    problems.error(
        equation.options.where("regressors"),
        fmt::format("models.{}.regressors are given, but a naive model has none", equation.name),
        "use the arima plugin");
  }
  const Options& options = equation.options;
  return make_arima(
      naive_spec(options.string("kind"), options.has("period") ? options.integer("period") : 0));
}

// A random walk with drift.
ModelExample example() {
  constexpr int kObservations = 150, kAhead = 12;
  constexpr double kDrift = 0.4;
  VectorXd y(kObservations);
  fill_normals({20220401, Purpose::simulation, 14}, 0,
               {y.data(), static_cast<std::size_t>(y.size())});
  double level = 50;
  for (double& value : y) value = level += kDrift + value;
  ModelExample example;
  example.sample = plain_sample(y, 12);
  example.sample.range = {{Frequency::monthly, 2005 * 12}, kObservations};
  example.model = make_arima(naive_spec("drift", 12));
  example.future = {{example.sample.range.last() + 1, kAhead}, MatrixXd(kAhead, 0), {}};
  example.truth = {{"drift", kDrift}};
  return example;
}

}  // namespace

Plugin naive_plugin() {
  Plugin plugin;
  plugin.name = kName;
  plugin.summary = "baselines: the last figure, the last season, or the last figure and a drift";
  plugin.uses_inputs = false;
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {default_option("kind", {choice_type({"naive", "seasonal", "drift"})}, std::string("naive"),
                      "naive: the last figure stays; seasonal: the last season comes again; drift: "
                      "the last figure changes as the series did on average"),
       optional_option("period", {integer_type(2, 366)},
                       "observations a season, when it is not the frequency's (12, 4, 52, 7)")});
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
