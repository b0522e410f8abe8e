#include "engine/study/study.h"

#include <algorithm>
#include <filesystem>

namespace amnok {

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

bool Study::has_path_model(std::string_view name) const {
  return std::any_of(equations.begin(), equations.end(),
                     [&](const auto& e) { return e.of_path && e.target.variable == name; });
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

namespace {

// Only sums, differences and multiples of flows are flows.
bool sums_flows(const Study& study, const Expression& expression, int index) {
  const Expression::Node& node = expression.nodes()[static_cast<std::size_t>(index)];
  const auto is_number = [&](int i) {
    return expression.nodes()[static_cast<std::size_t>(i)].op == Op::number;
  };
  const auto operand = [&](int i) { return sums_flows(study, expression, i); };
  switch (node.op) {
    case Op::variable:
      return study.is_flow(expression.variables()[static_cast<std::size_t>(node.variable)]);
    case Op::add:
    case Op::subtract:
      return operand(node.left) && operand(node.right);
    case Op::negate:
    case Op::lag:
    case Op::lead:
      return operand(node.left);
    case Op::multiply:
      return (is_number(node.left) && operand(node.right)) ||
             (is_number(node.right) && operand(node.left));
    case Op::divide:
      return is_number(node.right) && operand(node.left);
    default:
      return false;
  }
}

}  // namespace

bool Study::is_flow(std::string_view variable) const {
  for (const SeriesSource& source : data) {
    if (source.name == variable) return source.kind == SeriesKind::flow;
  }
  for (const IdentitySpec& identity : identities) {
    if (identity.name != variable) continue;
    if (identity.kind != SeriesKind::unknown) return identity.kind == SeriesKind::flow;
    const bool itself = identity.expression.uses(identity.name);  // its own lag
    return !itself && sums_flows(*this, identity.expression, identity.expression.root());
  }
  return false;
}

std::string Study::shown(const std::string& path) const {
  const std::filesystem::path base = folder.empty() ? "." : folder;
  const std::string relative = std::filesystem::path(path).lexically_relative(base).string();
  return relative.empty() ? path : relative;
}

}  // namespace amnok
