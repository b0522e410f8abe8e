#include "engine/study/live_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/names.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

std::string shown(const LiveSpec& spec, double value, Frequency frequency) {
  if (!is_period(spec.vary)) return format_number(value);
  return format_period({frequency, static_cast<std::int64_t>(value)});
}

}  // namespace

void LiveReader::read() {
  const ConfigValue* sliders = section("live");
  // Changes that could not be read would be missed here without cause.
  if (sliders == nullptr || problems_.has_errors()) return;
  std::size_t i = 0;
  for (const ConfigValue& table : sliders->items()) {
    read_slider(table, fmt::format("live[{}]", ++i));
  }
  check_size();
}

void LiveReader::read_slider(const ConfigValue& table, const std::string& path) {
  LiveSpec spec;
  spec.where = table.where;
  spec.change = text(table, "change");
  spec.vary = *parse_live_field(text(table, "vary"));
  spec.label = text(table, "label");
  if (spec.label.empty()) spec.label = spec.change + ", " + text(table, "vary");
  const ConfigValue& scenario = *table.find("scenario");
  const std::vector<std::string> names = keys("scenarios");
  const auto add = [&](const ConfigValue& value) {
    check_known(value, names, path + ".scenario");
    spec.scenarios.push_back(value.string());
  };
  if (scenario.is(ConfigValue::Kind::array)) {
    for (const ConfigValue& item : scenario.items()) add(item);
  } else {
    add(scenario);
  }
  if (const ConfigValue* points = table.find("points")) {
    spec.points = static_cast<int>(points->integer());
  }
  if (read_range(table, path, spec) && check_home(table, path, spec)) {
    study_.live.push_back(std::move(spec));
  }
}

bool LiveReader::read_range(const ConfigValue& table, const std::string& path, LiveSpec& spec) {
  const auto from = read_end(*table.find("from"), path + ".from", spec.vary);
  const auto to = read_end(*table.find("to"), path + ".to", spec.vary);
  if (!from || !to) return false;
  spec.from = *from;
  spec.to = *to;
  if (spec.from < spec.to) return true;
  problems_.error(table.find("to")->where, fmt::format("{}.to is {}, but must lie above `from`, {}",
                                                       path, shown(spec, *to, study_.run.frequency),
                                                       shown(spec, *from, study_.run.frequency)));
  return false;
}

std::optional<double> LiveReader::read_end(const ConfigValue& value, const std::string& path,
                                           LiveField field) {
  const bool text = value.is(ConfigValue::Kind::string);
  if (text != is_period(field)) {
    problems_.error(value.where, fmt::format("{} is {}, but must be a {}: the slider varies `{}`",
                                             path, text ? "a text" : "a number",
                                             text ? "number" : "period", live_field_name(field)));
    return std::nullopt;
  }
  if (text) {
    const auto parsed = period(value, path);
    if (!parsed) return std::nullopt;
    return static_cast<double>(parsed->ordinal);
  }
  const double number = value.number();
  const bool share = field == LiveField::remaining;
  const bool fits = is_whole(field)                 ? number >= 0 && number == std::round(number)
                    : share                         ? number >= 0 && number <= 1
                    : field == LiveField::intensity ? number >= 0 && number <= 10
                                                    : true;
  if (fits) return number;
  problems_.error(value.where, fmt::format("{} is {}, but must be {}", path, format_number(number),
                                           share             ? "in [0, 1]"
                                           : is_whole(field) ? "a whole number of periods"
                                                             : "in [0, 10]"));
  return std::nullopt;
}

std::optional<double> LiveReader::home_of(const ConfigValue& table, const std::string& path,
                                          const LiveSpec& spec, const ScenarioSpec& scenario) {
  const auto found = live_change(scenario.changes, spec.change);
  if (!found) {
    std::vector<std::string> names;
    for (const Change& change : scenario.changes) {
      const ChangeText text = describe(change);
      names.push_back(text.kind + " " + text.subject);
    }
    const auto count = std::count(names.begin(), names.end(), spec.change);
    problems_.error(table.find("change")->where,
                    fmt::format("{}.change is \"{}\", which scenario {} has {}", path, spec.change,
                                scenario.name, count == 0 ? "not" : fmt::format("{} times", count)),
                    count == 0 ? name_hint(spec.change, names) : "a slider moves one change");
    return std::nullopt;
  }
  const auto home = live_value(scenario.changes[*found], spec.vary);
  if (!home) {
    const std::string assumption = live_assumption(scenario.changes[*found], spec.vary);
    if (!assumption.empty()) {
      problems_.error(
          table.find("vary")->where,
          fmt::format("{}.vary is \"{}\", but must be a number in scenario {}: there it is the "
                      "assumption {}, which has a distribution",
                      path, live_field_name(spec.vary), scenario.name, assumption),
          "put the slider on a scenario in which it is a number, or write its mean in its place");
      return std::nullopt;
    }
    problems_.error(
        table.find("vary")->where,
        fmt::format("{}.vary is \"{}\", but `{}` of scenario {} has no single figure of that name",
                    path, live_field_name(spec.vary), spec.change, scenario.name));
    return std::nullopt;
  }
  if (*home >= spec.from && *home <= spec.to) return home;
  const Frequency frequency = study_.run.frequency;
  problems_.error(
      table.where,
      fmt::format("{} runs from {} to {}, but must hold {}, where scenario {} stands", path,
                  shown(spec, spec.from, frequency), shown(spec, spec.to, frequency),
                  shown(spec, *home, frequency), scenario.name));
  return std::nullopt;
}

bool LiveReader::check_home(const ConfigValue& table, const std::string& path,
                            const LiveSpec& spec) {
  std::optional<double> first;
  bool fine = true;
  for (const std::string& name : spec.scenarios) {
    const ScenarioSpec* scenario = study_.scenario(name);
    if (scenario == nullptr) return false;  // said already
    const auto home = home_of(table, path, spec, *scenario);
    fine = fine && home;
    if (home && first && *home != *first) {
      problems_.error(
          table.find("scenario")->where,
          fmt::format("{} stands at {} in scenario {}, but must stand at {} as in {}", path,
                      shown(spec, *home, study_.run.frequency), name,
                      shown(spec, *first, study_.run.frequency), spec.scenarios.front()),
          "make a slider for each");
      return false;
    }
    if (home && !first) first = home;
  }
  return fine;
}

void LiveReader::check_size() {
  for (const ScenarioSpec& scenario : study_.scenarios) {
    std::size_t points = 1;
    std::string product;
    const LiveSpec* last = nullptr;
    for (const LiveSpec& spec : study_.live) {
      const auto& own = spec.scenarios;
      if (std::find(own.begin(), own.end(), scenario.name) == own.end()) continue;
      const Change& change = scenario.changes[*live_change(scenario.changes, spec.change)];
      const std::size_t count = live_positions(spec, *live_value(change, spec.vary)).size();
      product += fmt::format("{}{}", product.empty() ? "" : " x ", count);
      points *= count;
      last = &spec;
    }
    if (points <= kMaxLivePoints) continue;
    problems_.error(last->where,
                    fmt::format("the sliders of scenario {} have {} = {} positions, but must have "
                                "at most {}",
                                scenario.name, product, points, kMaxLivePoints),
                    "say points = 3, or narrow a range");
  }
}

}  // namespace amnok
