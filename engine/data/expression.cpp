#include "engine/data/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numbers>

#include "engine/base/names.h"

namespace amnok {

namespace {

struct Function {
  std::string_view name;
  Op op;
  int min_arguments, max_arguments;
};

constexpr std::array<Function, 19> kFunctions = {{
    {"log", Op::log, 1, 1},       {"ln", Op::log, 1, 1},      {"log10", Op::log10, 1, 1},
    {"exp", Op::exp, 1, 1},       {"sqrt", Op::sqrt, 1, 1},   {"abs", Op::abs, 1, 1},
    {"sin", Op::sin, 1, 1},       {"cos", Op::cos, 1, 1},     {"tan", Op::tan, 1, 1},
    {"arctan", Op::arctan, 1, 1}, {"atan", Op::arctan, 1, 1}, {"min", Op::min, 2, 2},
    {"max", Op::max, 2, 2},       {"lag", Op::lag, 1, 2},     {"lead", Op::lead, 1, 2},
    {"diff", Op::diff, 1, 2},     {"pct", Op::pct, 1, 2},     {"sum", Op::sum, 1, 2},
    {"mean", Op::mean, 1, 2},
}};

bool takes_steps(Op op) {
  return op >= Op::lag;
}

}  // namespace

class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, SourceRange where) {
    result_.text_ = std::string(text);
    result_.where_ = std::move(where);
  }

  Expression parse() {
    result_.root_ = sum();
    skip_space();
    if (at_ < text().size()) {
      std::size_t end = at_ + 1;
      while (end < text().size() && (static_cast<unsigned char>(text()[end]) & 0xC0u) == 0x80u) {
        ++end;
      }
      fail(at_, end - at_, fmt::format("`{}` does not belong here", text().substr(at_, end - at_)));
    }
    return std::move(result_);
  }

 private:
  const std::string& text() const { return result_.text_; }

  [[noreturn]] void fail(std::size_t offset, std::size_t length, const std::string& message,
                         const std::string& hint = "") const {
    const SourceRange& base = result_.where_;
    SourceRange where =
        base.column > 0 ? base.sub_range(static_cast<int>(offset), static_cast<int>(length)) : base;
    throw InputError({{Severity::error, where,
                       fmt::format("in the expression `{}`: {}", text(), message), hint}});
  }

  void skip_space() {
    while (at_ < text().size() && std::isspace(static_cast<unsigned char>(text()[at_]))) ++at_;
  }

  bool take(std::string_view token) {
    skip_space();
    if (text().compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }

  int add(Op op, std::size_t begin, int left = -1, int right = -1) {
    Expression::Node node;
    node.op = op;
    node.left = left;
    node.right = right;
    node.offset = static_cast<int>(begin);
    node.length = static_cast<int>(at_ - begin);
    result_.nodes_.push_back(node);
    return static_cast<int>(result_.nodes_.size()) - 1;
  }

  // Deep nesting would overflow the stack; no honest formula is that deep.
  struct Depth {
    explicit Depth(ExpressionParser& parser) : parser_(parser) {
      if (++parser_.depth_ > 200) parser_.fail(parser_.at_, 1, "nested more than 200 deep");
    }
    ~Depth() { --parser_.depth_; }
    ExpressionParser& parser_;
  };

  int sum() {
    const Depth depth(*this);
    skip_space();
    const std::size_t begin = at_;
    int left = product();
    while (true) {
      if (take("+")) {
        const int right = product();
        left = add(Op::add, begin, left, right);
      } else if (take("-") || take("\u2212")) {
        const int right = product();
        left = add(Op::subtract, begin, left, right);
      } else {
        return left;
      }
    }
  }

  int product() {
    skip_space();
    const std::size_t begin = at_;
    int left = unary();
    while (true) {
      skip_space();
      if (text().compare(at_, 2, "**") == 0) return left;
      if (take("*") || take("\u00D7")) {
        const int right = unary();
        left = add(Op::multiply, begin, left, right);
      } else if (take("/") || take("\u00F7")) {
        const int right = unary();
        left = add(Op::divide, begin, left, right);
      } else {
        return left;
      }
    }
  }

  int unary() {
    const Depth depth(*this);
    skip_space();
    const std::size_t begin = at_;
    if (take("-") || take("\u2212")) {
      const int operand = unary();
      return add(Op::negate, begin, operand);
    }
    if (take("+")) return unary();
    return power();
  }

  int power() {
    skip_space();
    const std::size_t begin = at_;
    const int base = atom();
    if (take("^") || take("**")) {
      const int exponent = unary();
      return add(Op::power, begin, base, exponent);
    }
    return base;
  }

  int atom() {
    skip_space();
    const std::size_t begin = at_;
    if (at_ >= text().size()) fail(at_, 1, "it ends where a value must follow");
    const char c = text()[at_];
    if (c == '(') {
      ++at_;
      const int inside = sum();
      if (!take(")")) fail(at_, 1, "`)` is missing");
      return inside;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return number();
    if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') return name();
    // A whole character of a name in another script, not its first byte.
    std::size_t end = begin + 1;
    while (end < text().size() && (static_cast<unsigned char>(text()[end]) & 0xC0u) == 0x80u) ++end;
    fail(begin, end - begin,
         fmt::format("`{}` does not begin a value", text().substr(begin, end - begin)),
         end > begin + 1 ? "names have the letters a-z and A-Z, digits and _ only" : "");
  }

  int number() {
    const std::size_t begin = at_;
    double value = 0;
    const char* first = text().data() + at_;
    const auto [end, error] = std::from_chars(first, text().data() + text().size(), value);
    if (error != std::errc{}) fail(begin, 1, "not a number");
    at_ += static_cast<std::size_t>(end - first);
    const int node = add(Op::number, begin);
    result_.nodes_.back().number = value;
    return node;
  }

  int name() {
    const std::size_t begin = at_;
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    while (at_ < text().size() &&
           (is_name(text()[at_]) ||
            (text()[at_] == '.' && at_ + 1 < text().size() && is_name(text()[at_ + 1])))) {
      ++at_;
    }
    const std::string word = text().substr(begin, at_ - begin);
    if (take("(")) return call(word, begin);
    if (word == "pi") {
      const int node = add(Op::number, begin);
      result_.nodes_.back().number = std::numbers::pi;
      return node;
    }
    const int node = add(Op::variable, begin);
    auto& names = result_.variables_;
    const auto known = std::find(names.begin(), names.end(), word);
    result_.nodes_.back().variable = static_cast<int>(known - names.begin());
    result_.nodes_.back().length = static_cast<int>(word.size());
    if (known == names.end()) names.push_back(word);
    return node;
  }

  int call(const std::string& word, std::size_t begin) {
    const auto function = std::find_if(kFunctions.begin(), kFunctions.end(),
                                       [&](const Function& f) { return f.name == word; });
    if (function == kFunctions.end()) {
      std::vector<std::string> known;
      for (const Function& f : kFunctions) known.emplace_back(f.name);
      fail(begin, word.size(), fmt::format("`{}` is not a function", word), name_hint(word, known));
    }
    std::vector<int> arguments;
    do {
      arguments.push_back(sum());
    } while (take(","));
    if (!take(")")) fail(at_, 1, "`)` is missing");
    const int count = static_cast<int>(arguments.size());
    if (count < function->min_arguments || count > function->max_arguments) {
      fail(begin, at_ - begin,
           fmt::format(
               "`{}` has {} arguments, but must have {}", word, count,
               function->min_arguments == function->max_arguments
                   ? fmt::format("{}", function->max_arguments)
                   : fmt::format("{} or {}", function->min_arguments, function->max_arguments)));
    }
    if (takes_steps(function->op)) {
      int steps = 1;
      if (count == 2) {
        const Expression::Node& k = result_.nodes_[static_cast<std::size_t>(arguments[1])];
        const bool whole = k.op == Op::number && k.number == static_cast<int>(k.number) &&
                           k.number >= (function->op == Op::lag ? 0 : 1) && k.number <= 1000;
        if (!whole) {
          fail(
              static_cast<std::size_t>(k.offset), static_cast<std::size_t>(std::max(k.length, 1)),
              fmt::format("the second argument of `{}` must be a whole number in [1, 1000]", word));
        }
        steps = static_cast<int>(k.number);
      }
      const int node = add(function->op, begin, arguments[0]);
      result_.nodes_.back().steps = steps;
      return node;
    }
    return add(function->op, begin, arguments[0], count == 2 ? arguments[1] : -1);
  }

  Expression result_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

namespace {

// Calls visit(variable index, lag) for every use of a variable.
template <class Visit>
void visit_uses(const Expression& expression, int index, int lag, const Visit& visit) {
  const Expression::Node& node = expression.nodes()[static_cast<std::size_t>(index)];
  switch (node.op) {
    case Op::number:
      return;
    case Op::variable:
      visit(node.variable, lag);
      return;
    case Op::lag:
      visit_uses(expression, node.left, lag + node.steps, visit);
      return;
    case Op::lead:
      visit_uses(expression, node.left, lag - node.steps, visit);
      return;
    case Op::diff:
    case Op::pct:
      visit_uses(expression, node.left, lag, visit);
      visit_uses(expression, node.left, lag + node.steps, visit);
      return;
    case Op::sum:
    case Op::mean:
      for (int k = 0; k < node.steps; ++k) visit_uses(expression, node.left, lag + k, visit);
      return;
    default:
      if (node.left >= 0) visit_uses(expression, node.left, lag, visit);
      if (node.right >= 0) visit_uses(expression, node.right, lag, visit);
  }
}

}  // namespace

SourceRange Expression::where(const Node& node) const {
  return where_.column > 0 ? where_.sub_range(node.offset, std::max(node.length, 1)) : where_;
}

std::string Expression::text(const Node& node) const {
  return text_.substr(static_cast<std::size_t>(node.offset), static_cast<std::size_t>(node.length));
}

int Expression::max_lag() const {
  int deepest = 0;
  visit_uses(*this, root_, 0, [&](int, int lag) { deepest = std::max(deepest, lag); });
  return deepest;
}

int Expression::max_lag(std::string_view variable) const {
  int deepest = 0;
  visit_uses(*this, root_, 0, [&](int index, int lag) {
    if (variables_[static_cast<std::size_t>(index)] == variable) deepest = std::max(deepest, lag);
  });
  return deepest;
}

int Expression::max_lead(std::string_view variable) const {
  int farthest = 0;
  visit_uses(*this, root_, 0, [&](int index, int lag) {
    if (variables_[static_cast<std::size_t>(index)] == variable)
      farthest = std::max(farthest, -lag);
  });
  return farthest;
}

bool Expression::uses(std::string_view variable) const {
  return std::find(variables_.begin(), variables_.end(), variable) != variables_.end();
}

bool Expression::uses_now(std::string_view variable) const {
  bool now = false;
  visit_uses(*this, root_, 0, [&](int index, int lag) {
    now = now || (lag == 0 && variables_[static_cast<std::size_t>(index)] == variable);
  });
  return now;
}

Expression parse_expression(std::string_view text, SourceRange where) {
  return ExpressionParser(text, std::move(where)).parse();
}

Relation parse_relation(std::string_view text, SourceRange where) {
  for (std::string_view sign : {">=", "<=", "==", "="}) {
    const auto at = text.find(sign);
    if (at == std::string_view::npos) continue;
    const std::size_t after = at + sign.size();
    SourceRange right = where.column > 0 ? where.sub_range(static_cast<int>(after), 1) : where;
    return {parse_expression(text.substr(0, at), where),
            parse_expression(text.substr(after), right), std::string(sign == "==" ? "=" : sign)};
  }
  throw InputError(
      {{Severity::error, where,
        fmt::format("`{}` must have one of = >= <= between two expressions", text), ""}});
}

}  // namespace amnok
