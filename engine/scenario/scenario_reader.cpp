#include "engine/scenario/scenario_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/names.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

double number(const ConfigValue& table, std::string_view key, double fallback) {
  const ConfigValue* value = table.find(key);
  return value != nullptr ? value->number() : fallback;
}

std::vector<double> plain(const std::vector<Amount>& amounts) {
  std::vector<double> result;
  for (const Amount& a : amounts) result.push_back(a.value);
  return result;
}

}  // namespace

void ScenarioReader::read() {
  read_scenarios();
  read_effects();
}

void ScenarioReader::read_scenarios() {
  const ConfigValue* scenarios = section("scenarios");
  if (scenarios == nullptr) return;
  for (const auto& member : scenarios->members()) {
    check_identifier(member, "scenarios");
    ScenarioSpec scenario;
    scenario.name = member.key;
    scenario.where = member.value.where;
    scenario.label = text(member.value, "label").empty() ? member.key : text(member.value, "label");
    scenario.extends = text(member.value, "extends");
    scenario.note = text(member.value, "note");
    if (const ConfigValue* p = member.value.find("probability")) scenario.probability = p->number();
    if (const ConfigValue* changes = member.value.find("changes")) {
      for (const ConfigValue& table : changes->items()) {
        if (auto change = read_change(table, "scenarios." + member.key)) {
          scenario.own.push_back(std::move(*change));
        }
      }
    }
    study_.scenarios.push_back(std::move(scenario));
  }
  resolve_inheritance(*scenarios);
  if (whole("scenarios")) check_probabilities(*scenarios);
  if (!problems_.has_errors()) check_paths();
}

std::optional<Change> ScenarioReader::read_change(const ConfigValue& table,
                                                  const std::string& path) {
  Change change;
  change.where = table.where;
  change.type = text(table, "type");
  change.reason = text(table, "reason");
  change.source = text(table, "source");
  if (const ConfigValue* from = table.find("from")) change.from = period(*from, path + ".from");
  if (const ConfigValue* to = table.find("to")) change.to = period(*to, path + ".to");
  if (change.from && change.to && *change.to < *change.from) {
    problems_.error(table.where, path + ": `to` lies before `from`");
  }
  const auto typed = [&](const char* usual) {
    if (change.type.empty()) change.type = usual;
    return std::move(change);
  };
  if (table.find("end_event") != nullptr) return read_end(table, path, typed("policy"));
  if (table.find("start_event") != nullptr) return read_start(table, path, typed("policy"));
  if (table.find("path") != nullptr) return read_path(table, path, typed("data"));
  if (table.find("add_factor") != nullptr) return read_add_factor(table, path, typed("judgement"));
  if (table.find("fix") != nullptr) return read_fix(table, path, typed("judgement"));
  return read_parameter(table, path, typed("judgement"));
}

std::vector<Amount> ScenarioReader::values(const ConfigValue& table, const std::string& path,
                                           bool percent) {
  std::vector<Amount> result;
  const ConfigValue* value = table.find("value");
  if (value == nullptr) return result;
  if (value->is(ConfigValue::Kind::array)) {
    for (const ConfigValue& item : value->items()) result.push_back({item.number(), false});
  } else {
    result.push_back(parse_amount(*value));
  }
  if (result[0].percent && !percent) {
    problems_.error(value->where, path + ".value is in per cent, but must be a number here");
  }
  return result;
}

std::optional<Change> ScenarioReader::read_end(const ConfigValue& table, const std::string& path,
                                               Change change) {
  const ConfigValue& id = *table.find("end_event");
  check_known(id, event_ids(), path + ".end_event");
  const auto at = period(*table.find("at"), path + ".at");
  if (!at) return std::nullopt;
  change.what = EndEvent{id.string(), *at, static_cast<int>(number(table, "over", 0)),
                         number(table, "remaining", 0)};
  return change;
}

std::optional<Change> ScenarioReader::read_start(const ConfigValue& table, const std::string& path,
                                                 Change change) {
  const ConfigValue& id = *table.find("start_event");
  check_known(id, event_ids(), path + ".start_event");
  const auto at = period(*table.find("at"), path + ".at");
  if (!at) return std::nullopt;
  StartEvent what{id.string(), *at, std::nullopt, number(table, "intensity", 1)};
  if (const ConfigValue* until = table.find("until")) {
    what.until = period(*until, path + ".until");
    if (what.until && *what.until <= *at) {
      problems_.error(until->where,
                      fmt::format("{}.until is \"{}\", but must come after its start, {}", path,
                                  until->string(), format_period(*at)));
    }
  }
  change.what = what;
  return change;
}

std::optional<Change> ScenarioReader::read_path(const ConfigValue& table, const std::string& path,
                                                Change change) {
  const ConfigValue& variable = *table.find("path");
  check_known(variable, keys("data"), path + ".path");
  if (study_.is_target(variable.string())) {
    problems_.error(
        variable.where,
        fmt::format("{}.path is \"{}\", which an equation explains", path, variable.string()),
        "use fix to force it, or add_factor to shift it");
  }
  static const std::vector<std::string> kModes = {"level", "pct", "add", "growth", "hold"};
  const std::string mode = table.find("mode") != nullptr ? text(table, "mode") : "hold";
  SetPath what;
  what.variable = variable.string();
  what.mode =
      static_cast<SetPath::Mode>(std::find(kModes.begin(), kModes.end(), mode) - kModes.begin());
  what.values = plain(values(table, path, true));
  if (what.values.empty() != (what.mode == SetPath::Mode::hold)) {
    problems_.error(
        table.where,
        what.values.empty() ? fmt::format("{}: mode \"{}\" needs a value", path, mode)
                            : path + ": mode \"hold\" takes no value",
        what.values.empty() ? "" : "say mode = \"level\", \"growth\", \"pct\" or \"add\"");
  }
  change.what = std::move(what);
  return change;
}

std::optional<Change> ScenarioReader::read_add_factor(const ConfigValue& table,
                                                      const std::string& path, Change change) {
  const ConfigValue& equation = *table.find("add_factor");
  check_known(equation, keys("models"), path + ".add_factor");
  change.what = AddFactor{equation.string(), values(table, path, true)};
  return change;
}

std::optional<Change> ScenarioReader::read_fix(const ConfigValue& table, const std::string& path,
                                               Change change) {
  const ConfigValue& variable = *table.find("fix");
  if (!study_.is_target(variable.string()) && whole("models")) {
    std::vector<std::string> targets;
    for (const EquationSpec& e : study_.equations) targets.push_back(e.target.variable);
    problems_.error(variable.where,
                    fmt::format("{}.fix is \"{}\", but must be a variable with an equation", path,
                                variable.string()),
                    name_hint(variable.string(), targets));
  }
  change.what = FixPath{variable.string(), plain(values(table, path, false))};
  return change;
}

std::optional<Change> ScenarioReader::read_parameter(const ConfigValue& table,
                                                     const std::string& path, Change change) {
  const ConfigValue& parameter = *table.find("parameter");
  const std::string& name = parameter.string();
  const auto dot = name.find('.');
  ChangeParameter what;
  what.equation = name.substr(0, dot);
  what.parameter = dot == std::string::npos ? "" : name.substr(dot + 1);
  const std::vector<std::string> equations = keys("models");
  const bool known =
      std::find(equations.begin(), equations.end(), what.equation) != equations.end();
  if (!known || what.parameter.empty()) {
    problems_.error(
        parameter.where,
        fmt::format("{}.parameter is \"{}\", but must be EQUATION.COEFFICIENT", path, name),
        name_hint(what.equation, equations));
  }
  int ways = 0;
  const std::pair<const char*, ChangeParameter::Mode> modes[] = {
      {"multiply", ChangeParameter::Mode::multiply},
      {"add", ChangeParameter::Mode::add},
      {"set", ChangeParameter::Mode::set}};
  for (const auto& [key, mode] : modes) {
    if (const ConfigValue* value = table.find(key)) {
      what.mode = mode;
      what.value = value->number();
      ++ways;
    }
  }
  if (ways != 1) {
    problems_.error(table.where, path + ": a parameter change has one of multiply, add, set");
  }
  if (const ConfigValue* recentre = table.find("recentre")) what.recentre = recentre->boolean();
  change.what = what;
  return change;
}

void ScenarioReader::resolve_inheritance(const ConfigValue& table) {
  const std::vector<std::string> names = keys("scenarios");
  std::set<std::string> done;
  std::vector<std::string> open;
  const auto resolve = [&](const auto& self, ScenarioSpec& scenario) -> void {
    if (done.contains(scenario.name)) return;
    if (std::find(open.begin(), open.end(), scenario.name) != open.end()) {
      open.push_back(scenario.name);
      problems_.error(scenario.where, fmt::format("scenarios extend each other in a circle: {}",
                                                  join(open, " -> ")));
      done.insert(open.begin(), open.end());
      return;
    }
    open.push_back(scenario.name);
    if (!scenario.extends.empty()) {
      const auto base = std::find_if(study_.scenarios.begin(), study_.scenarios.end(),
                                     [&](const auto& s) { return s.name == scenario.extends; });
      if (base != study_.scenarios.end()) {
        self(self, *base);
        scenario.changes = base->changes;
      } else {
        check_known(*table.find(scenario.name)->find("extends"), names,
                    fmt::format("scenarios.{}.extends", scenario.name));
      }
    }
    scenario.changes.insert(scenario.changes.end(), scenario.own.begin(), scenario.own.end());
    if (!open.empty()) open.pop_back();
    done.insert(scenario.name);
  };
  for (ScenarioSpec& scenario : study_.scenarios) {
    open.clear();
    resolve(resolve, scenario);
  }
}

void ScenarioReader::check_probabilities(const ConfigValue& table) {
  double sum = 0;
  std::vector<std::string> missing;
  SourceRange where = table.where;
  for (const ScenarioSpec& scenario : study_.scenarios) {
    if (scenario.probability) {
      sum += *scenario.probability;
    } else {
      if (missing.empty()) where = scenario.where;
      missing.push_back(scenario.name);
    }
  }
  if (missing.size() == study_.scenarios.size()) return;
  if (!missing.empty()) {
    problems_.error(where, fmt::format("scenarios with a probability need one for all: {} have "
                                       "none",
                                       join(missing, ", ")));
  } else if (std::fabs(sum - 1) > 1e-6) {
    problems_.error(where, fmt::format("the probabilities of the scenarios sum to {}, but must sum "
                                       "to 1",
                                       format_significant(sum, 6)));
  }
}

// Every exogenous variable has a path in every scenario.
void ScenarioReader::check_paths() {
  const std::vector<std::string> needed = study_.exogenous();
  for (const ScenarioSpec& scenario : study_.scenarios) {
    for (const std::string& variable : needed) {
      const bool given =
          std::any_of(scenario.changes.begin(), scenario.changes.end(), [&](const Change& change) {
            const auto* path = std::get_if<SetPath>(&change.what);
            return path != nullptr && path->variable == variable &&
                   path->mode != SetPath::Mode::pct && path->mode != SetPath::Mode::add;
          });
      if (given) continue;
      problems_.error(scenario.where,
                      fmt::format("scenarios.{} has no path for `{}`, which no equation explains",
                                  scenario.name, variable),
                      fmt::format("for example {{ path = \"{}\", mode = \"hold\" }}", variable));
    }
  }
}

void ScenarioReader::read_effects() {
  const ConfigValue* effects = section("effects");
  if (effects == nullptr) return;
  const std::vector<std::string> names = keys("scenarios");
  for (const auto& member : effects->members()) {
    if (member.value.find("compare") == nullptr) continue;  // a counterfactual
    check_identifier(member, "effects");
    EffectSpec effect;
    effect.name = member.key;
    effect.label = text(member.value, "label").empty() ? member.key : text(member.value, "label");
    effect.where = member.value.where;
    const ConfigValue& compare = *member.value.find("compare");
    for (const ConfigValue& item : compare.items()) check_known(item, names, "effects.compare");
    effect.scenario = compare.items()[0].string();
    effect.against = compare.items()[1].string();
    if (const ConfigValue* variables = member.value.find("variables")) {
      for (const ConfigValue& item : variables->items()) {
        check_known(item, endogenous_names(), "effects.variables");
        effect.variables.push_back(item.string());
      }
    }
    study_.effects.push_back(std::move(effect));
  }
}

}  // namespace amnok
