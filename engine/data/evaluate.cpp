#include "engine/data/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/names.h"

namespace amnok {

void check_variables(const Expression& expression, const std::vector<std::string>& known) {
  ProblemList problems;
  for (std::size_t v = 0; v < expression.variables().size(); ++v) {
    const std::string& name = expression.variables()[v];
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto use = std::find_if(
        expression.nodes().begin(), expression.nodes().end(), [&](const Expression::Node& node) {
          return node.op == Op::variable && node.variable == static_cast<int>(v);
        });
    problems.error(expression.where(*use), fmt::format("`{}` is not a known variable", name),
                   name_hint(name, known));
  }
  problems.throw_if_errors();
}

VectorXd evaluate_on(const Expression& expression, const Frame& frame, const PeriodRange& range) {
  check_variables(expression, frame.names());
  std::vector<const Series*> columns;
  for (const std::string& name : expression.variables()) columns.push_back(&frame.get(name));
  VectorXd result(range.count);
  for (std::int64_t t = 0; t < range.count; ++t) {
    const Period period = range[t];
    result(t) = evaluate<double>(expression, expression.root(), 0, [&](int variable, int lag) {
      return columns[static_cast<std::size_t>(variable)]->at(period - lag);
    });
  }
  return result;
}

VectorXd defined_on(const Expression& expression, const Frame& frame, const PeriodRange& range) {
  return evaluate_on(expression, frame, range).unaryExpr([](double value) {
    return std::isfinite(value) ? value : kMissing;
  });
}

std::string domain_hint(Op op) {
  switch (op) {
    case Op::log:
    case Op::log10:
      return "a logarithm needs a value above zero";
    case Op::sqrt:
      return "a square root needs a value that is not below zero";
    case Op::divide:
    case Op::pct:
      return "a quotient needs a divisor that is not zero";
    default:
      return "";
  }
}

}  // namespace amnok
