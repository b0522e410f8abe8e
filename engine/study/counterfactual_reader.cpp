#include "engine/study/counterfactual_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/data/evaluate.h"

namespace amnok {

void CounterfactualReader::read() {
  const ConfigValue* effects = section("effects");
  if (effects == nullptr) return;
  for (const auto& member : effects->members()) {
    if (member.value.find("counterfactual") != nullptr) read_one(member);
  }
}

void CounterfactualReader::read_one(const ConfigValue::Member& member) {
  const ConfigValue& table = member.value;
  const std::size_t before = problems_.all().size();
  check_identifier(member, "effects");
  CounterfactualSpec spec;
  spec.name = member.key;
  spec.label = text(table, "label").empty() ? member.key : text(table, "label");
  spec.where = table.where;
  const ConfigValue& variable = *table.find("counterfactual");
  spec.variable = variable.string();
  check_known(variable, keys("data"), fmt::format("effects.{}.counterfactual", spec.name));
  const ConfigValue& event = *table.find("event");
  spec.event = event.string();
  check_known(event, event_ids(), fmt::format("effects.{}.event", spec.name));
  if (const ConfigValue* level = table.find("level")) spec.level = level->number();
  if (const ConfigValue* placebo = table.find("placebo")) spec.placebo = placebo->boolean();
  read_dates(table, spec);
  if (text(table, "method") == "synthetic_control") {
    spec.method = CounterfactualSpec::Method::synthetic_control;
    read_donors(table, spec);
  } else {
    if (const ConfigValue* donors = table.find("donors")) {
      problems_.error(
          donors->where,
          fmt::format("effects.{}.donors needs method = \"synthetic_control\"", spec.name),
          "series that a model regresses on are `controls`");
    }
    read_model(table, spec);
    read_controls(table, spec);
  }
  if (problems_.all().size() == before) study_.counterfactuals.push_back(std::move(spec));
}

void CounterfactualReader::read_dates(const ConfigValue& table, CounterfactualSpec& spec) {
  const std::string path = "effects." + spec.name;
  if (const ConfigValue* at = table.find("at")) spec.at = period(*at, path + ".at");
  if (const ConfigValue* until = table.find("until")) {
    spec.until = period(*until, path + ".until");
    if (spec.at && spec.until && *spec.until < *spec.at) {
      problems_.error(until->where,
                      fmt::format("{}.until is \"{}\", but must not come before its `at`, {}", path,
                                  until->string(), format_period(*spec.at)));
    }
  }
}

// An expression of series that are not the variable itself.
std::optional<Expression> CounterfactualReader::outside_expression(const ConfigValue& item,
                                                                   const CounterfactualSpec& spec,
                                                                   const std::string& path) {
  std::optional<Expression> result;
  collect([&] {
    Expression expression = parse_expression(item.string(), inside(item));
    check_variables(expression, keys("data"));
    result = std::move(expression);
  });
  if (result && result->uses(spec.variable)) {
    problems_.error(item.where,
                    fmt::format("{} is \"{}\", which holds `{}` itself, but must be what the event "
                                "left alone",
                                path, item.string(), spec.variable));
    result.reset();
  }
  return result;
}

void CounterfactualReader::read_donors(const ConfigValue& table, CounterfactualSpec& spec) {
  const std::string path = "effects." + spec.name;
  for (const char* key : {"controls", "roles", "model"}) {
    if (const ConfigValue* value = table.find(key)) {
      problems_.error(value->where,
                      fmt::format("{}.{} goes with method = \"model\"; a synthetic control is made "
                                  "of `donors`",
                                  path, key));
    }
  }
  const ConfigValue* donors = table.find("donors");
  if (donors == nullptr) {
    problems_.error(table.where, path + ".donors is missing: series that the event left alone",
                    "for example donors = [\"a\", \"b\"]");
    return;
  }
  for (const ConfigValue& item : donors->items()) {
    if (auto donor = outside_expression(item, spec, path + ".donors")) {
      spec.donors.push_back(std::move(*donor));
    }
  }
}

void CounterfactualReader::read_model(const ConfigValue& table, CounterfactualSpec& spec) {
  const std::string path = "effects." + spec.name;
  if (const ConfigValue* model = table.find("model")) {
    const Plugin* plugin = find_plugin(plugins_, text(*model, "plugin"));
    AMNOK_CHECK(plugin != nullptr, "plugin {}", text(*model, "plugin"));
    EquationSpec equation = read_equation(spec.name, *model, *plugin, problems_);
    if (!equation.target.variable.empty() && equation.target.variable != spec.variable) {
      problems_.error(model->where, fmt::format("{}.model explains `{}`, but must explain `{}`",
                                                path, equation.target.variable, spec.variable));
    }
    const std::vector<std::string> ids = event_ids();
    for (const Intervention& intervention : equation.interventions) {
      if (std::find(ids.begin(), ids.end(), intervention.event) != ids.end()) continue;
      problems_.error(intervention.where,
                      fmt::format("{}.model: event \"{}\" is not in the calendar or [events]", path,
                                  intervention.event),
                      name_hint(intervention.event, ids));
    }
    spec.equation = std::move(equation);
    spec.own_model = true;
    return;
  }
  const auto own = std::find_if(
      study_.equations.begin(), study_.equations.end(),
      [&](const EquationSpec& equation) { return equation.target.variable == spec.variable; });
  if (own != study_.equations.end()) {
    spec.equation = *own;
    spec.equation->name = spec.name;
  } else if (whole("models")) {
    problems_.error(
        table.where,
        fmt::format("{}: `{}` has no equation, and there is no model", path, spec.variable),
        fmt::format("for example model = {{ plugin = \"unobserved_components\", target = \"{}\", "
                    "slope = \"none\" }}",
                    spec.variable));
  }
}

void CounterfactualReader::read_controls(const ConfigValue& table, CounterfactualSpec& spec) {
  const std::string path = "effects." + spec.name;
  if (const ConfigValue* controls = table.find("controls")) {
    for (const ConfigValue& item : controls->items()) {
      if (auto control = outside_expression(item, spec, path + ".controls")) {
        spec.controls.push_back({std::move(*control)});
      }
    }
  } else if (spec.equation) {
    // Those of the equation, but for the event itself.
    for (const Expression& regressor : spec.equation->regressors) {
      if (!regressor.uses(spec.event)) spec.controls.push_back({regressor});
    }
  }
  read_roles(table, spec);
  if (!spec.equation) return;
  spec.equation->regressors.clear();
  for (const ControlSpec& control : spec.controls) {
    spec.equation->regressors.push_back(control.expression);
  }
}

void CounterfactualReader::read_roles(const ConfigValue& table, CounterfactualSpec& spec) {
  const ConfigValue* roles = table.find("roles");
  if (roles == nullptr) return;
  for (const auto& member : roles->members()) {
    const auto control =
        std::find_if(spec.controls.begin(), spec.controls.end(),
                     [&](const ControlSpec& c) { return c.expression.text() == member.key; });
    if (control == spec.controls.end()) {
      std::vector<std::string> known;
      for (const ControlSpec& c : spec.controls) known.push_back(c.expression.text());
      problems_.error(member.key_where,
                      fmt::format("effects.{}.roles names \"{}\", which is not one of its controls",
                                  spec.name, member.key),
                      name_hint(member.key, known));
      continue;
    }
    control->role =
        member.value.string() == "pre_only" ? ControlRole::pre_only : ControlRole::always;
  }
}

}  // namespace amnok
