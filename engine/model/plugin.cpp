#include "engine/model/plugin.h"

#include <fmt/format.h>

namespace amnok {

namespace {

Schema intervention_schema() {
  Schema schema{"intervention", "a dated event in the equation", {}};
  schema.options = {
      required_option("event", {string_type("the id of an event")}, "which event of the calendar"),
      default_option("shape",
                     {choice_type({"step", "pulse", "ramp", "decay", "block", "transfer"})},
                     std::string("step"),
                     "step: from its start on; pulse: only then; block: while it lasts; ramp: "
                     "1, 2, 3, ... while it lasts; decay: a pulse that fades, 1/(1 - delta B); "
                     "transfer: a block that builds up and fades, 1/(1 - delta B)"),
      default_option("numerator", {integer_type(0, 4)}, std::int64_t{0},
                     "further lags of the effect: omega0 + omega1 B + ..."),
      optional_option("denominator", {integer_type(0, 1)},
                      "order of delta(B); 1 for decay and transfer, 0 for the others"),
      default_option("delay", {integer_type(0, 36)}, std::int64_t{0},
                     "periods between the event and its first effect"),
  };
  return schema;
}

}  // namespace

const Plugin* find_plugin(const PluginList& plugins, std::string_view name) {
  for (const Plugin& plugin : plugins) {
    if (plugin.name == name) return &plugin;
  }
  return nullptr;
}

Schema plugin_schema(const std::string& name, const std::string& summary, std::vector<Option> own) {
  Schema schema{name, summary, {}};
  schema.options = {
      required_option("plugin", {choice_type({name})}, "the kind of model"),
      required_option(
          "target", {string_type(kTargetForms)},
          "what the equation explains; in boxcox(series, lambda), lambda is a number in "
          "[-2, 2], or guerrero or ml: then it is chosen once, from the sample"),
      optional_option("regressors", {array_type(string_type("an expression"))},
                      "series, events or expressions of them; exogenous ones need a path in every "
                      "scenario"),
      optional_option("label", {string_type("a text")}, "name of the equation in tables"),
      optional_option("sample", {string_type("a range such as 2016-01..2022-03")},
                      "estimation sample, when it is not the run's"),
      optional_option("innovations", {innovations_type()},
                      "distribution of simulated shocks, when it is not the run's"),
  };
  for (Option& option : own) schema.options.push_back(std::move(option));
  return schema;
}

OptionType innovations_type() {
  return choice_type({"gaussian", "student_t", "bootstrap"});
}

Option interventions_option() {
  return optional_option("interventions", {array_type(table_type(intervention_schema()))},
                         "dated events, estimated jointly with the rest");
}

EquationSpec read_equation(const std::string& name, const ConfigValue& table, const Plugin& plugin,
                           ProblemList& problems) {
  EquationSpec spec{name, plugin.name, {}, {}, {}, Options(table, plugin.schema), table.where};
  const auto collect = [&](const auto& read) {
    try {
      read();
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  };
  // A string's contents start one byte after its opening quote.
  const auto inside = [](const ConfigValue& value) { return value.where.sub_range(1, 1); };
  collect([&] {
    const ConfigValue& target = spec.options.get("target");
    spec.target = parse_target(target.string(), inside(target));
  });
  if (const ConfigValue* regressors = spec.options.find("regressors")) {
    for (const ConfigValue& item : regressors->items()) {
      collect([&] { spec.regressors.push_back(parse_expression(item.string(), inside(item))); });
    }
  }
  if (const ConfigValue* innovations = spec.options.find("innovations")) {
    spec.innovations = parse_innovations(innovations->string());
  }
  if (plugin.schema.find("interventions") != nullptr) {
    if (const ConfigValue* list = spec.options.find("interventions")) {
      static const Schema schema = intervention_schema();
      for (const ConfigValue& item : list->items()) {
        const Options options(item, schema);
        Intervention intervention;
        intervention.event = options.string("event");
        intervention.shape = *parse_shape(options.string("shape"));
        intervention.numerator = options.integer("numerator");
        intervention.denominator = options.has("denominator")
                                       ? options.integer("denominator")
                                       : (has_denominator(intervention.shape) ? 1 : 0);
        intervention.delay = options.integer("delay");
        intervention.where = item.where;
        spec.interventions.push_back(intervention);
      }
    }
  }
  return spec;
}

}  // namespace amnok
