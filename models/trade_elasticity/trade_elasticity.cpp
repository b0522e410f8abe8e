#include "models/trade_elasticity/trade_elasticity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/text.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/elasticity_checks.h"
#include "models/trade_elasticity/elasticity_dynamic.h"
#include "models/trade_elasticity/elasticity_names.h"
#include "models/trade_elasticity/elasticity_panel.h"
#include "models/trade_elasticity/elasticity_poisson.h"
#include "models/trade_elasticity/elasticity_static.h"

namespace amnok {

namespace {

using Estimator = ElasticitySpec::Estimator;
using Resampling = ElasticitySpec::Resampling;
using PanelEffectsKind = ElasticitySpec::PanelEffectsKind;
using PanelErrorsKind = ElasticitySpec::PanelErrorsKind;

class ElasticityModel : public Model {
 public:
  explicit ElasticityModel(ElasticitySpec spec) : spec_(std::move(spec)) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    if (spec_.dynamic) return bind_dynamic_elasticity(spec_, sample);
    if (spec_.estimator == Estimator::poisson) return bind_poisson_elasticity(spec_, sample);
    if (!spec_.panel.empty()) return bind_panel_elasticity(spec_, sample);
    return bind_static_elasticity(spec_, sample);
  }

 private:
  ElasticitySpec spec_;
};

Schema prior_schema() {
  Schema schema{"prior", "a belief about one coefficient from outside the sample", {}};
  schema.options = {required_option("term", {string_type("a coefficient such as log(imports)")},
                                    "which coefficient"),
                    optional_option("mean", {number_type()}, "of a normal prior"),
                    optional_option("sd", {number_type(0)}, "of a normal prior"),
                    optional_option("low", {number_type()}, "the coefficient is at least this"),
                    optional_option("high", {number_type()}, "the coefficient is at most this")};
  return schema;
}

std::vector<CoefficientPrior> read_priors(const Options& options) {
  std::vector<CoefficientPrior> priors;
  const ConfigValue* list = options.find("prior");
  if (list == nullptr) return priors;
  static const Schema schema = prior_schema();
  for (const ConfigValue& item : list->items()) {
    const Options own(item, schema);
    const auto number = [&](const char* key) {
      return own.has(key) ? std::optional<double>(own.number(key)) : std::nullopt;
    };
    priors.push_back(
        {own.string("term"), number("mean"), number("sd"), number("low"), number("high")});
  }
  return priors;
}

Schema panel_schema() {
  Schema schema{"panel", "another unit (city, good, partner) that shares the slopes", {}};
  schema.options = {
      required_option("name", {string_type("a name such as sinuiju")}, "of the unit, for tables"),
      required_option("target", {string_type("an expression such as log(rice_sinuiju)")},
                      "what the equation's target is for this unit"),
      optional_option("regressors", {array_type(string_type("an expression"))},
                      "in the order of the equation's regressors; without them the unit has the "
                      "same ones")};
  return schema;
}

void read_panel(const EquationSpec& equation, ElasticitySpec& spec, ProblemList& problems) {
  const Options& options = equation.options;
  const ConfigValue* list = options.find("panel");
  if (list == nullptr) return;
  spec.panel_errors =
      value_of(kPanelErrors, options.string("errors")).value_or(PanelErrorsKind::automatic);
  spec.effects = value_of(kEffects, options.string("effects")).value_or(PanelEffectsKind::unit);
  if (options.has("unit")) spec.own_unit = options.string("unit");
  static const Schema schema = panel_schema();
  std::set<std::string> names = {spec.own_unit.empty() ? equation.target.variable : spec.own_unit};
  for (const ConfigValue& item : list->items()) {
    const Options own(item, schema);
    PanelUnit unit{own.string("name"), static_cast<int>(own.strings("regressors").size()),
                   !own.has("regressors")};
    if (!names.insert(unit.name).second) {
      problems.error(own.where("name"), fmt::format("models.{}.panel: two units are called \"{}\"",
                                                    equation.name, unit.name));
    }
    if (spec.estimator == Estimator::poisson && starts_with(own.string("target"), "log(")) {
      problems.error(own.where("target"),
                     fmt::format("models.{}.panel: target is {}, but must be the level with "
                                 "estimator = \"ppml\": its mean is log-linear",
                                 equation.name, own.string("target")));
    }
    const std::size_t wanted = equation.regressors.size();
    if (!unit.shared && static_cast<std::size_t>(unit.regressors) != wanted) {
      problems.error(own.where("regressors"),
                     fmt::format("models.{}.panel: {} has {} regressors, but must have {}, those "
                                 "of the equation in their order",
                                 equation.name, unit.name, unit.regressors, wanted));
    }
    spec.panel.push_back(std::move(unit));
  }
}

void read_errors(const Options& options, ElasticitySpec& spec) {
  spec.errors = value_of(kErrors, options.string("errors"));
  const ConfigValue& lags = options.get("lags");
  if (lags.is(ConfigValue::Kind::integer)) spec.lags = static_cast<int>(lags.integer());
  if (options.has("cosines")) spec.cosines = options.integer("cosines");
  spec.prewhiten = options.boolean("prewhiten");
  spec.bootstrap = *value_of(kResampling, options.string("bootstrap"));
  spec.block = options.has("block") ? options.integer("block") : 0;
  spec.replications = options.integer("replications");
  spec.seed = static_cast<std::uint64_t>(options.integer("seed"));
}

void read_dynamics(const Options& options, ElasticitySpec& spec) {
  spec.dynamic = options.string("dynamics") == "ardl" || options.string("estimator") == "ardl";
  if (options.has("target_lags")) spec.y_lags = options.integer("target_lags");
  if (options.has("regressor_lags")) {
    const ConfigValue& lags = options.get("regressor_lags");
    spec.x_lags = lags.is(ConfigValue::Kind::integer)
                      ? std::vector<int>{static_cast<int>(lags.integer())}
                      : options.integers("regressor_lags");
  }
  spec.max_lag = options.integer("max_lag");
  spec.criterion = *value_of(kCriteria, options.string("criterion"));
  spec.terms = static_cast<DeterministicCase>(options.integer("case"));
  spec.asymmetric = options.boolean("asymmetric");
  spec.multiplier_horizon = options.integer("multiplier_horizon");
}

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList& problems) {
  const Options& options = equation.options;
  ElasticitySpec spec;
  read_errors(options, spec);
  read_dynamics(options, spec);
  spec.constant = options.boolean("constant");
  spec.trend = options.boolean("trend");
  spec.seasonal_dummies = options.boolean("seasonal_dummies");
  spec.instruments = options.strings("instruments");
  spec.endogenous = options.strings("endogenous");
  spec.weighted = options.has("row_weights");
  spec.estimator = value_of(kEstimators, options.string("estimator")).value_or(Estimator::ols);
  if (!spec.instruments.empty() && options.string("estimator") == "ols") {
    spec.estimator = Estimator::two_stage;
  }
  if (options.has("regimes")) spec.regimes = options.string("regimes");
  spec.time_varying = options.boolean("time_varying");
  spec.cointegration = options.boolean("cointegration");
  spec.priors = read_priors(options);
  read_panel(equation, spec, problems);
  check_combination(equation, spec, problems);
  warn_of_idle(equation, spec, problems);
  return make_trade_elasticity(spec);
}

// A regressor that wanders about 5, and errors, both standard normal draws of one stream.
struct ExampleDraws {
  explicit ExampleDraws(std::uint32_t equation)
      : values(static_cast<std::size_t>(2 * (kObservations + kAhead))) {
    fill_normals({20220401, Purpose::simulation, equation}, 0, values);
  }
  double x(int t) const { return 5.0 + 0.5 * values[static_cast<std::size_t>(t)] + 0.01 * t; }
  double e(int t) const {
    return 0.1 * values[static_cast<std::size_t>(kObservations + kAhead + t)];
  }

  static constexpr int kObservations = 160, kAhead = 12;
  std::vector<double> values;
};

ModelExample blank_example(const ExampleDraws& draws) {
  constexpr int n = ExampleDraws::kObservations, ahead = ExampleDraws::kAhead;
  const Period first{Frequency::monthly, 2010 * 12};
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, n};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(n);
  sample.regressor_names = {"log(imports)"};
  sample.regressors.resize(n, 1);
  for (int t = 0; t < n; ++t) sample.regressors(t, 0) = draws.x(t);
  example.future = {{first + n, ahead}, MatrixXd(ahead, 1), {}};
  for (int h = 0; h < ahead; ++h) example.future.regressors(h, 0) = draws.x(n + h);
  return example;
}

ModelExample static_example() {
  const ExampleDraws draws(3);
  ModelExample example = blank_example(draws);
  for (int t = 0; t < ExampleDraws::kObservations; ++t) {
    example.sample.y(t) = 8.0 - 0.3 * draws.x(t) + draws.e(t);
  }
  example.model = make_trade_elasticity({});
  example.truth = {{"intercept", 8.0}, {"log(imports)", -0.3}};
  return example;
}

std::vector<std::string> error_names() {
  std::vector<std::string> names = names_of(kErrors, "auto");
  for (const auto& [name, kind] : kPanelErrors) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<Option> estimation_options() {
  return {
      default_option(
          "estimator", {choice_type(names_of(kEstimators, "ardl"))}, std::string("ols"),
          "ols: least squares; with instruments 2sls (their default), liml or gmm; ppml: Poisson "
          "pseudo-likelihood of a level with a log-linear mean, zeros welcome; of a panel "
          "mean_group, cce (mean group with common factors) or cce_pooled; ardl: the same as "
          "dynamics = \"ardl\""),
      default_option("errors", {choice_type(error_names())}, std::string("auto"),
                     "standard errors: classical, heteroskedasticity-consistent (hc0 to hc3), or "
                     "robust to autocorrelation as well: newey_west, andrews (quadratic spectral), "
                     "ewc (cosines, t) and newey_west_fixed_b, whose intervals allow for the "
                     "estimate of the covariance. Of a panel: clustered (by unit), "
                     "two_way_clustered or driscoll_kraay. auto: ewc, but newey_west with lags, "
                     "prewhiten, prior, instruments or ppml; of an ARDL classical, of a panel "
                     "clustered, but driscoll_kraay below 20 units or where all units share a "
                     "regressor"),
      default_option("lags", {integer_type(0, 100), choice_type({"auto"})}, std::string("auto"),
                     "lags of Newey-West; auto: the bandwidth rule of Newey & West (1994)"),
      optional_option("cosines", {integer_type(1, 1000)},
                      "how many of ewc; without it 0.4 n^(2/3), of the default at least 4"),
      default_option("prewhiten", {boolean_type()}, false, "prewhiten the scores by a VAR(1)"),
      default_option("constant", {boolean_type()}, true, "a constant term"),
      default_option("trend", {boolean_type()}, false, "a linear trend"),
      default_option("seasonal_dummies", {boolean_type()}, false,
                     "a dummy for each season but one"),
      default_option("bootstrap", {choice_type(names_of(kResampling))}, std::string("none"),
                     "bootstrap-t intervals beside the others: wild for independent errors, block "
                     "for correlated ones"),
      optional_option("block", {integer_type(1, 1000)},
                      "rows of a block; without it n^(1/3), rounded up"),
      default_option("replications", {integer_type(99, 99999)}, std::int64_t{999},
                     "draws of the bootstrap"),
      default_option("seed", {integer_type(0, 2147483647)}, std::int64_t{1}, "of the bootstrap")};
}

std::vector<Option> form_options() {
  return {
      optional_option(
          "row_weights", {string_type("an expression")},
          "weighted least squares: what each row counts, in proportion to the inverse "
          "variance of its error (such as the number of reports behind a price); needed "
          "in the sample only"),
      optional_option("instruments", {array_type(string_type("an expression"), 1)},
                      "series, events or expressions that move the instrumented regressor and "
                      "nothing else; needed in the sample only"),
      optional_option("endogenous", {array_type(string_type("a regressor"), 1)},
                      "which regressors are instrumented; without it the first"),
      optional_option("regimes", {string_type("the id of an event")},
                      "level and elasticities differ while the event is active"),
      default_option("time_varying", {boolean_type()}, false,
                     "a table of coefficients that drift as random walks"),
      default_option("cointegration", {boolean_type()}, false,
                     "of a static equation or an ARDL: tests of cointegration (Engle-Granger, "
                     "Johansen) and the long run by dynamic and fully modified least squares "
                     "beside the equation's own"),
      optional_option("prior", {array_type(table_type(prior_schema()), 1)},
                      "beliefs from outside the sample, mixed with it (Theil & Goldberger) and "
                      "labelled"),
      optional_option("panel", {array_type(table_type(panel_schema()), 1)},
                      "further units that share the slopes; the equation explains its own unit"),
      optional_option("unit", {string_type("a name such as pyongyang")},
                      "the own unit of a panel, for tables; without it the target"),
      default_option("effects", {choice_type(names_of(kEffects))}, std::string("unit"),
                     "of a panel: a constant for each unit, and for each period as well (two_way), "
                     "drawn at random (random, with Hausman's test), or one for all (none)"),
      default_option("dynamics", {choice_type({"static", "ardl"})}, std::string("static"),
                     "ardl: lags of target and regressors, in error-correction form"),
      optional_option("target_lags", {integer_type(1, 24)},
                      "lags of the target; without it chosen by the criterion"),
      optional_option("regressor_lags", {integer_type(0, 24), array_type(integer_type(0, 24), 1)},
                      "lags of all regressors or of each; without it chosen by the criterion"),
      default_option("max_lag", {integer_type(1, 12)}, std::int64_t{4},
                     "longest lag that is tried"),
      default_option("criterion", {choice_type(names_of(kCriteria))}, std::string("bic"),
                     "what chooses lags, on a common sample"),
      default_option("case", {integer_type(1, 5)}, std::int64_t{3},
                     "deterministic terms of an ARDL: 1 none, 2 constant in the long run, 3 "
                     "constant, 4 trend in the long run, 5 constant and trend"),
      default_option("asymmetric", {boolean_type()}, false,
                     "rises and falls of each regressor have effects of their own (NARDL)"),
      default_option("multiplier_horizon", {integer_type(1, 120)}, std::int64_t{12},
                     "periods of the table of cumulative multipliers")};
}

}  // namespace

ModelExample dynamic_elasticity_example() {
  const ExampleDraws draws(7);
  ModelExample example = blank_example(draws);
  VectorXd& y = example.sample.y;
  y(0) = 8.0 - 0.75 * draws.x(0);
  for (int t = 1; t < ExampleDraws::kObservations; ++t) {
    y(t) = 3.2 + 0.6 * y(t - 1) - 0.2 * draws.x(t) - 0.1 * draws.x(t - 1) + draws.e(t);
  }
  ElasticitySpec spec;
  spec.dynamic = true;
  spec.y_lags = 1;
  spec.x_lags = {1};
  example.model = make_trade_elasticity(spec);
  example.truth = {
      {"intercept", 3.2}, {"L1.y", 0.6}, {"log(imports)", -0.2}, {"L1.log(imports)", -0.1}};
  return example;
}

ModelExample poisson_elasticity_example() {
  const ExampleDraws draws(11);
  ModelExample example = blank_example(draws);
  for (int t = 0; t < ExampleDraws::kObservations; ++t) {
    example.sample.y(t) = std::exp(3.0 - 0.3 * draws.x(t)) * (1 + draws.e(t));
  }
  // The variance grows with the mean: a path along which it does.
  for (int h = 0; h < ExampleDraws::kAhead; ++h) example.future.regressors(h, 0) = 5 - 0.1 * h;
  ElasticitySpec spec;
  spec.estimator = Estimator::poisson;
  example.model = make_trade_elasticity(spec);
  example.truth = {{"intercept", 3.0}, {"log(imports)", -0.3}};
  return example;
}

ModelExample panel_elasticity_example() {
  const ExampleDraws draws(13), other(14), third(15);
  ModelExample example = blank_example(draws);
  Sample& sample = example.sample;
  sample.regressors.conservativeResize(Eigen::NoChange, 4);
  sample.regressor_names = {"log(imports)", "y_b", "log(imports_b)", "y_c"};
  for (int t = 0; t < ExampleDraws::kObservations; ++t) {
    sample.y(t) = 8.0 - 0.3 * draws.x(t) + draws.e(t);
    sample.regressors(t, 1) = 7.0 - 0.3 * other.x(t) + other.e(t);
    sample.regressors(t, 2) = other.x(t);
    sample.regressors(t, 3) = t % 3 == 0 ? kMissing : 9.0 - 0.3 * draws.x(t) + third.e(t);
  }
  ElasticitySpec spec;
  spec.panel = {{"b", 1, false}, {"c", 0, true}};
  example.model = make_trade_elasticity(spec);
  example.truth = {{"intercept", 8.0}, {"log(imports)", -0.3}};
  return example;
}

ModelExample poisson_panel_elasticity_example() {
  const ExampleDraws draws(16), other(17), third(18);
  ModelExample example = blank_example(draws);
  Sample& sample = example.sample;
  sample.regressors.conservativeResize(Eigen::NoChange, 4);
  sample.regressor_names = {"log(imports)", "y_b", "log(imports_b)", "y_c"};
  for (int t = 0; t < ExampleDraws::kObservations; ++t) {
    sample.y(t) = std::exp(3.0 - 0.3 * draws.x(t)) * (1 + draws.e(t));
    sample.regressors(t, 1) = std::exp(5.0 - 0.3 * other.x(t)) * (1 + other.e(t));
    sample.regressors(t, 2) = other.x(t);
    sample.regressors(t, 3) =
        t % 3 == 0 ? kMissing : std::exp(1.0 - 0.3 * draws.x(t)) * (1 + third.e(t));
  }
  // The variance grows with the mean: a path along which it does.
  for (int h = 0; h < ExampleDraws::kAhead; ++h) example.future.regressors(h, 0) = 5 - 0.1 * h;
  ElasticitySpec spec;
  spec.estimator = Estimator::poisson;
  spec.panel = {{"b", 1, false}, {"c", 0, true}};
  example.model = make_trade_elasticity(spec);
  example.truth = {{"intercept", 3.0}, {"log(imports)", -0.3}};
  return example;
}

std::unique_ptr<Model> make_trade_elasticity(ElasticitySpec spec) {
  return std::make_unique<ElasticityModel>(std::move(spec));
}

Plugin trade_elasticity_plugin() {
  Plugin plugin;
  plugin.name = "trade_elasticity";
  plugin.summary =
      "how a price or a flow answers to others: log-log regression with robust errors, "
      "error correction, instruments";
  std::vector<Option> own = estimation_options();
  for (Option& option : form_options()) own.push_back(std::move(option));
  plugin.schema = plugin_schema(plugin.name, plugin.summary, std::move(own));
  plugin.make = make_from_equation;
  plugin.example = static_example;
  return plugin;
}

}  // namespace amnok
