// Values of expressions: one number, or a whole series.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/data/expression.h"
#include "engine/data/series.h"

namespace amnok {

// The expression with each variable given by leaf(index into variables(), lag). Value is double or
// a type of its own with the same arithmetic (a dual number for exact derivatives).
template <class Value, class Leaf>
Value evaluate(const Expression& expression, int index, int lag, const Leaf& leaf) {
  using std::abs, std::atan, std::cos, std::exp, std::log, std::log10, std::pow, std::sin,
      std::sqrt, std::tan;
  using std::max, std::min;
  const Expression::Node& node = expression.nodes()[static_cast<std::size_t>(index)];
  const auto left = [&](int extra = 0) {
    return evaluate<Value>(expression, node.left, lag + extra, leaf);
  };
  const auto right = [&] { return evaluate<Value>(expression, node.right, lag, leaf); };
  const auto running_sum = [&] {
    Value total = left(0);
    for (int k = 1; k < node.steps; ++k) total = total + left(k);
    return total;
  };
  switch (node.op) {
    case Op::number:
      return Value(node.number);
    case Op::variable:
      return leaf(node.variable, lag);
    case Op::negate:
      return -left();
    case Op::add:
      return left() + right();
    case Op::subtract:
      return left() - right();
    case Op::multiply:
      return left() * right();
    case Op::divide:
      return left() / right();
    case Op::power: {
      const Expression::Node& exponent = expression.nodes()[static_cast<std::size_t>(node.right)];
      const Value base = left();
      if (exponent.op == Op::number && exponent.number == 2) return base * base;
      if (exponent.op == Op::number) return pow(base, exponent.number);
      return pow(base, right());
    }
    case Op::log:
      return log(left());
    case Op::log10:
      return log(left()) / Value(std::log(10.0));
    case Op::exp:
      return exp(left());
    case Op::sqrt:
      return sqrt(left());
    case Op::abs:
      return abs(left());
    case Op::sin:
      return sin(left());
    case Op::cos:
      return cos(left());
    case Op::tan:
      return tan(left());
    case Op::arctan:
      return atan(left());
    case Op::min:
      return min(left(), right());
    case Op::max:
      return max(left(), right());
    case Op::lag:
      return left(node.steps);
    case Op::lead:
      return left(-node.steps);
    case Op::diff:
      return left(0) - left(node.steps);
    case Op::pct:
      return Value(100.0) * (left(0) / left(node.steps) - Value(1.0));
    case Op::sum:
      return running_sum();
    case Op::mean:
      return running_sum() / Value(static_cast<double>(node.steps));
  }
  return Value(kMissing);
}

// The innermost part (index into nodes()) that is not a finite number although all that enters it
// is; -1: none. leaf as above, with numbers; NaN where something is missing.
template <class Leaf>
int undefined_part(const Expression& expression, const Leaf& leaf) {
  for (std::size_t i = 0; i < expression.nodes().size(); ++i) {  // operands before what uses them
    bool known = true;
    const auto seen = [&](int variable, int lag) {
      const double value = leaf(variable, lag);
      known = known && std::isfinite(value);
      return value;
    };
    const double value = evaluate<double>(expression, static_cast<int>(i), 0, seen);
    if (known && !std::isfinite(value)) return static_cast<int>(i);
  }
  return -1;
}

// What an operation needs, for hints: "a logarithm needs a value above zero".
std::string domain_hint(Op op);

// The expression on every period of `range`; variables and their lags come from the frame (NaN
// where a value is missing or outside). Unknown variables are an InputError with the nearest names.
VectorXd evaluate_on(const Expression& expression, const Frame& frame, const PeriodRange& range);
// The same as a series' values: NaN also where it is infinite (a division by zero).
VectorXd defined_on(const Expression& expression, const Frame& frame, const PeriodRange& range);

// Throws InputError for each variable that is not among `known`.
void check_variables(const Expression& expression, const std::vector<std::string>& known);

}  // namespace amnok
