// The option table of the arima plugin, and its example.
#include <fmt/format.h>

#include "engine/stats/random_stream.h"
#include "models/arima/arima.h"
#include "models/arima/outlier_effects.h"

namespace amnok {

namespace {

std::optional<OutlierSearch> outlier_search_of(const Options& options) {
  OutlierSearch search;
  if (!options.get("outliers").is(ConfigValue::Kind::boolean)) {
    search.types.clear();
    for (const std::string& code : options.strings("outliers")) {
      search.types.push_back(*parse_outlier(code));
    }
  } else if (!options.boolean("outliers")) {
    return {};
  }
  if (options.has("critical")) search.critical = options.number("critical");
  search.before_events = options.boolean("outliers_before_events");
  return search;
}

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList& problems) {
  ArimaSpec spec;
  const Options& options = equation.options;
  const bool automatic = options.get("order").is(ConfigValue::Kind::string);
  const bool seasonal_automatic =
      automatic && (!options.has("seasonal_order") ||
                    options.get("seasonal_order").is(ConfigValue::Kind::string));
  if (automatic) {
    OrderSearch search;
    search.method = options.string("search") == "exhaustive" ? OrderSearch::Method::exhaustive
                                                             : OrderSearch::Method::stepwise;
    const std::string& criterion = options.string("criterion");
    search.criterion = criterion == "bic"   ? OrderSearch::Criterion::bic
                       : criterion == "aic" ? OrderSearch::Criterion::aic
                                            : OrderSearch::Criterion::aicc;
    search.max_p = options.integer("max_p");
    search.max_q = options.integer("max_q");
    if (options.has("d")) search.d = options.integer("d");
    if (options.has("seasonal_d")) search.seasonal_d = options.integer("seasonal_d");
    search.draw = options.string("orders") == "drawn";
    spec.search = search;
  } else {
    const std::vector<int> order = options.integers("order");
    spec.order.p = order[0];
    spec.order.d = order[1];
    spec.order.q = order[2];
  }
  if (!seasonal_automatic && options.has("seasonal_order") &&
      !options.get("seasonal_order").is(ConfigValue::Kind::string)) {
    const std::vector<int> seasonal = options.integers("seasonal_order");
    if (automatic) {
      spec.search->max_seasonal_p = seasonal[0];
      spec.search->seasonal_d = seasonal[1];
      spec.search->max_seasonal_q = seasonal[2];
    } else {
      spec.order.seasonal_p = seasonal[0];
      spec.order.seasonal_d = seasonal[1];
      spec.order.seasonal_q = seasonal[2];
    }
  }
  // 0: the season of the sample's frequency.
  spec.order.period = equation.options.has("period") ? equation.options.integer("period") : 0;
  const ConfigValue& constant = equation.options.get("constant");
  if (constant.is(ConfigValue::Kind::boolean)) {
    spec.constant = constant.boolean() ? ArimaConstant::yes : ArimaConstant::no;
  }
  const std::string& method = options.string("method");
  spec.method = method == "css"      ? ArimaMethod::conditional
                : method == "css-ml" ? ArimaMethod::conditional_start
                                     : ArimaMethod::exact;
  spec.interventions = equation.interventions;
  spec.outlier_search = outlier_search_of(options);
  if (options.string("orders") == "drawn" && (!automatic || spec.outlier_search)) {
    problems.error(
        options.where("orders"),
        fmt::format("models.{}.orders is \"drawn\", but must be \"chosen\" {}", equation.name,
                    automatic ? "where outliers are looked for" : "where the order is given"),
        automatic ? "date the outliers as events" : "say order = \"auto\"");
  }
  return make_arima(spec);
}

// IMA(1,1) with a step, drawn from known parameters.
ModelExample example() {
  constexpr int kObservations = 200, kAhead = 12;
  const Period first{Frequency::monthly, 2005 * 12};
  std::vector<double> e(kObservations);
  fill_normals({20220401, Purpose::simulation, 1}, 0, e);
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressors.resize(kObservations, 0);
  sample.events["closure"] = EventActivity{{Episode{first + 120, {}, 0, 0, 1, false}}};
  double level = 100;
  for (int t = 0; t < kObservations; ++t) {
    const double shock = e[static_cast<std::size_t>(t)];
    level += shock + (t > 0 ? -0.6 * e[static_cast<std::size_t>(t - 1)] : 0);
    sample.y(t) = level + (t >= 120 ? -8.0 : 0.0);
  }
  ArimaSpec spec;
  spec.order = {0, 1, 1, 0, 0, 0, 12};
  Intervention step;
  step.event = "closure";
  spec.interventions.push_back(step);
  example.model = make_arima(spec);
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 0), sample.events};
  example.truth = {{"ma1", -0.6}, {"closure.omega0", -8.0}};
  return example;
}

}  // namespace

Plugin arima_plugin() {
  Plugin plugin;
  plugin.name = "arima";
  plugin.summary = "trend, season and dated events: seasonal ARIMA regression by exact likelihood";
  const OptionType orders = array_type(integer_type(0, 12), 3, 3);
  Option order =
      default_option("order", {choice_type({"auto"}), orders}, std::string("auto"),
                     "[p, d, q]: autoregressive lags, differences, moving-average lags; auto: "
                     "differences by tests, lags by `criterion`");
  Option seasonal = optional_option("seasonal_order",
                                    {choice_type({"auto"}), array_type(integer_type(0, 3), 3, 3)},
                                    "[P, D, Q]: the same at the season's lag; with order = "
                                    "\"auto\", D and the largest P and Q; left "
                                    "out: auto with an automatic order, else none");
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {order, seasonal,
       default_option(
           "search", {choice_type({"stepwise", "exhaustive"})}, std::string("stepwise"),
           "of an automatic order: better neighbours from four starts, or every combination"),
       default_option("criterion", {choice_type({"aicc", "aic", "bic"})}, std::string("aicc"),
                      "what compares orders"),
       default_option(
           "orders", {choice_type({"chosen", "drawn"})}, std::string("chosen"),
           "of an automatic order, in scenarios. drawn: each draw has one of the orders "
           "that were compared, by half of Akaike's exponent, with its own estimates; the "
           "eight heaviest count"),
       default_option("max_p", {integer_type(0, 12)}, std::int64_t{5},
                      "the most autoregressive lags of an automatic order"),
       default_option("max_q", {integer_type(0, 12)}, std::int64_t{5},
                      "the most moving-average lags of an automatic order"),
       optional_option("d", {integer_type(0, 2)},
                       "differences of an automatic order; left out: by KPSS tests"),
       optional_option(
           "seasonal_d", {integer_type(0, 1)},
           "seasonal differences of an automatic order; left out: by the strength of the season"),
       optional_option("period", {integer_type(2, 366)},
                       "observations a season, when it is not the frequency's (12, 4, 52, 7)"),
       default_option(
           "method", {choice_type({"ml", "css", "css-ml"})}, std::string("ml"),
           "exact maximum likelihood; css: conditional sum of squares, given the first "
           "observations (data without gaps); css-ml: exact, started at the css optimum too"),
       default_option("constant", {boolean_type(), choice_type({"auto"})}, std::string("auto"),
                      "a mean (no differences) or drift (one difference); auto: a mean, no drift"),
       default_option(
           "outliers", {boolean_type(), array_type(choice_type({"AO", "LS", "TC", "SO"}), 1, 4)},
           false,
           "look for outliers and keep them in the model: additive (AO), level shifts (LS), "
           "transitory changes that fade by 30 % a period (TC) and, with seasonal terms, changes "
           "of "
           "the season's pattern (SO); true: all of them"),
       optional_option(
           "critical", {number_type(2, 20)},
           "the |t| from which on an outlier counts; left out: grows with the number of "
           "dates and types tried (3.6 for 50 observations, 4.2 for 450), so that a "
           "clean series shows one in about 5 % of cases"),
       default_option("outliers_before_events", {boolean_type()}, false,
                      "look for outliers before the interventions have explained anything; false: "
                      "what a known event explains is no outlier"),
       interventions_option()});
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
