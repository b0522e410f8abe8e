#include "engine/model/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/data/evaluate.h"
#include "engine/stats/box_cox.h"

namespace amnok {

namespace {

constexpr double kAtEnd = 1e-4;  // of the interval in which lambda is looked for

int guerrero_block(int season) {
  return std::max(season, 2);
}

}  // namespace

std::string lambda_by_name(Transform::LambdaBy by) {
  switch (by) {
    case Transform::LambdaBy::given:
      break;
    case Transform::LambdaBy::guerrero:
      return "guerrero";
    case Transform::LambdaBy::ml:
      return "ml";
  }
  return "given";
}

bool Transform::is_logarithm() const {
  return kind == Kind::log || (kind == Kind::box_cox && lambda == 0);
}

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
      // Loses no digits near lambda = 0.
      return lambda == 0 ? std::log(x) : std::expm1(lambda * std::log(x)) / lambda;
  }
  return kMissing;
}

double Transform::inverse(double z) const {
  if (std::isnan(z)) return kMissing;
  switch (kind) {
    case Kind::level:
      return z;
    case Kind::log:
      return std::exp(z);
    case Kind::sqrt:
      return z > 0 ? z * z : 0;
    case Kind::box_cox:
      if (lambda == 0) return std::exp(z);
      if (lambda * z > -1) return std::exp(std::log1p(lambda * z) / lambda);
      return lambda > 0 ? 0.0 : HUGE_VAL;
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
      if (lambda == 0) return std::exp(z);
      return lambda * z > -1 ? std::exp(std::log1p(lambda * z) * (1 / lambda - 1)) : 0.0;
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
      if (std::isnan(lambda))
        return fmt::format("boxcox({}, {})", variable, lambda_by_name(lambda_by));
      return fmt::format("boxcox({}, {:.4g})", variable, lambda);
    case Kind::level:
      break;
  }
  return variable;
}

namespace {

constexpr std::string_view kBoxCox = "boxcox";
constexpr const char* kLambdaForms = "a number in [-2, 2], guerrero or ml";

// `boxcox(series, lambda)`, argument by argument.
class BoxCoxParser {
 public:
  BoxCoxParser(const std::string& text, const SourceRange& where) : text_(text), where_(where) {}

  Target parse() const {
    const std::size_t open = text_.find('('), close = text_.rfind(')');
    const std::size_t comma = text_.find(',');
    if (close == std::string::npos || !trim(text_.substr(close + 1)).empty()) {
      fail(0, text_.size(), "but must end with `)`");
    }
    if (comma == std::string::npos || text_.find(',', comma + 1) != std::string::npos) {
      fail(0, text_.size(),
           fmt::format("but `boxcox` must have two arguments, a series and lambda: {}",
                       kLambdaForms));
    }
    Target target{series(open + 1, comma), {Transform::Kind::box_cox, kMissing}};
    read_lambda(comma + 1, close, target.transform);
    return target;
  }

 private:
  SourceRange place(std::size_t begin, std::size_t length) const {
    return where_.column > 0
               ? where_.sub_range(static_cast<int>(begin), std::max(static_cast<int>(length), 1))
               : where_;
  }

  [[noreturn]] void fail(std::size_t begin, std::size_t end, const std::string& what,
                         const std::string& hint = "") const {
    throw InputError({{Severity::error, place(begin, end - begin),
                       fmt::format("target is \"{}\", {}", text_, what), hint}});
  }

  // The argument in [begin, end) without the space around it; `begin` moves to where it starts.
  std::string argument(std::size_t& begin, std::size_t end) const {
    const std::string_view whole = std::string_view(text_).substr(begin, end - begin);
    const std::string_view inner = trim(whole);
    if (!inner.empty()) begin += static_cast<std::size_t>(inner.data() - whole.data());
    return std::string(inner);
  }

  std::string series(std::size_t begin, std::size_t end) const {
    const std::string inner = argument(begin, end);
    const Expression expression = parse_expression(inner, place(begin, inner.size()));
    const auto& root = expression.nodes()[static_cast<std::size_t>(expression.root())];
    if (root.op != Op::variable) {
      fail(begin, end, "but the first argument of `boxcox` must be a series",
           "define a series or an identity for anything else");
    }
    return expression.variables().front();
  }

  void read_lambda(std::size_t begin, std::size_t end, Transform& transform) const {
    const std::string inner = argument(begin, end);
    for (const auto by : {Transform::LambdaBy::guerrero, Transform::LambdaBy::ml}) {
      if (inner == lambda_by_name(by)) transform.lambda_by = by;
    }
    if (transform.lambda_by != Transform::LambdaBy::given) return;
    const Expression expression = parse_expression(inner, place(begin, inner.size()));
    std::string hint;
    if (expression.variables().empty()) {  // 0.3, -1, 1/3
      transform.lambda =
          evaluate<double>(expression, expression.root(), 0, [](int, int) { return kMissing; });
    } else {
      const std::vector<std::string> known = {"guerrero", "ml"};
      hint = name_hint(inner, known);
    }
    if (std::fabs(transform.lambda) <= kLargestTargetLambda) return;
    fail(begin, begin + inner.size(),
         fmt::format("but lambda is {}, and must be {}", inner, kLambdaForms), hint);
  }

  const std::string& text_;
  const SourceRange& where_;
};

}  // namespace

Target parse_target(const std::string& text, const SourceRange& where) {
  const std::string_view trimmed = trim(text);
  if (starts_with(trimmed, kBoxCox) && starts_with(trim(trimmed.substr(kBoxCox.size())), "(")) {
    return BoxCoxParser(text, where).parse();
  }
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
  throw InputError(
      {{Severity::error, where, fmt::format("target is \"{}\", but must be {}", text, kTargetForms),
        "define a series or an identity for anything else"}});
}

Transform chosen_transform(const Target& target, const VectorView& values, int season) {
  Transform transform = target.transform;
  if (transform.kind != Transform::Kind::box_cox || !std::isnan(transform.lambda)) return transform;
  try {
    transform.lambda = transform.lambda_by == Transform::LambdaBy::guerrero
                           ? guerrero_lambda(values, guerrero_block(season))
                           : BoxCoxLikelihood(values, season).maximum();
  } catch (const InputError& error) {
    throw InputError(fmt::format("lambda of {} cannot be chosen: {}",
                                 transform.text(target.variable), error.problems().front().message),
                     "give lambda as a number, or take log(series)");
  }
  return transform;
}

std::string lambda_note(const Target& target, const VectorView& y, int season) {
  const Transform& transform = target.transform;
  if (transform.kind != Transform::Kind::box_cox) return "";
  std::string note;
  if (transform.lambda_by != Transform::LambdaBy::given) {
    const auto count = y.size() - y.array().isNaN().count();
    note = fmt::format("lambda of {} is chosen from {} observations ",
                       transform.text(target.variable), count);
    if (transform.lambda_by == Transform::LambdaBy::guerrero) {
      note += fmt::format("by Guerrero's method, in blocks of {}", guerrero_block(season));
    } else {
      const VectorXd values = y.unaryExpr([&](double z) { return transform.inverse(z); });
      const BoxCoxLikelihood likelihood(values, season);
      const double best = likelihood(transform.lambda);
      note += fmt::format(
          "by maximum likelihood; twice the gain in log-likelihood (5 % point 3.84) is {:.3g} over "
          "the logarithm and {:.3g} over the level",
          2 * (best - likelihood(0)), 2 * (best - likelihood(1)));
    }
    const bool low = transform.lambda < kLeastLambda + kAtEnd;
    if (low || transform.lambda > kLargestLambda - kAtEnd) {
      note += fmt::format("; it is the {} end of where it is looked for, [{}, {}]",
                          low ? "lower" : "upper", kLeastLambda, kLargestLambda);
    }
  }
  if (transform.lambda < 0) {
    if (!note.empty()) note += "; ";
    note += fmt::format(
        "lambda is negative: large errors of {} lead to infinity, where a draw is not defined, and "
        "the mean of projections need not exist",
        transform.text(target.variable));
  }
  return note;
}

}  // namespace amnok
