// The small language of identities, regressors and targets: `log(imports)`, `sum(deficit, 12)`,
// `imports - exports`, `b1 * (1 - exp(-b2 * x))`.
//
//   expression := sum                       sum     := product (('+' | '-') product)*
//   product    := unary (('*' | '/') unary)*        unary := ('-' | '+') unary | power
//   power      := atom (('^' | '**') unary)?        atom  := number | name | call | '(' sum ')'
//
// Functions of values: log log10 exp sqrt abs sin cos tan arctan (also atan) min max.
// Functions over time, k = 1 unless given: lag(x, k) = x_{t-k}; lead(x, k) = x_{t+k}; diff(x, k) = x_t - x_{t-k};
// pct(x, k) = 100 (x_t / x_{t-k} - 1); sum(x, k) = x_t + ... + x_{t-k+1}; mean(x, k) = sum / k.
// `pi` is a constant. The signs × ÷ − are taken for * / -.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/input_error.h"

namespace amnok {

enum class Op {
  number,
  variable,
  negate,
  add,
  subtract,
  multiply,
  divide,
  power,
  log,
  log10,
  exp,
  sqrt,
  abs,
  sin,
  cos,
  tan,
  arctan,
  min,
  max,
  lag,
  lead,
  diff,
  pct,
  sum,
  mean
};

class Expression {
 public:
  struct Node {
    Op op = Op::number;
    int left = -1, right = -1;   // operands; of calls, the first and second argument
    double number = 0;           // of a number
    int variable = -1;           // index into variables()
    int steps = 1;               // k of lag, lead, diff, pct, sum, mean
    int offset = 0, length = 0;  // where it stands in text()
  };

  const std::string& text() const { return text_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  int root() const { return root_; }
  const std::vector<std::string>& variables() const { return variables_; }  // in order of use
  const SourceRange& where() const { return where_; }
  SourceRange where(const Node& node) const;
  std::string text(const Node& node) const;  // of a part

  // The deepest lag at which any variable, or the given one, is used.
  int max_lag() const;
  int max_lag(std::string_view variable) const;
  bool uses(std::string_view variable) const;
  int max_lead(std::string_view variable) const;  // the farthest; 0: none
  // True when the variable enters at lag zero.
  bool uses_now(std::string_view variable) const;

 private:
  friend class ExpressionParser;
  std::string text_;
  SourceRange where_;
  std::vector<Node> nodes_;
  int root_ = -1;
  std::vector<std::string> variables_;
};

// `where` is the place of the text's first character. Throws InputError.
Expression parse_expression(std::string_view text, SourceRange where = {});

// `left REL right` with REL one of = == >= <= ; `relation` is "=", ">=" or "<=".
struct Relation {
  Expression left, right;
  std::string relation;
};
Relation parse_relation(std::string_view text, SourceRange where = {});

}  // namespace amnok
