#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/config/toml.h"
#include "engine/data/evaluate.h"
#include "engine/data/event_table.h"
#include "engine/scenario/study.h"

namespace amnok {

namespace {

// Where a string's contents begin, for expressions inside it.
SourceRange inside(const ConfigValue& value) {
  return value.where.sub_range(1, 1);
}

Amount parse_amount(const ConfigValue& value) {
  if (value.is_number()) return {value.number(), false};
  const std::string_view text = trim(value.string());
  return {*parse_double(trim(text.substr(0, text.size() - 1))), true};
}

class StudyLoader {
 public:
  StudyLoader(const std::string& file, const PluginList& plugins) : plugins_(plugins) {
    study_.file = file;
    study_.folder = std::filesystem::path(file).parent_path().string();
  }

  Study load() {
    study_.text = read_file(study_.file);
    const ConfigValue root = parse_toml(study_.text, study_.file, problems_);
    problems_.throw_if_errors();
    check_schema(root, config_schema(plugins_), "", problems_);
    problems_.throw_if_errors();
    root_ = &root;
    read_run();
    problems_.throw_if_errors();  // the frequency is needed to read any date
    read_events();
    read_data();
    read_identities();
    read_models();
    read_checks();
    check_names();
    read_scenarios();
    read_effects();
    read_output();
    problems_.throw_if_errors();
    study_.warnings = problems_.all();
    return std::move(study_);
  }

 private:
  const ConfigValue* section(std::string_view name) const { return root_->find(name); }

  static std::string text(const ConfigValue& table, std::string_view key) {
    const ConfigValue* value = table.find(key);
    return value != nullptr ? value->string() : std::string();
  }

  // Runs `read` and keeps what it throws.
  template <class Read>
  void collect(const Read& read) {
    try {
      read();
    } catch (const InputError& error) {
      problems_.append(error.problems());
    }
  }

  std::optional<Period> period(const ConfigValue& value, const std::string& path) {
    const auto parsed = parse_period(value.string(), study_.run.frequency);
    if (!parsed) {
      problems_.error(
          value.where,
          fmt::format("{} is \"{}\", but must be a period of the {} run, such as {}", path,
                      value.string(), frequency_name(study_.run.frequency), example()));
    }
    return parsed;
  }

  std::string example() const {
    if (study_.run.frequency == Frequency::undated) return "17";
    return format_period(period_of({2022, 9, 5}, study_.run.frequency));
  }

  // "a..b", "..b", "a.." or "a"; the ends that are there.
  std::pair<std::optional<Period>, std::optional<Period>> range(const ConfigValue& value,
                                                                const std::string& path) {
    const std::string& text = value.string();
    const auto dots = text.find("..");
    const auto part = [&](std::string_view piece) -> std::optional<Period> {
      piece = trim(piece);
      if (piece.empty()) return std::nullopt;
      const auto parsed = parse_period(piece, study_.run.frequency);
      if (!parsed) {
        problems_.error(
            value.where,
            fmt::format("{} is \"{}\", but must be a range of {} periods such as {}..{}", path,
                        text, frequency_name(study_.run.frequency), example(), example()));
      }
      return parsed;
    };
    if (dots == std::string::npos) {
      const auto single = part(text);
      return {single, single};
    }
    const std::string_view view = text;
    auto result = std::pair(part(view.substr(0, dots)), part(view.substr(dots + 2)));
    if (result.first && result.second && *result.second < *result.first) {
      problems_.error(value.where,
                      fmt::format("{} is \"{}\", but must end after it starts", path, text));
    }
    return result;
  }

  void read_run() {
    const ConfigValue& table = *section("run");
    RunSettings& run = study_.run;
    run.title = text(table, "title");
    run.note = text(table, "note");
    run.frequency = *parse_frequency(text(table, "frequency"));
    if (const ConfigValue* draws = table.find("draws"))
      run.draws = static_cast<int>(draws->integer());
    if (const ConfigValue* seed = table.find("seed")) {
      run.seed = static_cast<std::uint64_t>(seed->integer());
    }
    if (const ConfigValue* sample = table.find("sample")) {
      std::tie(run.sample_first, run.sample_last) = range(*sample, "run.sample");
    }
    const ConfigValue* horizon = table.find("horizon");
    if (horizon == nullptr) return;
    if (horizon->is(ConfigValue::Kind::integer)) {
      run.horizon = static_cast<int>(horizon->integer());
      return;
    }
    const auto [first, last] = range(*horizon, "run.horizon");
    if (!first || !last) {
      if (!problems_.has_errors()) {
        problems_.error(horizon->where,
                        "run.horizon must have both ends, or be a number of periods");
      }
      return;
    }
    run.horizon_last = last;
    run.horizon = static_cast<int>(*last - *first + 1);
    if (run.sample_last && *first != *run.sample_last + 1) {
      problems_.error(
          horizon->where,
          fmt::format("run.horizon starts in {}, but must start in {}, right after the sample",
                      format_period(*first), format_period(*run.sample_last + 1)));
    }
    if (!run.sample_last) run.sample_last = *first - 1;
  }

  void read_events() {
    if (const ConfigValue* calendar = section("calendar")) {
      const ConfigValue& file = *calendar->find("file");
      const std::string path =
          (std::filesystem::path(study_.folder) / file.string()).lexically_normal().string();
      study_.event_files.push_back(path);
      try {
        study_.events = amnok::read_events(path, problems_);
      } catch (const InputError& error) {
        problems_.error(file.where, error.what());
      }
    }
    const ConfigValue* events = section("events");
    if (events == nullptr) return;
    for (const auto& member : events->members()) {
      auto known = std::find_if(study_.events.begin(), study_.events.end(),
                                [&](const Event& e) { return e.id == member.key; });
      Event event = known != study_.events.end() ? *known : Event{};
      event.id = member.key;
      event.where = member.value.where;
      const ConfigValue& table = member.value;
      const auto date = [&](const char* key) -> std::optional<ParsedDate> {
        const ConfigValue* value = table.find(key);
        if (value == nullptr) return std::nullopt;
        const auto parsed = parse_date(value->string());
        if (!parsed) {
          problems_.error(value->where,
                          fmt::format("events.{}.{} is \"{}\", but must be a date such as "
                                      "2020-01-31",
                                      member.key, key, value->string()));
        }
        return parsed;
      };
      if (const auto start = date("start")) event.start = start->first;
      if (text(table, "end") == "open") {
        event.end.reset();
      } else if (const auto end = date("end")) {
        event.end = end->last;
      }
      if (table.find("start") == nullptr && known == study_.events.end()) {
        problems_.error(table.where,
                        fmt::format("events.{}.start is missing, and the calendar has no "
                                    "event of that id",
                                    member.key));
      }
      if (!text(table, "label").empty()) event.label = text(table, "label");
      if (!text(table, "kind").empty()) event.kind = text(table, "kind");
      if (!text(table, "direction").empty()) event.direction = text(table, "direction");
      if (!text(table, "source").empty()) event.source = text(table, "source");
      if (const ConfigValue* over = table.find("over")) {
        event.phase_out = static_cast<int>(over->integer());
      }
      if (const ConfigValue* remaining = table.find("remaining"))
        event.remaining = remaining->number();
      if (event.label.empty()) event.label = event.id;
      if (known != study_.events.end()) {
        *known = event;
      } else {
        study_.events.push_back(event);
      }
    }
  }

  void read_data() {
    const ConfigValue* data = section("data");
    if (data == nullptr) return;
    for (const auto& member : data->members()) {
      check_identifier(member);
      study_.data.push_back(make_series_source(member.key, member.value, study_.folder, problems_));
    }
  }

  // Names are used in expressions.
  void check_identifier(const ConfigValue::Member& member) {
    bool fits = !member.key.empty() && !std::isdigit(static_cast<unsigned char>(member.key[0]));
    for (char c : member.key)
      fits = fits && (std::isalnum(static_cast<unsigned char>(c)) || c == '_');
    if (!fits) {
      problems_.error(member.key_where,
                      fmt::format("`{}` cannot be used in expressions: a name has "
                                  "letters, digits and _ only",
                                  member.key));
    }
  }

  void read_identities() {
    const ConfigValue* identities = section("identities");
    if (identities == nullptr) return;
    for (const auto& member : identities->members()) {
      check_identifier(member);
      const bool table = member.value.is(ConfigValue::Kind::table);
      const ConfigValue& expression = table ? *member.value.find("expression") : member.value;
      IdentitySpec identity;
      identity.name = member.key;
      if (table) {
        identity.label = text(member.value, "label");
        identity.unit = text(member.value, "unit");
      }
      collect([&] {
        identity.expression = parse_expression(expression.string(), inside(expression));
        study_.identities.push_back(identity);
      });
    }
  }

  void read_models() {
    const ConfigValue* models = section("models");
    if (models == nullptr) return;
    for (const auto& member : models->members()) {
      const Plugin* plugin = find_plugin(plugins_, text(member.value, "plugin"));
      AMNOK_CHECK(plugin != nullptr, "plugin {}", text(member.value, "plugin"));
      study_.equations.push_back(read_equation(member.key, member.value, *plugin, problems_));
    }
  }

  void read_checks() {
    const ConfigValue* checks = section("checks");
    if (checks == nullptr) return;
    for (const ConfigValue& table : checks->items()) {
      collect([&] {
        const ConfigValue& identity = *table.find("identity");
        IdentityCheck check;
        check.text = identity.string();
        check.relation = parse_relation(identity.string(), inside(identity));
        if (const ConfigValue* tolerance = table.find("tolerance")) {
          const Amount amount = parse_amount(*tolerance);
          check.absolute = !amount.percent;
          check.tolerance = amount.percent ? amount.value / 100 : amount.value;
        }
        if (const ConfigValue* at = table.find("at")) {
          const auto [first, last] = range(*at, "checks.at");
          if (first && last) check.at = range_between(*first, *last);
        }
        if (const ConfigValue* trusted = table.find("trusted")) {
          for (const ConfigValue& item : trusted->items()) {
            check.trusted.push_back(item.string());
            check_known(item, data_names(), "checks.trusted");
          }
        }
        check.warning = text(table, "severity") == "warning";
        check.label = text(table, "label");
        check.where = identity.where;
        study_.checks.push_back(std::move(check));
      });
    }
  }

  std::vector<std::string> data_names() const {
    std::vector<std::string> names;
    for (const SeriesSource& source : study_.data) names.push_back(source.name);
    return names;
  }

  std::vector<std::string> event_ids() const {
    std::vector<std::string> ids;
    for (const Event& event : study_.events) ids.push_back(event.id);
    return ids;
  }

  std::vector<std::string> variable_names(bool with_events) const {
    std::vector<std::string> names = data_names();
    for (const IdentitySpec& identity : study_.identities) names.push_back(identity.name);
    if (with_events) {
      const std::vector<std::string> ids = event_ids();
      names.insert(names.end(), ids.begin(), ids.end());
    }
    return names;
  }

  void check_known(const ConfigValue& value, const std::vector<std::string>& known,
                   const std::string& path) {
    if (std::find(known.begin(), known.end(), value.string()) == known.end()) {
      problems_.error(value.where,
                      fmt::format("{} is \"{}\", which is not defined", path, value.string()),
                      name_hint(value.string(), known));
    }
  }

  void check_names() {
    const std::vector<std::string> data = data_names(), all = variable_names(true);
    for (const IdentitySpec& identity : study_.identities) {
      collect([&] { check_variables(identity.expression, all); });
      if (std::find(data.begin(), data.end(), identity.name) != data.end()) {
        problems_.error(
            identity.expression.where(),
            fmt::format("identities.{0} has the name of a series: data.{0}", identity.name));
      }
    }
    for (const IdentityCheck& check : study_.checks) {
      collect([&] { check_variables(check.relation.left, data); });
      collect([&] { check_variables(check.relation.right, data); });
    }
    std::set<std::string> targets;
    for (const EquationSpec& equation : study_.equations) {
      const ConfigValue& target = equation.options.get("target");
      if (std::find(data.begin(), data.end(), equation.target.variable) == data.end()) {
        problems_.error(target.where,
                        fmt::format("models.{}.target names `{}`, which is not a series of [data]",
                                    equation.name, equation.target.variable),
                        name_hint(equation.target.variable, data));
      }
      if (!targets.insert(equation.target.variable).second) {
        problems_.error(target.where, fmt::format("`{}` is explained by two equations",
                                                  equation.target.variable));
      }
      for (const Expression& regressor : equation.regressors) {
        collect([&] { check_variables(regressor, all); });
        if (regressor.uses_now(equation.target.variable)) {
          problems_.error(regressor.where(),
                          fmt::format("models.{} explains `{}` by its own value of the "
                                      "same period",
                                      equation.name, equation.target.variable));
        }
      }
      for (const Intervention& intervention : equation.interventions) {
        if (study_.event(intervention.event) != nullptr) continue;
        problems_.error(intervention.where,
                        fmt::format("models.{}: event \"{}\" is not in the calendar or [events]",
                                    equation.name, intervention.event),
                        name_hint(intervention.event, event_ids()));
      }
    }
    check_identity_cycles();
  }

  // Identities may use each other, but not in a circle within one period.
  void check_identity_cycles() {
    std::set<std::string> done;
    std::vector<std::string> path;
    const auto visit = [&](const auto& self, const IdentitySpec& identity) -> void {
      if (done.contains(identity.name)) return;
      const auto open = std::find(path.begin(), path.end(), identity.name);
      if (open != path.end()) {
        std::vector<std::string> circle(open, path.end());
        circle.push_back(identity.name);
        problems_.error(
            identity.expression.where(),
            fmt::format("identities define each other in a circle: {}", join(circle, " -> ")));
        done.insert(circle.begin(), circle.end());
        return;
      }
      path.push_back(identity.name);
      for (const IdentitySpec& other : study_.identities) {
        if (identity.expression.uses_now(other.name)) self(self, other);
      }
      path.pop_back();
      done.insert(identity.name);
    };
    for (const IdentitySpec& identity : study_.identities) visit(visit, identity);
  }

  void read_scenarios() {
    const ConfigValue* scenarios = section("scenarios");
    if (scenarios == nullptr) return;
    for (const auto& member : scenarios->members()) {
      ScenarioSpec scenario;
      scenario.name = member.key;
      scenario.where = member.value.where;
      scenario.label =
          text(member.value, "label").empty() ? member.key : text(member.value, "label");
      scenario.extends = text(member.value, "extends");
      scenario.note = text(member.value, "note");
      if (const ConfigValue* p = member.value.find("probability"))
        scenario.probability = p->number();
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
    check_probabilities(*scenarios);
    if (!problems_.has_errors()) check_paths();
  }

  std::optional<Change> read_change(const ConfigValue& table, const std::string& path) {
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
    const auto number = [&](std::string_view key, double fallback) {
      const ConfigValue* value = table.find(key);
      return value != nullptr ? value->number() : fallback;
    };
    const auto values = [&](bool percent_allowed) {
      std::vector<Amount> result;
      const ConfigValue* value = table.find("value");
      if (value == nullptr) return result;
      if (value->is(ConfigValue::Kind::array)) {
        for (const ConfigValue& item : value->items()) result.push_back({item.number(), false});
      } else {
        result.push_back(parse_amount(*value));
      }
      if (result[0].percent && !percent_allowed) {
        problems_.error(value->where, path + ".value is in per cent, but must be a number here");
      }
      return result;
    };
    const auto plain = [](const std::vector<Amount>& amounts) {
      std::vector<double> result;
      for (const Amount& a : amounts) result.push_back(a.value);
      return result;
    };
    if (const ConfigValue* id = table.find("end_event")) {
      check_known(*id, event_ids(), path + ".end_event");
      const auto at = period(*table.find("at"), path + ".at");
      if (!at) return std::nullopt;
      change.what =
          EndEvent{id->string(), *at, static_cast<int>(number("over", 0)), number("remaining", 0)};
      if (change.type.empty()) change.type = "policy";
    } else if (const ConfigValue* started = table.find("start_event")) {
      check_known(*started, event_ids(), path + ".start_event");
      const auto at = period(*table.find("at"), path + ".at");
      if (!at) return std::nullopt;
      StartEvent what{started->string(), *at, std::nullopt, number("intensity", 1)};
      if (const ConfigValue* until = table.find("until"))
        what.until = period(*until, path + ".until");
      change.what = what;
      if (change.type.empty()) change.type = "policy";
    } else if (const ConfigValue* variable = table.find("path")) {
      return read_path(table, *variable, path, plain(values(true)), std::move(change));
    } else if (const ConfigValue* equation = table.find("add_factor")) {
      check_equation(*equation, path + ".add_factor");
      change.what = AddFactor{equation->string(), values(true)};
    } else if (const ConfigValue* fixed = table.find("fix")) {
      if (!study_.is_target(fixed->string())) {
        problems_.error(fixed->where,
                        fmt::format("{}.fix is \"{}\", but must be a variable with an equation",
                                    path, fixed->string()));
      }
      change.what = FixPath{fixed->string(), plain(values(false))};
    } else if (const ConfigValue* parameter = table.find("parameter")) {
      return read_parameter(table, *parameter, path, std::move(change));
    }
    if (change.type.empty()) change.type = "judgement";
    return change;
  }

  std::optional<Change> read_path(const ConfigValue& table, const ConfigValue& variable,
                                  const std::string& path, std::vector<double> values,
                                  Change change) {
    check_known(variable, data_names(), path + ".path");
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
    what.values = std::move(values);
    if (what.values.empty() != (what.mode == SetPath::Mode::hold)) {
      problems_.error(
          table.where,
          what.values.empty() ? fmt::format("{}: mode \"{}\" needs a value", path, mode)
                              : path + ": mode \"hold\" takes no value",
          what.values.empty() ? "" : "say mode = \"level\", \"growth\", \"pct\" or \"add\"");
    }
    change.what = std::move(what);
    if (change.type.empty()) change.type = "data";
    return change;
  }

  std::optional<Change> read_parameter(const ConfigValue& table, const ConfigValue& parameter,
                                       const std::string& path, Change change) {
    const std::string& name = parameter.string();
    const auto dot = name.find('.');
    ChangeParameter what;
    what.equation = name.substr(0, dot);
    what.parameter = dot == std::string::npos ? "" : name.substr(dot + 1);
    const auto equation =
        std::find_if(study_.equations.begin(), study_.equations.end(),
                     [&](const EquationSpec& e) { return e.name == what.equation; });
    if (equation == study_.equations.end() || what.parameter.empty()) {
      std::vector<std::string> names;
      for (const EquationSpec& e : study_.equations) names.push_back(e.name);
      problems_.error(
          parameter.where,
          fmt::format("{}.parameter is \"{}\", but must be EQUATION.COEFFICIENT", path, name),
          name_hint(what.equation, names));
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
    if (change.type.empty()) change.type = "judgement";
    return change;
  }

  void check_equation(const ConfigValue& value, const std::string& path) {
    std::vector<std::string> names;
    for (const EquationSpec& equation : study_.equations) names.push_back(equation.name);
    check_known(value, names, path);
  }

  void resolve_inheritance(const ConfigValue& table) {
    std::vector<std::string> names;
    for (const ScenarioSpec& scenario : study_.scenarios) names.push_back(scenario.name);
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
        if (base == study_.scenarios.end()) {
          const ConfigValue* entry = table.find(scenario.name);
          problems_.error(entry->find("extends")->where,
                          fmt::format("scenarios.{}.extends is \"{}\", which is not a scenario",
                                      scenario.name, scenario.extends),
                          name_hint(scenario.extends, names));
        } else {
          self(self, *base);
          scenario.changes = base->changes;
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

  void check_probabilities(const ConfigValue& table) {
    double sum = 0;
    std::vector<std::string> missing;
    for (const ScenarioSpec& scenario : study_.scenarios) {
      if (scenario.probability) {
        sum += *scenario.probability;
      } else {
        missing.push_back(scenario.name);
      }
    }
    if (missing.size() == study_.scenarios.size()) return;
    if (!missing.empty()) {
      problems_.error(table.where,
                      fmt::format("scenarios with a probability need one for all: {} have none",
                                  join(missing, ", ")));
    } else if (std::fabs(sum - 1) > 1e-6) {
      problems_.error(table.where,
                      fmt::format("the probabilities of the scenarios sum to {}, but must sum "
                                  "to 1",
                                  format_significant(sum, 6)));
    }
  }

  // Every exogenous variable has a path in every scenario.
  void check_paths() {
    const std::vector<std::string> needed = study_.exogenous();
    for (const ScenarioSpec& scenario : study_.scenarios) {
      for (const std::string& variable : needed) {
        const bool given = std::any_of(
            scenario.changes.begin(), scenario.changes.end(), [&](const Change& change) {
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

  void read_effects() {
    const ConfigValue* effects = section("effects");
    if (effects == nullptr) return;
    std::vector<std::string> names;
    for (const ScenarioSpec& scenario : study_.scenarios) names.push_back(scenario.name);
    for (const auto& member : effects->members()) {
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
          check_known(item, study_.endogenous(), "effects.variables");
          effect.variables.push_back(item.string());
        }
      }
      study_.effects.push_back(std::move(effect));
    }
  }

  void read_output() {
    const ConfigValue* output = section("output");
    if (output == nullptr) return;
    if (const ConfigValue* variables = output->find("variables")) {
      for (const ConfigValue& item : variables->items()) {
        check_known(item, study_.endogenous(), "output.variables");
        study_.output.variables.push_back(item.string());
      }
    }
  }

  const PluginList& plugins_;
  ProblemList problems_;
  Study study_;
  const ConfigValue* root_ = nullptr;
};

}  // namespace

const Event* Study::event(std::string_view id) const {
  for (const Event& e : events) {
    if (e.id == id) return &e;
  }
  return nullptr;
}

const ScenarioSpec* Study::scenario(std::string_view name) const {
  for (const ScenarioSpec& s : scenarios) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

bool Study::is_data(std::string_view name) const {
  return std::any_of(data.begin(), data.end(), [&](const auto& s) { return s.name == name; });
}

bool Study::is_target(std::string_view name) const {
  return std::any_of(equations.begin(), equations.end(),
                     [&](const auto& e) { return e.target.variable == name; });
}

bool Study::is_identity(std::string_view name) const {
  return std::any_of(identities.begin(), identities.end(),
                     [&](const auto& i) { return i.name == name; });
}

std::vector<std::string> Study::endogenous() const {
  std::vector<std::string> names;
  for (const EquationSpec& equation : equations) names.push_back(equation.target.variable);
  for (const IdentitySpec& identity : identities) names.push_back(identity.name);
  return names;
}

std::vector<std::string> Study::exogenous() const {
  std::vector<std::string> names;
  const auto use = [&](const Expression& expression) {
    for (const std::string& name : expression.variables()) {
      const bool known = std::find(names.begin(), names.end(), name) != names.end();
      if (!known && is_data(name) && !is_target(name)) names.push_back(name);
    }
  };
  for (const EquationSpec& equation : equations) {
    for (const Expression& regressor : equation.regressors) use(regressor);
  }
  for (const IdentitySpec& identity : identities) use(identity.expression);
  return names;
}

std::string Study::label(std::string_view variable) const {
  for (const SeriesSource& source : data) {
    if (source.name == variable && !source.label.empty()) return source.label;
  }
  for (const IdentitySpec& identity : identities) {
    if (identity.name == variable && !identity.label.empty()) return identity.label;
  }
  return std::string(variable);
}

Study load_study(const std::string& file, const PluginList& plugins) {
  return StudyLoader(file, plugins).load();
}

}  // namespace amnok
