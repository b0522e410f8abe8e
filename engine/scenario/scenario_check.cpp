#include "engine/scenario/scenario_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "engine/base/text.h"

namespace amnok {

namespace {

// `subject` lies in [low, high] in the periods of `change`.
struct Bound {
  std::string subject, text;
  double low = -INFINITY, high = INFINITY;
  const Change* change = nullptr;
};

Bound bound_of(const std::string& subject, const std::string& relation, double value,
               const Change& change) {
  Bound bound;
  bound.subject = subject;
  bound.text = fmt::format("{} {} {}", subject, relation, format_number(value));
  if (relation != "<=") bound.low = value;
  if (relation != ">=") bound.high = value;
  bound.change = &change;
  return bound;
}

// `left REL number` or `number REL left`, without an error of its own; nothing: it is another.
std::optional<Bound> bound_of(const Condition& condition, const Change& change) {
  if (condition.sd > 0) return std::nullopt;
  const std::string left(trim(condition.relation.left.text())),
      right(trim(condition.relation.right.text()));
  const std::string& relation = condition.relation.relation;
  if (const auto value = parse_double(right)) return bound_of(left, relation, *value, change);
  const auto value = parse_double(left);
  if (!value) return std::nullopt;
  const std::string turned = relation == "<=" ? ">=" : relation == ">=" ? "<=" : relation;
  return bound_of(right, turned, *value, change);
}

std::optional<Bound> bound_of(const Change& change) {
  if (const auto* condition = std::get_if<Condition>(&change.what)) {
    return bound_of(*condition, change);
  }
  const auto* fix = std::get_if<FixPath>(&change.what);
  const bool number = fix != nullptr && fix->values.size() == 1 &&
                      fix->values[0].assumption.empty() && !fix->values[0].percent;
  if (!number) return std::nullopt;
  return bound_of(fix->variable, "=", fix->values[0].value, change);
}

void check_contradictions(const std::vector<Bound>& bounds, const PeriodRange& horizon,
                          ProblemList& problems) {
  std::map<std::string, std::vector<const Bound*>> by_subject;
  for (const Bound& bound : bounds) {
    for (const Bound* earlier : by_subject[bound.subject]) {
      if (std::max(earlier->low, bound.low) <= std::min(earlier->high, bound.high)) continue;
      // A later fix of a variable takes the place of an earlier one.
      if (std::holds_alternative<FixPath>(earlier->change->what) &&
          std::holds_alternative<FixPath>(bound.change->what)) {
        continue;
      }
      for (std::int64_t h = 0; h < horizon.count; ++h) {
        if (!earlier->change->covers(horizon[h]) || !bound.change->covers(horizon[h])) continue;
        problems.error(bound.change->where,
                       fmt::format("{} and {} cannot both hold in {}", earlier->text, bound.text,
                                   format_period(horizon[h])),
                       fmt::format("the other stands in line {}", earlier->change->where.line));
        break;
      }
    }
    by_subject[bound.subject].push_back(&bound);
  }
}

const Target* target_of(const std::vector<BehaviouralEquation>& equations,
                        const std::string& variable) {
  const auto at = std::find_if(equations.begin(), equations.end(), [&](const auto& equation) {
    return equation.target.variable == variable;
  });
  return at == equations.end() ? nullptr : &at->target;
}

void check_value(const std::string& variable, double value, const std::string& what,
                 const Change& change, const std::vector<BehaviouralEquation>& equations,
                 ProblemList& problems) {
  const Target* target = target_of(equations, variable);
  if (target == nullptr || !std::isfinite(value) ||
      std::isfinite(target->transform.forward(value))) {
    return;
  }
  problems.error(change.where,
                 fmt::format("{}, but its equation explains {}, which is not defined there", what,
                             target->transform.text(variable)));
}

}  // namespace

void check_feasible(const ScenarioSpec& scenario, const PeriodRange& horizon,
                    const std::vector<BehaviouralEquation>& equations, ProblemList& problems) {
  std::vector<Bound> bounds;
  for (const Change& change : scenario.changes) {
    if (const auto bound = bound_of(change)) {
      bounds.push_back(*bound);
      // Fixes are checked where their paths are made, with all their values.
      if (std::holds_alternative<Condition>(change.what)) {
        check_value(bound->subject, bound->high, "the condition is " + bound->text, change,
                    equations, problems);
      }
    }
    if (const auto* target = std::get_if<HitTarget>(&change.what)) {
      check_value(
          target->variable, target->value,
          fmt::format("the target of {} is {}", target->variable, format_number(target->value)),
          change, equations, problems);
    }
  }
  check_contradictions(bounds, horizon, problems);
}

}  // namespace amnok
