#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/config/toml.h"
#include "engine/data/evaluate.h"
#include "engine/data/event_table.h"
#include "engine/study/carried_columns.h"
#include "engine/study/counterfactual_reader.h"
#include "engine/study/joint_equations.h"
#include "engine/study/live_reader.h"
#include "engine/study/regime_reader.h"
#include "engine/study/scenario_reader.h"
#include "engine/study/study_reader.h"

namespace amnok {

namespace {

// Everything but scenarios and effects.
class StudyLoader : public StudyReader {
 public:
  StudyLoader(Study& study, const ConfigValue& written, const ConfigValue& readable,
              const PluginList& plugins, ProblemList& problems)
      : StudyReader(study, written, readable, problems),
        written_config_(written),
        readable_config_(readable),
        plugins_(plugins) {}

  void read() {
    read_run();
    read_calendar();
    read_events();
    RegimeReader(study_, written_config_, readable_config_, plugins_, problems_).read();
    read_data();
    read_identities();
    read_models();
    read_path_models();
    read_unrecorded();
    read_checks();
    check_names();
    check_equations();
    check_identity_cycles();
    read_output();
    read_labels();
  }

 private:
  void read_run() {
    const ConfigValue& table = *section("run");
    RunSettings& run = study_.run;
    run.title = text(table, "title");
    run.note = text(table, "note");
    if (const ConfigValue* draws = table.find("draws"))
      run.draws = static_cast<int>(draws->integer());
    if (const ConfigValue* seed = table.find("seed")) {
      run.seed = static_cast<std::uint64_t>(seed->integer());
    }
    if (const ConfigValue* sampling = table.find("sampling")) {
      run.sampling = *parse_sampling(sampling->string());
    }
    if (const ConfigValue* parameters = table.find("parameters")) read_parameters(*parameters);
    if (const ConfigValue* innovations = table.find("innovations")) {
      run.innovations = parse_innovations(innovations->string());
      run.innovations_where = innovations->where;
    }
    if (const ConfigValue* paths = table.find("paths")) read_paths(*paths);
    if (const ConfigValue* draws = table.find("live_draws")) {
      run.live_draws = static_cast<int>(draws->integer());
    }
    if (const ConfigValue* sample = table.find("sample")) {
      run.sample_where = sample->where;
      std::tie(run.sample_first, run.sample_last) = range(*sample, "run.sample");
    }
    if (const ConfigValue* horizon = table.find("horizon")) read_horizon(*horizon);
  }

  void read_parameters(const ConfigValue& parameters) {
    study_.run.parameters_drawn = parameters.string() == "drawn";
    if (study_.run.parameters_drawn) return;
    problems_.warning(parameters.where,
                      "bands leave out how uncertain the coefficients are, and are too narrow: "
                      "run.parameters is \"estimated\"");
  }

  void read_paths(const ConfigValue& paths) {
    RunSettings& run = study_.run;
    run.paths = static_cast<int>(paths.integer());
    run.paths_where = paths.where;
    if (run.paths > run.draws) {
      problems_.error(paths.where, fmt::format("run.paths is {}, but must be at most run.draws, {}",
                                               run.paths, run.draws));
    }
  }

  void read_horizon(const ConfigValue& horizon) {
    RunSettings& run = study_.run;
    if (horizon.is(ConfigValue::Kind::integer)) {
      run.horizon = static_cast<int>(horizon.integer());
      return;
    }
    const std::size_t before = problems_.all().size();
    const auto [first, last] = range(horizon, "run.horizon");
    if (!first || !last) {
      if (problems_.all().size() == before) {
        problems_.error(horizon.where,
                        "run.horizon must have both ends, or be a number of periods");
      }
      return;
    }
    run.horizon = static_cast<int>(*last - *first + 1);
    if (run.sample_last && *first != *run.sample_last + 1) {
      problems_.error(
          horizon.where,
          fmt::format("run.horizon starts in {}, but must start in {}, right after the sample",
                      format_period(*first), format_period(*run.sample_last + 1)));
    }
    if (!run.sample_last) run.sample_last = *first - 1;
  }

  void read_calendar() {
    const ConfigValue* calendar = section("calendar");
    if (calendar == nullptr) return;
    const ConfigValue& file = *calendar->find("file");
    const std::string path =
        (std::filesystem::path(study_.folder) / file.string()).lexically_normal().string();
    try {
      study_.events = amnok::read_events(path, problems_);
      study_.event_files.push_back(path);
    } catch (const InputError& error) {  // an unreadable file
      calendar_known_ = false;
      for (InputProblem problem : error.problems()) {
        if (problem.where.file.empty()) problem.where = file.where;
        problems_.append({problem});
      }
    }
  }

  void read_events() {
    const ConfigValue* events = section("events");
    if (events == nullptr) return;
    for (const auto& member : events->members()) read_event(member.key, member.value);
  }

  void read_event(const std::string& id, const ConfigValue& table) {
    const auto known = std::find_if(study_.events.begin(), study_.events.end(),
                                    [&](const Event& e) { return e.id == id; });
    const bool in_calendar = known != study_.events.end();
    Event event = in_calendar ? *known : Event{};
    event.id = id;
    event.where = table.where;
    bool dated = true;
    const auto date = [&](const char* key) -> std::optional<ParsedDate> {
      const ConfigValue* value = table.find(key);
      if (value == nullptr) return std::nullopt;
      const auto parsed = parse_date(value->string());
      if (!parsed) {
        dated = false;
        problems_.error(value->where, fmt::format("events.{}.{} is \"{}\", but must be a date such "
                                                  "as 2020-01-31",
                                                  id, key, value->string()));
      }
      return parsed;
    };
    if (const auto start = date("start")) event.start = start->first;
    if (text(table, "end") == "open") {
      event.end.reset();
    } else if (const auto end = date("end")) {
      event.end = end->last;
    }
    if (table.find("start") == nullptr && !in_calendar) {
      dated = false;
      if (calendar_known_) {
        problems_.error(
            table.where,
            fmt::format("events.{}.start is missing, and the calendar has no event of that id", id),
            name_hint(id, calendar_ids()));
      }
    }
    if (dated && event.end && *event.end < event.start) {
      const ConfigValue* end = table.find("end");
      problems_.error(end != nullptr ? end->where : table.where,
                      fmt::format("event \"{}\" ends on {}, but must end after it starts, on {}",
                                  id, format_date(*event.end), format_date(event.start)));
    }
    if (!text(table, "label").empty()) event.label = text(table, "label");
    if (!text(table, "kind").empty()) event.kind = text(table, "kind");
    if (!text(table, "direction").empty()) event.direction = text(table, "direction");
    if (!text(table, "source").empty()) event.source = text(table, "source");
    if (const ConfigValue* over = table.find("over")) {
      event.phase_out = static_cast<int>(over->integer());
    }
    if (const ConfigValue* remaining = table.find("remaining")) {
      event.remaining = remaining->number();
    }
    if (event.label.empty()) event.label = event.id;
    if (in_calendar) {
      *known = event;
    } else {
      study_.events.push_back(event);
    }
    study_.event_settings.push_back(
        {id, in_calendar, text(table, "reason"), text(table, "source"), table.where});
  }

  std::vector<std::string> calendar_ids() const {
    std::vector<std::string> ids;
    for (const Event& event : study_.events) ids.push_back(event.id);
    return ids;
  }

  void read_data() {
    const ConfigValue* data = section("data");
    if (data == nullptr) return;
    for (const auto& member : data->members()) {
      check_identifier(member, "data");
      study_.data.push_back(make_series_source(member.key, member.value, study_.folder, problems_));
    }
  }

  void read_identities() {
    const ConfigValue* identities = section("identities");
    if (identities == nullptr) return;
    for (const auto& member : identities->members()) {
      check_identifier(member, "identities");
      const bool table = member.value.is(ConfigValue::Kind::table);
      const ConfigValue& expression = table ? *member.value.find("expression") : member.value;
      IdentitySpec identity;
      identity.name = member.key;
      if (table) {
        identity.label = text(member.value, "label");
        identity.unit = text(member.value, "unit");
        identity.kind = parse_series_kind(text(member.value, "kind"));
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
      check_identifier(member, "models");
      const Plugin* plugin = find_plugin(plugins_, text(member.value, "plugin"));
      AMNOK_CHECK(plugin != nullptr, "plugin {}", text(member.value, "plugin"));
      if (has_targets(*plugin)) {
        read_joint(member, *plugin);
      } else {
        study_.equations.push_back(read_equation(member.key, member.value, *plugin, problems_));
      }
    }
  }

  void read_joint(const ConfigValue::Member& member, const Plugin& plugin) {
    for (EquationSpec& equation :
         read_joint_equations(member.key, member.value, plugin, problems_)) {
      const std::vector<std::string> tables = keys("models");
      if (equation.name != member.key &&
          std::find(tables.begin(), tables.end(), equation.name) != tables.end()) {
        problems_.error(equation.options.where("target"),
                        fmt::format("models.{0} makes an equation `{1}`, but there is a table "
                                    "models.{1} too",
                                    member.key, equation.name),
                        "equations of several targets are called by their series: give the other "
                        "table another name");
      }
      study_.equations.push_back(std::move(equation));
    }
  }

  void read_unrecorded() {
    const ConfigValue* unrecorded = section("unrecorded");
    if (unrecorded == nullptr) return;
    for (const auto& member : unrecorded->members()) {
      const std::string path = "unrecorded." + member.key;
      const std::vector<std::string> known = endogenous_names();
      if (std::find(known.begin(), known.end(), member.key) == known.end()) {
        problems_.error(
            member.key_where,
            fmt::format("{} names `{}`, which no equation or identity explains", path, member.key),
            name_hint(member.key, known));
        continue;
      }
      UnrecordedSpec spec;
      spec.variable = member.key;
      spec.name = member.key + "_with_unrecorded";
      spec.factor = member.key + "_unrecorded_factor";
      spec.event = text(member.value, "event");
      spec.reason = text(member.value, "reason");
      spec.source = text(member.value, "source");
      spec.where = member.value.where;
      spec.stays.kind = AssumedDistribution::Kind::point;
      spec.stays.mean = 1;
      const auto multiplier =
          read_distribution(*member.value.find("multiplier"), path + ".multiplier");
      if (!multiplier) continue;
      spec.multiplier = *multiplier;
      if (const ConfigValue* stays = member.value.find("stays")) {
        if (spec.event.empty()) {
          problems_.error(stays->where, path + ".stays needs `event`, while which it stays");
        }
        if (const auto read = read_distribution(*stays, path + ".stays")) spec.stays = *read;
      }
      if (const ConfigValue* event = member.value.find("event"); event && calendar_known_) {
        check_known(*event, event_ids(), path + ".event");
      }
      IdentitySpec identity;
      identity.name = spec.name;
      identity.label = text(member.value, "label").empty()
                           ? study_.label(member.key) + ", with unrecorded trade"
                           : text(member.value, "label");
      identity.unit = text(member.value, "unit");
      identity.kind = study_.is_flow(member.key) ? SeriesKind::flow : SeriesKind::unknown;
      identity.expression =
          parse_expression(spec.variable + " * " + spec.factor, member.value.where);
      study_.identities.push_back(std::move(identity));
      study_.unrecorded.push_back(std::move(spec));
    }
  }

  // A path with mode = "model" is an equation of the series, which other scenarios may fix.
  void read_path_models() {
    const ConfigValue* scenarios = section("scenarios");
    if (scenarios == nullptr) return;
    for (const auto& member : scenarios->members()) {
      const ConfigValue* changes = member.value.find("changes");
      if (changes == nullptr) continue;
      for (const ConfigValue& change : changes->items()) {
        const ConfigValue* variable = change.find("path");
        if (variable != nullptr && text(change, "mode") == "model") {
          add_path_model(variable->string(), change, "scenarios." + member.key);
        }
      }
    }
  }

  void add_path_model(const std::string& variable, const ConfigValue& change,
                      const std::string& path) {
    const std::string name = text(change, "model").empty() ? "arima" : text(change, "model");
    const Plugin* plugin = find_plugin(plugins_, name);
    if (plugin == nullptr) {
      std::vector<std::string> names;
      for (const Plugin& p : plugins_) names.push_back(p.name);
      problems_.error(change.find("model")->where,
                      fmt::format("{}.model is \"{}\", which is no plugin", path, name),
                      name_hint(name, names));
      return;
    }
    if (has_targets(*plugin)) {
      problems_.error(
          change.find("model")->where,
          fmt::format("{}.model is \"{}\", but must be a plugin that explains one series", path,
                      name));
      return;
    }
    const auto same = std::find_if(
        study_.equations.begin(), study_.equations.end(),
        [&](const EquationSpec& e) { return e.of_path && e.target.variable == variable; });
    const std::string target = text(change, "target").empty() ? variable : text(change, "target");
    if (same != study_.equations.end()) {
      if (same->plugin != name || same->options.string("target") != target) {
        problems_.error(
            change.where,
            fmt::format("`{}` is forecast by {} of {} in one scenario and by {} of {} in "
                        "another",
                        variable, same->plugin, same->options.string("target"), name, target),
            "one model serves all scenarios");
      }
      return;
    }
    ConfigValue table;
    table.where = change.where;
    const auto add = [&](const char* key, const std::string& value) {
      ConfigValue text(value);
      text.where = change.where;
      table.add({key, change.where, std::move(text)});
    };
    add("plugin", name);
    add("target", target);
    ProblemList found;
    check_schema(table, plugin->schema, path, found);
    if (found.has_errors()) {
      problems_.append(found.all());
      return;
    }
    EquationSpec equation = read_equation(variable, table, *plugin, problems_);
    equation.of_path = true;
    if (equation.target.variable != variable) {
      problems_.error(change.where, fmt::format("{}.target is `{}`, but must be a form of `{}`",
                                                path, target, variable));
      return;
    }
    study_.equations.push_back(std::move(equation));
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
            check_known(item, keys("data"), "checks.trusted");
          }
        }
        check.warning = text(table, "severity") == "warning";
        check.label = text(table, "label");
        check.where = identity.where;
        study_.checks.push_back(std::move(check));
      });
    }
  }

  void check_names() {
    const std::vector<std::string> data = keys("data"), all = variable_names(true);
    for (const IdentitySpec& identity : study_.identities) {
      if (calendar_known_) collect([&] { check_variables(identity.expression, all); });
      collect([&] { check_leads(identity.expression); });
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
  }

  // Targets of a system are its regressors as well: what is wrong with one is said once.
  static std::vector<std::string> with_targets(std::vector<std::string> names,
                                               const EquationSpec& equation) {
    if (!is_joint(equation)) return names;
    for (const Expression& target : joint_targets(equation)) {
      names.insert(names.end(), target.variables().begin(), target.variables().end());
    }
    return names;
  }

  void check_equations() {
    const std::vector<std::string> data = keys("data"), all = variable_names(true);
    std::set<std::string> targets;
    for (const EquationSpec& equation : study_.equations) {
      const ConfigValue& target = equation.options.get("target");
      const std::string& variable = equation.target.variable;
      if (!variable.empty() && std::find(data.begin(), data.end(), variable) == data.end()) {
        const std::string option =
            is_joint(equation) ? "targets" : fmt::format("models.{}.target", equation.name);
        problems_.error(
            target.where,
            fmt::format("{} names `{}`, which is not a series of [data]", option, variable),
            name_hint(variable, data));
      }
      if (!variable.empty() && !targets.insert(variable).second) {
        problems_.error(target.where, fmt::format("`{}` is explained by two equations", variable));
      }
      const std::vector<std::string> known = with_targets(all, equation);
      for (const Expression& regressor : equation.regressors) {
        if (calendar_known_) collect([&] { check_variables(regressor, known); });
        collect([&] { check_leads(regressor); });
        if (regressor.uses_now(variable)) {
          problems_.error(regressor.where(),
                          fmt::format("models.{} explains `{}` by its own value of the "
                                      "same period",
                                      equation.name, variable));
        }
      }
      collect([&] {
        for (const CarriedColumn& column : carried_columns(equation)) {
          if (calendar_known_) check_variables(column.expression, known);
        }
      });
      check_interventions(equation);
    }
  }

  void check_interventions(const EquationSpec& equation) {
    const std::vector<std::string> ids = event_ids();
    std::set<std::pair<std::string, EventShape>> seen;
    for (const Intervention& intervention : equation.interventions) {
      const bool known = std::find(ids.begin(), ids.end(), intervention.event) != ids.end();
      if (!known && calendar_known_) {
        problems_.error(intervention.where,
                        fmt::format("models.{}: event \"{}\" is not in the calendar or [events]",
                                    equation.name, intervention.event),
                        name_hint(intervention.event, ids));
      }
      if (!seen.emplace(intervention.event, intervention.shape).second) {
        problems_.error(
            intervention.where,
            fmt::format("models.{}: event \"{}\" stands twice with the shape {}", equation.name,
                        intervention.event, shape_name(intervention.shape)),
            "further lags of its effect are numerator = 1, 2, ...");
      }
    }
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

  void read_output() {
    const ConfigValue* output = section("output");
    if (output == nullptr) return;
    if (const ConfigValue* uncertainty = output->find("uncertainty")) {
      study_.output.uncertainty = uncertainty->boolean();
    }
    if (const ConfigValue* claims = output->find("claims")) {
      study_.output.claims =
          (std::filesystem::path(study_.folder) / claims->string()).lexically_normal().string();
      std::error_code error;
      if (!std::filesystem::is_regular_file(study_.output.claims, error)) {
        problems_.error(claims->where,
                        fmt::format("output.claims is \"{}\", but must be a file; there is none",
                                    claims->string()));
      }
    }
    if (const ConfigValue* variables = output->find("variables")) {
      for (const ConfigValue& item : variables->items()) {
        check_known(item, endogenous_names(), "output.variables");
        study_.output.variables.push_back(item.string());
      }
    }
  }

  void read_labels() {
    const ConfigValue* labels = section("labels");
    if (labels == nullptr) return;
    for (const auto& member : labels->members()) {
      study_.output.labels[member.key] = member.value.string();
    }
  }

  const ConfigValue& written_config_;
  const ConfigValue& readable_config_;
  const PluginList& plugins_;
  bool calendar_known_ = true;  // false: its file cannot be read, so any event may be in it
};

}  // namespace

Study read_study(const std::string& file, const PluginList& plugins, ProblemList& problems) {
  Study study;
  study.file = file;
  study.folder = std::filesystem::path(file).parent_path().string();
  study.text = read_file(file);
  const ConfigValue written = parse_toml(study.text, file, problems);
  problems.throw_if_errors();
  const Schema& schema = config_schema(plugins);
  check_schema(written, schema, "", problems);
  // The run's own table is read even when a required key is missing; the frequency alone is needed
  // to read any date.
  ConfigValue readable = readable_part(written, schema);
  const ConfigValue* run = written.find("run");
  const ConfigValue* frequency = run != nullptr ? run->find("frequency") : nullptr;
  const bool text = frequency != nullptr && frequency->is(ConfigValue::Kind::string);
  const auto parsed = text ? parse_frequency(frequency->string()) : std::nullopt;
  if (!parsed) {
    problems.throw_if_errors();
    throw InputError(fmt::format("{} has no [run] with a frequency", file));
  }
  study.run.frequency = *parsed;
  if (readable.find("run") == nullptr) {
    const Option& option = *schema.find("run");
    readable.add({"run", run->where, readable_part(*run, *option.types[0].table)});
  }
  StudyLoader(study, written, readable, plugins, problems).read();
  ScenarioReader(study, written, readable, problems).read();
  CounterfactualReader(study, written, readable, plugins, problems).read();
  LiveReader(study, written, readable, problems).read();
  return study;
}

Study load_study(const std::string& file, const PluginList& plugins) {
  ProblemList problems;
  Study study = read_study(file, plugins, problems);
  problems.throw_if_errors();
  study.warnings = problems.all();
  return study;
}

}  // namespace amnok
