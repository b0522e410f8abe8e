#include "engine/study/regime_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/data/evaluate.h"

namespace amnok {

void RegimeReader::read() {
  const ConfigValue* regimes = section("regimes");
  if (regimes == nullptr) return;
  for (const auto& member : regimes->members()) read_one(member);
}

void RegimeReader::read_one(const ConfigValue::Member& member) {
  const ConfigValue& table = member.value;
  if (!check_identifier(member, "regimes")) return;
  const ConfigValue& model = *table.find("model");
  const Plugin* plugin = find_plugin(plugins_, text(model, "plugin"));
  AMNOK_CHECK(plugin != nullptr, "plugin {}", text(model, "plugin"));
  const std::string path = "regimes." + member.key;
  RegimeSpec spec{member.key,
                  text(table, "label").empty() ? member.key : text(table, "label"),
                  {},
                  text(table, "dates") != "estimated",
                  read_equation(member.key, model, *plugin, problems_),
                  member.key_where};
  const std::vector<std::string> data = keys("data"), known = variable_names(true);
  const std::string& target = spec.equation.target.variable;
  if (!target.empty() && std::find(data.begin(), data.end(), target) == data.end()) {
    problems_.error(
        model.find("target")->where,
        fmt::format("{}.model.target names `{}`, which is not a series of [data]", path, target),
        name_hint(target, data));
  }
  for (const Expression& regressor : spec.equation.regressors) {
    collect([&] { check_variables(regressor, known); });
  }
  const std::vector<std::string> models = keys("models");
  if (std::find(models.begin(), models.end(), member.key) != models.end()) {
    problems_.error(member.key_where,
                    fmt::format("{} has the name of an equation, models.{}", path, member.key));
  }
  read_events(member, spec);
  study_.regimes.push_back(std::move(spec));
}

void RegimeReader::read_events(const ConfigValue::Member& member, RegimeSpec& spec) {
  const ConfigValue* events = member.value.find("events");
  if (events == nullptr) {
    spec.events = {member.key};
  } else {
    for (const ConfigValue& item : events->items()) spec.events.push_back(item.string());
  }
  const std::vector<std::string> taken = variable_names(true);
  for (const std::string& id : spec.events) {
    if (std::find(taken.begin(), taken.end(), id) != taken.end()) {
      problems_.error(
          events != nullptr ? events->where : member.key_where,
          fmt::format("regimes.{} begins an event `{}`, but a series, an identity or an "
                      "event has that name",
                      spec.name, id));
      continue;
    }
    Event event;
    event.id = id;
    event.label = spec.events.size() == 1 ? spec.label : id;
    event.kind = kRegimeKind;
    event.source = fmt::format("found in {} by {}",
                               spec.equation.target.transform.text(spec.equation.target.variable),
                               spec.equation.plugin);
    event.where = spec.where;
    study_.events.push_back(std::move(event));
  }
}

}  // namespace amnok
