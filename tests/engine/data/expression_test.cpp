#include "engine/data/expression.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/data/evaluate.h"

namespace amnok {

namespace {

double value(const std::string& text, double x = 0, double y = 0) {
  const Expression e = parse_expression(text);
  return evaluate<double>(e, e.root(), 0, [&](int v, int) {
    return e.variables()[static_cast<std::size_t>(v)] == "x" ? x : y;
  });
}

Frame ramp_frame() {
  Frame frame({{Frequency::monthly, 2020 * 12}, 6});
  VectorXd v(6);
  v << 1, 2, 4, 8, 16, 32;
  frame.add({"x", "", frame.range().first, v, {}, {}, "", {}});
  return frame;
}

VectorXd on_ramp(const std::string& text) {
  const Frame frame = ramp_frame();
  return evaluate_on(parse_expression(text), frame, frame.range());
}

std::string message(const std::string& text) {
  try {
    parse_expression(text, {"f.toml", 3, 10, 1, ""});
  } catch (const InputError& error) {
    return error.problems()[0].message + "@" + std::to_string(error.problems()[0].where.column);
  }
  return "";
}

}  // namespace

TEST_CASE("expression: precedence as in algebra") {
  CHECK(value("1 + 2 * 3") == 7);
  CHECK(value("(1 + 2) * 3") == 9);
  CHECK(value("2 ^ 3 ^ 2") == 512);
  CHECK(value("-2 ^ 2") == -4);
  CHECK(value("2 ^ -1") == 0.5);
  CHECK(value("2 ** 3") == 8);
  CHECK(value("10 - 4 - 3") == 3);
  CHECK(value("12 / 3 / 2") == 2);
  CHECK(value("x - -y", 1, 2) == 3);
}

TEST_CASE("expression: functions of values") {
  CHECK(value("log(exp(2))") == Approx(2));
  CHECK(value("sqrt(16) + abs(-3)") == 7);
  CHECK(value("min(x, y) + max(x, y)", 2, 5) == 7);
  CHECK(value("sin(pi / 2) + cos(0)") == Approx(2));
  CHECK(value("arctan(1) * 4") == Approx(3.14159265358979));
  CHECK(value("log10(1000)") == Approx(3));
}

TEST_CASE("expression: the signs of print are understood") {
  CHECK(value("6 \u00F7 2 \u00D7 3") == 9);
  CHECK(value("5 \u2212 3") == 2);
}

TEST_CASE("expression: functions over time look back") {
  CHECK(on_ramp("lag(x)")(3) == 4);
  CHECK(std::isnan(on_ramp("lag(x, 2)")(1)));
  CHECK(on_ramp("diff(x)")(2) == 2);
  CHECK(on_ramp("diff(log(x), 2)")(4) == Approx(2 * std::log(2.0)));
  CHECK(on_ramp("pct(x)")(5) == Approx(100));
  CHECK(on_ramp("sum(x, 3)")(4) == 28);
  CHECK(on_ramp("mean(x, 2)")(1) == 1.5);
  CHECK(on_ramp("lag(sum(x, 2), 1)")(3) == 6);
  CHECK(on_ramp("lead(x)")(3) == on_ramp("x")(4));
  CHECK(on_ramp("lag(lead(x, 2), 2)")(3) == on_ramp("x")(3));
}

TEST_CASE("expression: a missing value makes the result missing") {
  Frame frame = ramp_frame();
  Series series = frame.get("x");
  series.values(2) = kMissing;
  frame.add(series);
  const VectorXd v = evaluate_on(parse_expression("sum(x, 2)"), frame, frame.range());
  CHECK(std::isnan(v(2)));
  CHECK(std::isnan(v(3)));
  CHECK(v(4) == 24);
}

TEST_CASE("expression: lags of variables are known") {
  const Expression e = parse_expression("lag(x, 3) + sum(y, 12) - x");
  CHECK(e.max_lag("x") == 3);
  CHECK(e.max_lead("x") == 0);
  CHECK(parse_expression("lag(lead(x, 4), 1) + x").max_lead("x") == 3);
  CHECK(e.max_lag("y") == 11);
  CHECK(e.max_lag() == 11);
  CHECK(e.uses_now("x"));
  CHECK_FALSE(parse_expression("lag(x)").uses_now("x"));
}

TEST_CASE("expression: errors point at the place") {
  CHECK(message("imports +").find("ends where a value must follow") != std::string::npos);
  CHECK(message("(a + b").find("`)` is missing") != std::string::npos);
  CHECK(message("a b").find("`b` does not belong here") != std::string::npos);
  CHECK(message("lgo(x)").find("`lgo` is not a function") != std::string::npos);
  CHECK(message("log(x, y)").find("has 2 arguments, but must have 1") != std::string::npos);
  CHECK(message("lag(x, y)").find("must be a whole number") != std::string::npos);
  CHECK(message("a + $").find("@14") != std::string::npos);
}

TEST_CASE("expression: endless nesting is refused, not a crash") {
  for (const char open : {'(', '-'}) {
    std::string deep(5000, open);
    deep.push_back('x');
    CHECK(message(deep).find("nested more than") != std::string::npos);
  }
}

TEST_CASE("expression: relations split at their sign") {
  const Relation r = parse_relation("imports + exports = total");
  CHECK(r.left.text() == "imports + exports ");
  CHECK(r.relation == "=");
  CHECK(parse_relation("imports >= 150").relation == ">=");
  CHECK_THROWS_AS(parse_relation("imports"), InputError);
}

TEST_CASE("expression: unknown variables name the nearest") {
  const Frame frame = ramp_frame();
  CHECK_THROWS_WITH(evaluate_on(parse_expression("log(xx)"), frame, frame.range()),
                    Catch::Contains("`xx` is not a known variable") && Catch::Contains("`x`"));
}

}  // namespace amnok
