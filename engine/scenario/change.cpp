#include "engine/scenario/change.h"

#include <fmt/format.h>

#include "engine/base/text.h"

namespace amnok {

namespace {

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < values.size() && i < 6; ++i)
    parts.push_back(format_number(values[i]));
  if (values.size() > 6) return join(parts, ", ") + fmt::format(", ... ({} values)", values.size());
  return join(parts, ", ") + (values.size() > 1 ? ", the last one on" : "");
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
    std::string detail = "ends in " + format_period(c.at);
    if (c.over > 0) detail += fmt::format(", phased out over {} periods", c.over);
    if (c.remaining > 0)
      detail += fmt::format(", {} % of it stays", format_number(100 * c.remaining));
    return {"end_event", c.event, detail};
  }
  ChangeText operator()(const StartEvent& c) const {
    std::string detail = "starts in " + format_period(c.at);
    if (c.until) detail += ", until " + format_period(*c.until);
    if (c.intensity != 1)
      detail += fmt::format(", at {} % of its strength", format_number(100 * c.intensity));
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
      case SetPath::Mode::hold:
        break;
    }
    return {"path", c.variable, "held at its last value" + span(change)};
  }
  ChangeText operator()(const AddFactor& c) const {
    std::vector<std::string> parts;
    for (const Amount& a : c.values)
      parts.push_back(format_number(a.value) + (a.percent ? " %" : ""));
    return {"add_factor", c.equation, join(parts, ", ") + span(change)};
  }
  ChangeText operator()(const FixPath& c) const {
    return {"fix", c.variable, numbers(c.values) + span(change)};
  }
  ChangeText operator()(const ChangeParameter& c) const {
    const char* verb = c.mode == ChangeParameter::Mode::multiply ? "multiplied by "
                       : c.mode == ChangeParameter::Mode::add    ? "increased by "
                                                                 : "set to ";
    return {"parameter", c.equation + "." + c.parameter,
            verb + format_number(c.value) +
                (c.recentre ? ", for movements from the forecast origin on" : "")};
  }
};

}  // namespace

ChangeText describe(const Change& change) {
  return std::visit(Describer{change}, change.what);
}

}  // namespace amnok
