// The option table of the structural_break plugin, and its example.
#include <algorithm>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "models/structural_break/critical_values.h"
#include "models/structural_break/structural_break.h"

namespace amnok {

namespace {

// `events` and `permanence` are yes or no, or name events.
BreakContextOptions context_options(const Options& options) {
  BreakContextOptions context;
  const auto read = [&](const char* key, bool& wanted, std::vector<std::string>& names) {
    const ConfigValue& value = options.get(key);
    wanted = !value.is(ConfigValue::Kind::boolean) || value.boolean();
    if (!value.is(ConfigValue::Kind::boolean)) names = options.strings(key);
  };
  read("events", context.match_events, context.events);
  read("permanence", context.permanence, context.permanence_events);
  context.keep_spacing = options.boolean("placebo_spacing");
  context.seasonal = options.boolean("permanence_seasonal");
  context.settle = options.boolean("settle");
  context.seed = static_cast<std::uint64_t>(options.integer("seed"));
  return context;
}

// All, none, or those named.
FurtherTests further_tests(const Options& options) {
  const ConfigValue& value = options.get("further_tests");
  if (value.is(ConfigValue::Kind::boolean)) {
    return {value.boolean(), value.boolean(), value.boolean()};
  }
  const std::vector<std::string> names = options.strings("further_tests");
  const auto named = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return {named("variance"), named("persistence"), named("trend")};
}

constexpr std::pair<const char*, Bootstrap> kSchemes[] = {{"fixed", Bootstrap::fixed_regressor},
                                                          {"fixed_hetero", Bootstrap::fixed_hetero},
                                                          {"rademacher", Bootstrap::rademacher},
                                                          {"mammen", Bootstrap::mammen},
                                                          {"sieve", Bootstrap::sieve}};

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList&) {
  StructuralBreakSpec spec;
  const Options& options = equation.options;
  spec.max_breaks = options.integer("max_breaks");
  spec.trim = options.number("trim");
  spec.min_segment = options.has("min_segment") ? options.integer("min_segment") : 0;
  spec.trend = options.boolean("trend");
  spec.seasonal = options.boolean("seasonal");
  const ConfigValue& breaks = options.get("breaks");
  if (breaks.is(ConfigValue::Kind::integer)) {
    spec.criterion = StructuralBreakSpec::Criterion::fixed;
    spec.fixed_breaks = static_cast<int>(breaks.integer());
  } else {
    spec.criterion = breaks.string() == "lwz"   ? StructuralBreakSpec::Criterion::lwz
                     : breaks.string() == "kt"  ? StructuralBreakSpec::Criterion::kt
                     : breaks.string() == "bic" ? StructuralBreakSpec::Criterion::bic
                                                : StructuralBreakSpec::Criterion::sequential;
  }
  const std::string& errors = options.string("errors");
  spec.errors = errors == "hc" ? Errors::hc : errors == "hac" ? Errors::hac : Errors::classical;
  spec.segments_alike = options.boolean("segments_alike");
  spec.level = options.number("level");
  spec.known_date = options.has("chow") ? options.string("chow") : "";
  spec.f_path = options.boolean("f_path");
  spec.cusum_path = options.boolean("cusum_path");
  spec.monitor = options.has("monitor") ? options.string("monitor") : "";
  spec.context = context_options(options);
  spec.further = further_tests(options);
  if (options.has("breaking")) {
    for (const ConfigValue& name : options.get("breaking").items()) {
      spec.breaking.push_back(name.string());
    }
  }
  const std::string& bootstrap = options.string("bootstrap");
  spec.automatic_bootstrap = bootstrap == "auto";
  for (const auto& [name, scheme] : kSchemes) {
    if (bootstrap == name) spec.bootstrap = scheme;
  }
  spec.replications = options.integer("replications");
  spec.bootstrap_seed = static_cast<std::uint64_t>(options.integer("seed"));
  return make_structural_break(spec);
}

// A level that the published tables know.
OptionType level_type() {
  OptionType type = number_type(0.01, 0.10);
  type.test = [](const ConfigValue& value) -> std::string {
    for (const double level : bai_perron_levels()) {
      if (std::fabs(value.number() - level) < 1e-9) return "";
    }
    return "0.10, 0.05, 0.025 or 0.01";
  };
  return type;
}

// Two shifts of a mean, drawn from known parameters.
ModelExample example() {
  constexpr int kObservations = 180, kAhead = 12;
  const Period first{Frequency::monthly, 2008 * 12};
  std::vector<double> e(kObservations);
  fill_normals({20220401, Purpose::simulation, 2}, 0, e);
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressors.resize(kObservations, 0);
  for (int t = 0; t < kObservations; ++t) {
    sample.y(t) = (t < 60 ? 10.0 : t < 120 ? 6.0 : 8.0) + e[static_cast<std::size_t>(t)];
  }
  example.model = make_structural_break({});
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 0), {}};
  example.truth = {{"intercept", 8.0}};
  return example;
}

}  // namespace

Plugin structural_break_plugin() {
  Plugin plugin;
  plugin.name = "structural_break";
  plugin.summary =
      "when did the level or the slopes change: Bai-Perron breaks with dated intervals";
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {default_option("max_breaks", {integer_type(0, 20)}, std::int64_t{5},
                      "the largest number of breaks looked for"),
       default_option(
           "breaks", {integer_type(0, 20), choice_type({"bic", "lwz", "kt", "sequential"})},
           std::string("bic"),
           "how many: by a criterion (Yao's BIC; Liu, Wu and Zidek's LWZ; Kurozumi and "
           "Tuvaandorj's KT; Bai and Perron's tests of one more break, which need a trim "
           "and level of their tables), or a given number; the dates are the best ones "
           "for that number"),
       default_option("trim", {number_type(0.01, 0.45)}, 0.15,
                      "shortest segment as a share of the sample"),
       optional_option("min_segment", {integer_type(2, 1000)},
                       "shortest segment in observations, where that is longer than trim says"),
       optional_option("breaking", {array_type(string_type("a name such as intercept"), 1)},
                       "the coefficients that change (intercept, trend, seasonal, regressors by "
                       "name); the others stay. Without it all change but those of seasonal "
                       "dummies"),
       default_option("trend", {boolean_type()}, false, "each segment has its own linear trend"),
       default_option("seasonal", {boolean_type()}, false,
                      "centred seasonal dummies (monthly or quarterly data), whose coefficients "
                      "stay unless breaking names seasonal"),
       default_option("errors", {choice_type({"classical", "hc", "hac"})}, std::string("classical"),
                      "what the tests and the intervals of the dates assume: classical errors; hc, "
                      "a variance each; hac, correlated as well (quadratic spectral kernel, "
                      "Andrews' bandwidth, prewhitened)"),
       default_option("segments_alike", {boolean_type()}, false,
                      "tests of several breaks: regressor moments and error covariances are the "
                      "same in all segments"),
       default_option("level", {level_type()}, 0.05,
                      "significance level of the tests: 0.10, 0.05, 0.025 or 0.01"),
       optional_option("chow", {string_type("a period such as 2020-02")},
                       "the first period after a break at a known date, tested after Chow"),
       default_option("f_path", {boolean_type()}, false,
                      "a table of the F statistic at each date with the critical value of its "
                      "maximum"),
       optional_option("monitor", {string_type("a period such as 2020-02")},
                       "observations from this period on are monitored against those before: first "
                       "alarms of CUSUM and MOSUM processes"),
       default_option("cusum_path", {boolean_type()}, false,
                      "a table of the cumulated residuals (OLS-CUSUM) with their boundary"),
       default_option(
           "further_tests",
           {boolean_type(), array_type(choice_type({"variance", "persistence", "trend"}), 1)},
           false,
           "other kinds of breaks, or those named: in the variance of the errors (cumulated "
           "squares), in persistence (stationary or a random walk), in the trend whether or not "
           "there is a unit root (Perron-Yabu, Zivot-Andrews, Lee-Strazicich)"),
       default_option("events", {boolean_type(), array_type(string_type("an event"), 1)}, false,
                      "match breaks with the calendar: all its events, or those named; with the "
                      "share of random calendars that fit as well"),
       default_option("placebo_spacing", {boolean_type()}, false,
                      "random calendars keep the spacing of events: the calendar is shifted as a "
                      "whole"),
       default_option("permanence", {boolean_type(), array_type(string_type("an event"), 1)}, false,
                      "does the effect last: of every break, and of the events named"),
       default_option("permanence_seasonal", {boolean_type()}, false,
                      "seasonal dummies in the regressions of permanence"),
       default_option("settle", {boolean_type()}, false,
                      "how many more periods would settle the verdict on permanence, by "
                      "simulation"),
       default_option("seed", {integer_type(0, 2147483647)}, std::int64_t{1},
                      "of everything drawn: bootstrap, random calendars, simulated futures"),
       default_option("bootstrap",
                      {choice_type({"auto", "none", "fixed", "fixed_hetero", "rademacher", "mammen",
                                    "sieve"})},
                      std::string("auto"),
                      "p-values of the F tests by drawing: fixed regressors (Hansen 2000) with one "
                      "error variance or heteroskedastic; wild by Rademacher's or Mammen's "
                      "multipliers; a sieve for correlated errors. auto: none under classical "
                      "errors, rademacher under hc, sieve under hac; and breaks that are found "
                      "are held against persistent errors without a break"),
       default_option("replications", {integer_type(99, 99999)}, std::int64_t{999},
                      "draws of the bootstrap")});
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
