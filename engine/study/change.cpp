#include "engine/study/change.h"

#include <fmt/format.h>

#include "engine/base/text.h"

namespace amnok {

namespace {

std::string shown(const Amount& amount) {
  if (!amount.assumption.empty()) return amount.assumption;
  return format_number(amount.value) + (amount.percent ? " %" : "");
}

std::string shares(const Amount& amount) {
  return amount.assumption.empty() ? format_number(100 * amount.value) + " %" : amount.assumption;
}

std::string numbers(const std::vector<Amount>& values) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < values.size() && i < 6; ++i) parts.push_back(shown(values[i]));
  if (values.size() > 6) return join(parts, ", ") + fmt::format(", ... ({} values)", values.size());
  return join(parts, ", ") + (values.size() > 1 ? ", the last one on" : "");
}

bool is_uncertain(const Amount& amount) {
  return amount.value > 0 || !amount.assumption.empty();
}

std::string date_text(const char* verb, Period at, const Amount& hazard) {
  if (!is_uncertain(hazard)) return fmt::format("{} in {}", verb, format_period(at));
  return fmt::format("{} in {} or later, with probability {} a period", verb, format_period(at),
                     shown(hazard));
}

std::string span(const Change& change) {
  std::string text;
  if (change.from) text += " from " + format_period(*change.from);
  if (change.to) text += " to " + format_period(*change.to);
  return text;
}

struct Describer {
  const Change& change;

  ChangeText operator()(const EndEvent& c) const {
    std::string detail = date_text("ends", c.at, c.hazard);
    if (c.over > 0) detail += fmt::format(", phased out over {} periods", c.over);
    if (is_uncertain(c.remaining)) detail += fmt::format(", {} of it stays", shares(c.remaining));
    return {"end_event", c.event, detail};
  }
  ChangeText operator()(const StartEvent& c) const {
    std::string detail = date_text("starts", c.at, c.hazard);
    if (c.until) detail += ", until " + format_period(*c.until);
    if (c.lasting > 0) detail += fmt::format(", for {} periods", c.lasting);
    if (c.intensity.value != 1 || !c.intensity.assumption.empty())
      detail += fmt::format(", at {} of its strength", shares(c.intensity));
    return {"start_event", c.event, detail};
  }
  ChangeText operator()(const SetPath& c) const {
    switch (c.mode) {
      case SetPath::Mode::level:
        return {"path", c.variable, numbers(c.values) + span(change)};
      case SetPath::Mode::pct:
        return {"path", c.variable, numbers(c.values) + " % on its path" + span(change)};
      case SetPath::Mode::add:
        return {"path", c.variable, numbers(c.values) + " on top of its path" + span(change)};
      case SetPath::Mode::growth:
        return {"path", c.variable, "grows by " + numbers(c.values) + " % a period" + span(change)};
      case SetPath::Mode::series:
        return {"path", c.variable, "as " + c.from + span(change)};
      case SetPath::Mode::scenario:
        return {"path", c.variable, "as in scenario " + c.from + span(change)};
      case SetPath::Mode::model:
        return {"path", c.variable, "forecast by " + c.from + span(change)};
      case SetPath::Mode::hold:
        break;
    }
    return {"path", c.variable, "held at its last value" + span(change)};
  }
  ChangeText operator()(const AddFactor& c) const {
    std::string detail = numbers(c.values) + span(change);
    if (c.decay != 1) detail += fmt::format(", {} of it left each period", format_number(c.decay));
    return {"add_factor", c.equation, detail};
  }
  ChangeText operator()(const FixPath& c) const {
    return {"fix", c.variable, numbers(c.values) + span(change)};
  }
  ChangeText operator()(const ChangeParameter& c) const {
    const char* verb = c.mode == ChangeParameter::Mode::multiply ? "multiplied by "
                       : c.mode == ChangeParameter::Mode::add    ? "increased by "
                                                                 : "set to ";
    return {
        "parameter", c.equation + "." + c.parameter,
        verb + shown(c.value) + (c.recentre ? ", for movements from the forecast origin on" : "")};
  }
  ChangeText operator()(const Assume& c) const { return {"assume", c.name, c.distribution.text()}; }
  ChangeText operator()(const Condition& c) const {
    std::string detail =
        fmt::format("{} {}", c.relation.relation, trim(c.relation.right.text())) + span(change);
    if (c.sd > 0) detail += fmt::format(", with an sd of {}", format_number(c.sd));
    return {"condition", std::string(trim(c.relation.left.text())), detail};
  }
  ChangeText operator()(const HitTarget& c) const {
    return {"target", c.variable,
            fmt::format("a mean of {} in {}, by an add-factor on {}", format_number(c.value),
                        format_period(c.at), c.instrument) +
                span(change)};
  }
};

}  // namespace

ChangeText describe(const Change& change) {
  return std::visit(Describer{change}, change.what);
}

std::vector<const Amount*> amounts_of(const Change& change) {
  std::vector<const Amount*> result;
  const auto add = [&](const std::vector<Amount>& values) {
    for (const Amount& amount : values) result.push_back(&amount);
  };
  if (const auto* end = std::get_if<EndEvent>(&change.what)) {
    result = {&end->remaining, &end->hazard};
  } else if (const auto* start = std::get_if<StartEvent>(&change.what)) {
    result = {&start->intensity, &start->hazard};
  } else if (const auto* path = std::get_if<SetPath>(&change.what)) {
    add(path->values);
  } else if (const auto* factor = std::get_if<AddFactor>(&change.what)) {
    add(factor->values);
  } else if (const auto* fix = std::get_if<FixPath>(&change.what)) {
    add(fix->values);
  } else if (const auto* parameter = std::get_if<ChangeParameter>(&change.what)) {
    result = {&parameter->value};
  }
  return result;
}

}  // namespace amnok
