#include "engine/model/target.h"

#include <fmt/format.h>

#include <cmath>

namespace amnok {

double Transform::forward(double x) const {
  switch (kind) {
    case Kind::level:
      return x;
    case Kind::log:
      return x > 0 ? std::log(x) : kMissing;
    case Kind::sqrt:
      return x >= 0 ? std::sqrt(x) : kMissing;
    case Kind::box_cox:
      if (!(x > 0)) return kMissing;
      return std::fabs(lambda) < 1e-9 ? std::log(x) : (std::pow(x, lambda) - 1) / lambda;
  }
  return kMissing;
}

double Transform::inverse(double z) const {
  switch (kind) {
    case Kind::level:
      return z;
    case Kind::log:
      return std::exp(z);
    case Kind::sqrt:
      return z > 0 ? z * z : 0;
    case Kind::box_cox:
      if (std::fabs(lambda) < 1e-9) return std::exp(z);
      return lambda * z + 1 > 0 ? std::pow(lambda * z + 1, 1 / lambda) : 0;
  }
  return kMissing;
}

double Transform::slope(double x) const {
  switch (kind) {
    case Kind::level:
      return 1;
    case Kind::log:
      return 1 / x;
    case Kind::sqrt:
      return 0.5 / std::sqrt(x);
    case Kind::box_cox:
      return std::pow(x, lambda - 1);
  }
  return kMissing;
}

double Transform::inverse_slope(double z) const {
  switch (kind) {
    case Kind::level:
      return 1;
    case Kind::log:
      return std::exp(z);
    case Kind::sqrt:
      return 2 * std::fmax(z, 0);
    case Kind::box_cox:
      return 1 / slope(inverse(z));
  }
  return kMissing;
}

std::string Transform::text(const std::string& variable) const {
  switch (kind) {
    case Kind::log:
      return "log(" + variable + ")";
    case Kind::sqrt:
      return "sqrt(" + variable + ")";
    case Kind::box_cox:
      return fmt::format("boxcox({}, {:.4g})", variable, lambda);
    case Kind::level:
      break;
  }
  return variable;
}

Target parse_target(const std::string& text, const SourceRange& where) {
  const Expression expression = parse_expression(text, where);
  const auto& nodes = expression.nodes();
  const Expression::Node& root = nodes[static_cast<std::size_t>(expression.root())];
  const auto variable = [&](const Expression::Node& node) {
    return expression.variables()[static_cast<std::size_t>(node.variable)];
  };
  if (root.op == Op::variable) return {variable(root), {}};
  if (root.op == Op::log || root.op == Op::sqrt) {
    const Expression::Node& inside = nodes[static_cast<std::size_t>(root.left)];
    if (inside.op == Op::variable) {
      const auto kind = root.op == Op::log ? Transform::Kind::log : Transform::Kind::sqrt;
      return {variable(inside), {kind, root.op == Op::log ? 0.0 : 0.5}};
    }
  }
  throw InputError({{Severity::error, where,
                     fmt::format("target is \"{}\", but must be a series, log(series) or "
                                 "sqrt(series)",
                                 text),
                     "define a series or an identity for anything else"}});
}

}  // namespace amnok
