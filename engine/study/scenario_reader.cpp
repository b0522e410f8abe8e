#include "engine/study/scenario_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"

namespace amnok {

namespace {

// A number or the name of an assumption.
Amount quantity(const ConfigValue& table, std::string_view key, double fallback) {
  const ConfigValue* value = table.find(key);
  if (value == nullptr) return {fallback};
  if (value->is_number()) return {value->number()};
  return {0, false, value->string()};
}

double number(const ConfigValue& table, std::string_view key, double fallback) {
  const ConfigValue* value = table.find(key);
  return value != nullptr ? value->number() : fallback;
}

}  // namespace

void ScenarioReader::read() {
  read_scenarios();
  read_effects();
  read_questions();
}

void ScenarioReader::read_scenarios() {
  const ConfigValue* scenarios = section("scenarios");
  if (scenarios == nullptr) return;
  for (const auto& member : scenarios->members()) {
    check_identifier(member, "scenarios");
    if (member.key == "mixture") {
      problems_.error(member.key_where,
                      "scenarios.mixture: the name stands for the mixture of all scenarios",
                      "call it something else");
    }
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
  check_assumptions();
  if (!problems_.has_errors()) {
    check_borrowed_paths();
    check_paths();
  }
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
  if (table.find("assume") != nullptr) return read_assume(table, path, typed("judgement"));
  if (table.find("condition") != nullptr) return read_condition(table, path, typed("judgement"));
  if (table.find("target") != nullptr && table.find("instrument") != nullptr) {
    return read_target(table, path, typed("judgement"));
  }
  return read_parameter(table, path, typed("judgement"));
}

std::vector<Amount> ScenarioReader::values(const ConfigValue& table, const std::string& path,
                                           bool percent) {
  std::vector<Amount> result;
  const ConfigValue* value = table.find("value");
  if (value == nullptr) return result;
  if (value->is(ConfigValue::Kind::array)) {
    for (const ConfigValue& item : value->items()) result.push_back({item.number()});
  } else {
    result.push_back(parse_amount(*value));
  }
  if (result[0].percent && !percent) {
    problems_.error(value->where, path + ".value is in per cent, but must be a number here",
                    table.find("path") != nullptr ? "a path takes per cent with mode = \"pct\" or "
                                                    "\"growth\""
                                                  : "");
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
                         quantity(table, "remaining", 0), quantity(table, "hazard", 0)};
  return change;
}

std::optional<Change> ScenarioReader::read_start(const ConfigValue& table, const std::string& path,
                                                 Change change) {
  const ConfigValue& id = *table.find("start_event");
  check_known(id, event_ids(), path + ".start_event");
  const auto at = period(*table.find("at"), path + ".at");
  if (!at) return std::nullopt;
  StartEvent what{id.string(),
                  *at,
                  std::nullopt,
                  static_cast<int>(number(table, "lasting", 0)),
                  quantity(table, "intensity", 1),
                  quantity(table, "hazard", 0)};
  if (what.lasting > 0 && table.find("until") != nullptr) {
    problems_.error(table.where, path +
                                     ": an event lasts `lasting` periods or `until` a date, not "
                                     "both");
  }
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
  if (study_.is_target(variable.string()) && !study_.has_path_model(variable.string())) {
    problems_.error(
        variable.where,
        fmt::format("{}.path is \"{}\", which an equation explains", path, variable.string()),
        "use fix to force it, or add_factor to shift it");
  }
  static const std::vector<std::string> kModes = {"level", "pct",    "add",      "growth",
                                                  "hold",  "series", "scenario", "model"};
  const std::string mode = table.find("mode") != nullptr    ? text(table, "mode")
                           : table.find("value") != nullptr ? "level"
                                                            : "hold";
  SetPath what;
  what.variable = variable.string();
  what.mode =
      static_cast<SetPath::Mode>(std::find(kModes.begin(), kModes.end(), mode) - kModes.begin());
  what.values =
      values(table, path, what.mode == SetPath::Mode::pct || what.mode == SetPath::Mode::growth);
  check_path_mode(table, path, what);
  change.what = std::move(what);
  return change;
}

// Each mode has its own key: `value`, `series`, `scenario`, `model` or none.
void ScenarioReader::check_path_mode(const ConfigValue& table, const std::string& path,
                                     SetPath& what) {
  using Mode = SetPath::Mode;
  const bool valued = what.mode <= Mode::growth;
  if (what.values.empty() == valued) {
    const std::string mode = text(table, "mode");
    problems_.error(table.where,
                    valued ? fmt::format("{}: mode \"{}\" needs a value", path, mode)
                           : fmt::format("{}: mode \"{}\" takes no value", path, mode),
                    valued ? "" : "say mode = \"level\", \"growth\", \"pct\" or \"add\"");
  }
  const std::tuple<Mode, const char*> kOwn[] = {
      {Mode::series, "series"}, {Mode::scenario, "scenario"}, {Mode::model, "model"}};
  for (const auto& [mode, key] : kOwn) {
    const ConfigValue* value = table.find(key);
    if (value != nullptr && what.mode != mode) {
      problems_.error(value->where, fmt::format("{0}.{1} goes with mode = \"{1}\"", path, key));
    }
    if (what.mode != mode) continue;
    if (value != nullptr) what.from = value->string();
    if (mode == Mode::series && value == nullptr) what.from = what.variable;
    if (mode == Mode::series && value != nullptr)
      check_known(*value, keys("data"), path + ".series");
    if (mode == Mode::model && value == nullptr) what.from = "arima";
    if (mode == Mode::scenario) {
      if (value == nullptr) {
        problems_.error(table.where, path + ": mode \"scenario\" needs a scenario");
      } else {
        check_known(*value, keys("scenarios"), path + ".scenario");
      }
    }
  }
}

std::optional<Change> ScenarioReader::read_add_factor(const ConfigValue& table,
                                                      const std::string& path, Change change) {
  const ConfigValue& equation = *table.find("add_factor");
  check_known(equation, equation_names(), path + ".add_factor");
  change.what = AddFactor{equation.string(), values(table, path, true), number(table, "decay", 1)};
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
  change.what = FixPath{variable.string(), values(table, path, false)};
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
  const std::vector<std::string> equations = equation_names();
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
    if (table.find(key) != nullptr) {
      what.mode = mode;
      what.value = quantity(table, key, 0);
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

std::optional<Change> ScenarioReader::read_assume(const ConfigValue& table, const std::string& path,
                                                  Change change) {
  const std::string name = text(table, "assume");
  const auto distribution = read_distribution(table, path + "." + name);
  if (!distribution) return std::nullopt;
  change.what = Assume{name, *distribution};
  return change;
}

void ScenarioReader::read_at(const ConfigValue& table, const std::string& path, Change& change) {
  const ConfigValue* at = table.find("at");
  if (at == nullptr) return;
  if (change.from || change.to) {
    problems_.error(at->where, path + ": either `at`, or `from` and `to`");
    return;
  }
  change.from = change.to = period(*at, path + ".at");
}

std::optional<Change> ScenarioReader::read_condition(const ConfigValue& table,
                                                     const std::string& path, Change change) {
  const ConfigValue& value = *table.find("condition");
  Condition what;
  what.sd = number(table, "sd", 0);
  const std::size_t before = problems_.all().size();
  collect([&] { what.relation = parse_relation(value.string(), inside(value)); });
  if (problems_.all().size() > before) return std::nullopt;
  const std::vector<std::string> names = variable_names(true);
  bool endogenous = false;
  for (const Expression* side : {&what.relation.left, &what.relation.right}) {
    collect([&] { check_variables(*side, names); });
    collect([&] { check_leads(*side); });
    for (const std::string& name : side->variables()) {
      endogenous = endogenous || study_.is_endogenous(name);
    }
  }
  if (!endogenous && problems_.all().size() == before && whole("models")) {
    problems_.error(value.where, path + ".condition names nothing that the equations explain");
  }
  if (what.sd > 0 && what.relation.relation != "=") {
    problems_.error(value.where, path + ": only an equation can have an sd, not an inequality");
  }
  read_at(table, path, change);
  change.what = std::move(what);
  return change;
}

std::optional<Change> ScenarioReader::read_target(const ConfigValue& table, const std::string& path,
                                                  Change change) {
  HitTarget what;
  const ConfigValue &variable = *table.find("target"), &instrument = *table.find("instrument");
  what.variable = variable.string();
  what.instrument = instrument.string();
  check_known(variable, endogenous_names(), path + ".target");
  check_known(instrument, equation_names(), path + ".instrument");
  what.value = number(table, "value", 0);
  const auto at = period(*table.find("at"), path + ".at");
  if (!at) return std::nullopt;
  what.at = *at;
  if (!change.to) change.to = at;
  if (change.from && *change.from > *at) {
    problems_.error(table.where, path + ": the instrument acts only after the target's period");
  }
  change.what = std::move(what);
  return change;
}

// Every amount that is a name is the name of an assumption of its scenario.
void ScenarioReader::check_assumptions() {
  for (const ScenarioSpec& scenario : study_.scenarios) {
    std::vector<std::string> known;
    for (const Change& change : scenario.changes) {
      if (const auto* assume = std::get_if<Assume>(&change.what)) known.push_back(assume->name);
    }
    for (const Change& change : scenario.own) {
      for (const Amount* amount : amounts_of(change)) {
        const std::string& name = amount->assumption;
        if (name.empty() || std::find(known.begin(), known.end(), name) != known.end()) continue;
        problems_.error(change.where,
                        fmt::format("scenarios.{}: \"{}\" is neither a number nor an assumption of "
                                    "the scenario",
                                    scenario.name, name),
                        known.empty()
                            ? fmt::format("for example {{ assume = \"{}\", distribution = "
                                          "\"beta\", mean = 0.6, sd = 0.15 }}",
                                          name)
                            : name_hint(name, known));
      }
    }
  }
}

// Scenarios may take paths from each other, but not in a circle.
void ScenarioReader::check_borrowed_paths() {
  for (const ScenarioSpec& scenario : study_.scenarios) {
    for (const Change& change : scenario.changes) {
      const auto* path = std::get_if<SetPath>(&change.what);
      if (path == nullptr || path->mode != SetPath::Mode::scenario) continue;
      std::string next = path->from;
      for (std::size_t steps = 0; !next.empty(); ++steps) {
        if (next == scenario.name || steps > study_.scenarios.size()) {
          problems_.error(change.where, fmt::format("scenarios take the path of `{}` from each "
                                                    "other in a circle",
                                                    path->variable));
          return;
        }
        const ScenarioSpec* other = study_.scenario(next);
        next.clear();
        for (const Change& c : other->changes) {
          const auto* theirs = std::get_if<SetPath>(&c.what);
          if (theirs != nullptr && theirs->variable == path->variable &&
              theirs->mode == SetPath::Mode::scenario) {
            next = theirs->from;
          }
        }
      }
    }
  }
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
  std::vector<std::string> needed = study_.exogenous();
  for (const EquationSpec& equation : study_.equations) {
    if (equation.of_path) needed.push_back(equation.target.variable);
  }
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
                      fmt::format("for example {{ path = \"{}\", mode = \"hold\" }}, which "
                                  "modes \"pct\" and \"add\" may follow",
                                  variable));
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
    if (const ConfigValue* split = member.value.find("attribution")) {
      effect.attribution = split->boolean();
    }
    study_.effects.push_back(std::move(effect));
  }
}

void ScenarioReader::read_questions() {
  const ConfigValue* questions = section("questions");
  if (questions == nullptr) return;
  for (const auto& member : questions->members()) {
    check_identifier(member, "questions");
    read_question(member.key, member.value);
  }
}

void ScenarioReader::read_question(const std::string& name, const ConfigValue& table) {
  const std::string path = "questions." + name;
  QuestionSpec question;
  question.name = name;
  question.where = table.where;
  question.label = text(table, "label");
  const ConfigValue *claim = table.find("claim"), *recovery = table.find("recovery");
  if ((claim == nullptr) == (recovery == nullptr)) {
    problems_.error(table.where, path + " asks for a `claim` or for a `recovery`");
    return;
  }
  const std::size_t before = problems_.all().size();
  if (const ConfigValue* scenario = table.find("scenario")) {
    check_known(*scenario, keys("scenarios"), path + ".scenario");
    question.scenario = scenario->string();
  }
  if (claim != nullptr) {
    question.claim_text = claim->string();
    collect([&] {
      question.claim = parse_relation(claim->string(), inside(*claim));
      check_variables(question.claim->left, variable_names(true));
      check_variables(question.claim->right, variable_names(true));
      check_leads(question.claim->left);
      check_leads(question.claim->right);
    });
    Change span;
    if (const ConfigValue* from = table.find("from")) span.from = period(*from, path + ".from");
    if (const ConfigValue* to = table.find("to")) span.to = period(*to, path + ".to");
    read_at(table, path, span);
    question.from = span.from;
    question.to = span.to;
    question.any = text(table, "when") == "any";
    if (question.label.empty()) question.label = question.claim_text;
    if (table.find("solve") != nullptr) read_solve(path, table, question);
  } else {
    check_known(*recovery, endogenous_names(), path + ".recovery");
    question.recovery = recovery->string();
    question.share = number(table, "share", 1);
    question.smooth = static_cast<int>(number(table, "smooth", 1));
    const ConfigValue* reference = table.find("reference");
    if (reference == nullptr) {
      problems_.error(table.where, path + " needs `reference`, the periods of what was normal");
    } else if (const auto [first, last] = range(*reference, path + ".reference"); first && last) {
      question.reference = range_between(*first, *last);
    } else if (problems_.all().size() == before) {
      problems_.error(reference->where, path + ".reference must have both ends");
    }
  }
  if (problems_.all().size() == before) study_.questions.push_back(std::move(question));
}

void ScenarioReader::read_solve(const std::string& path, const ConfigValue& table,
                                QuestionSpec& question) {
  const ConfigValue& solve = *table.find("solve");
  question.solve = solve.string();
  question.probability = number(table, "probability", 0.5);
  const ScenarioSpec* scenario = study_.scenario(question.scenario);
  if (scenario == nullptr) {
    if (table.find("scenario") == nullptr) {
      problems_.error(table.where, path +
                                       " solves for an assumption, but does not say of which "
                                       "scenario");
    }
    return;
  }
  const AssumedDistribution* distribution = nullptr;
  std::vector<std::string> known;
  for (const Change& change : scenario->changes) {
    const auto* assume = std::get_if<Assume>(&change.what);
    if (assume == nullptr) continue;
    known.push_back(assume->name);
    if (assume->name == question.solve) distribution = &assume->distribution;
  }
  if (distribution == nullptr) {
    problems_.error(solve.where,
                    fmt::format("{}.solve is \"{}\", but must be an assumption of scenario `{}`",
                                path, question.solve, question.scenario),
                    known.empty()
                        ? "give the number a name: { assume = \"NAME\", ... } and NAME in "
                          "place of the number"
                        : name_hint(question.solve, known));
    return;
  }
  if (const ConfigValue* between = table.find("between")) {
    question.low = between->items()[0].number();
    question.high = between->items()[1].number();
  } else if (const auto support = distribution->support()) {
    question.low = support->first;
    question.high = support->second;
  } else {
    problems_.error(table.where, fmt::format("{} needs `between`, where to look for `{}`", path,
                                             question.solve));
    return;
  }
  if (!(*question.low < *question.high)) {
    problems_.error(table.where, path + ".between must be rising");
  }
}

}  // namespace amnok
