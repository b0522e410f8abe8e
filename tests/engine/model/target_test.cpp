#include "engine/model/target.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/box_cox.h"

namespace amnok {

namespace {

Transform box_cox(double lambda) {
  return {Transform::Kind::box_cox, lambda};
}

Target parsed(const std::string& text) {
  return parse_target(text, {});
}

// A seasonal series whose swings grow with its level.
VectorXd growing(int n) {
  VectorXd x(n);
  for (int t = 0; t < n; ++t) {
    x(t) = std::exp(0.02 * t) * (10 + 2 * std::sin(0.5236 * t) + std::cos(1.7 * t * t));
  }
  return x;
}

}  // namespace

TEST_CASE("target: Box-Cox with a number, an expression of numbers, guerrero or ml") {
  CHECK(parsed("boxcox(rice, 0.3)").variable == "rice");
  CHECK(parsed("boxcox(rice, 0.3)").transform.kind == Transform::Kind::box_cox);
  CHECK(parsed("boxcox(rice, 0.3)").transform.lambda == 0.3);
  CHECK(parsed(" boxcox ( rice , -1 ) ").transform.lambda == -1);
  CHECK(parsed("boxcox(rice, 1/3)").transform.lambda == Approx(1.0 / 3));
  CHECK(parsed("boxcox(rice, guerrero)").transform.lambda_by == Transform::LambdaBy::guerrero);
  CHECK(parsed("boxcox(rice, ml)").transform.lambda_by == Transform::LambdaBy::ml);
  CHECK(std::isnan(parsed("boxcox(rice, ml)").transform.lambda));
  CHECK(parsed("boxcox").variable == "boxcox");  // a series may have the name
}

TEST_CASE("target: an equation prints the lambda that it uses") {
  CHECK(box_cox(0.3123456).text("rice") == "boxcox(rice, 0.3123)");
  CHECK(parsed("boxcox(rice, guerrero)").transform.text("rice") == "boxcox(rice, guerrero)");
}

TEST_CASE("target: what is no Box-Cox transformation says why") {
  CHECK_THROWS_WITH(parsed("boxcox(rice)"), Catch::Contains("must have two arguments"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, 1, 2)"), Catch::Contains("must have two arguments"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, 0.3"), Catch::Contains("must end with `)`"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, 0.3) + 1"), Catch::Contains("must end with `)`"));
  CHECK_THROWS_WITH(parsed("boxcox(log(rice), 0.3)"), Catch::Contains("must be a series"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, 2.01)"),
                    Catch::Contains("lambda is 2.01, and must be a number in [-2, 2]"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, 1/0)"), Catch::Contains("lambda is 1/0"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, guerero)"), Catch::Contains("did you mean `guerrero`?"));
  CHECK_THROWS_WITH(parsed("boxcox(rice, )"), Catch::Contains("it ends where a value must follow"));
}

TEST_CASE("target: a mistake in lambda is shown where it stands") {
  SourceRange where{"a.toml", 3, 11, 1, "target = \"boxcox(rice, 9)\""};
  try {
    parse_target("boxcox(rice, 9)", where);
    FAIL("no error");
  } catch (const InputError& error) {
    CHECK(error.problems().front().where.column == 11 + 13);
    CHECK(error.problems().front().where.length == 1);
  }
}

TEST_CASE("target: Box-Cox is there and back, its slope the derivative") {
  for (double lambda : {-2.0, -0.5, -1e-7, 0.0, 1e-12, 0.31, 1.0, 2.0}) {
    const Transform f = box_cox(lambda);
    INFO(lambda);
    for (double x : {1e-3, 0.5, 1.0, 7.0, 2500.0}) {
      INFO(x);
      const double z = f.forward(x);
      // With |lambda| = 2, z comes within 1e-6 of its bound: half of its digits are gone.
      const bool steep = std::fabs(lambda) > 1;
      CHECK(f.inverse(z) == Approx(x).epsilon(steep ? 1e-8 : 1e-11));
      const double h = 1e-6 * x;
      CHECK(f.slope(x) ==
            Approx((f.forward(x + h) - f.forward(x - h)) / (2 * h)).epsilon(steep ? 1e-2 : 1e-6));
      CHECK(f.inverse_slope(z) == Approx(1 / f.slope(x)).epsilon(steep ? 1e-7 : 1e-10));
    }
    CHECK(std::isnan(f.forward(0)));
    CHECK(std::isnan(f.forward(-1)));
  }
}

TEST_CASE("target: Box-Cox is the logarithm at 0, and the level less one at 1") {
  for (double x : {0.01, 1.0, 40.0}) {
    CHECK(box_cox(0).forward(x) == std::log(x));
    CHECK(box_cox(1e-9).forward(x) == Approx(std::log(x)).margin(1e-8));
    CHECK(box_cox(1).forward(x) == Approx(x - 1).margin(1e-14));
  }
  CHECK(box_cox(0).is_logarithm());
  CHECK_FALSE(box_cox(0.01).is_logarithm());
}

TEST_CASE("target: beyond its edge, the inverse of Box-Cox is the limit there") {
  CHECK(box_cox(0.5).inverse(-2) == 0);
  CHECK(box_cox(0.5).inverse(-50) == 0);
  CHECK(box_cox(0.5).inverse_slope(-50) == 0);
  CHECK(box_cox(-0.5).inverse(2) == INFINITY);
  CHECK(box_cox(-0.5).inverse(50) == INFINITY);
  CHECK(std::isfinite(box_cox(-0.5).inverse(1.99)));
}

TEST_CASE("target: what is missing stays missing") {
  for (const char* text : {"x", "log(x)", "sqrt(x)", "boxcox(x, 0.5)", "boxcox(x, -0.5)"}) {
    INFO(text);
    CHECK(std::isnan(parsed(text).transform.forward(kMissing)));
    CHECK(std::isnan(parsed(text).transform.inverse(kMissing)));
  }
}

TEST_CASE("target: a chosen lambda is that of the Box-Cox functions on the same data") {
  const VectorXd x = growing(96);
  CHECK(chosen_transform(parsed("boxcox(x, guerrero)"), x, 12).lambda == guerrero_lambda(x, 12));
  CHECK(chosen_transform(parsed("boxcox(x, guerrero)"), x, 1).lambda == guerrero_lambda(x, 2));
  CHECK(chosen_transform(parsed("boxcox(x, ml)"), x, 12).lambda ==
        BoxCoxLikelihood(x, 12).maximum());
  CHECK(chosen_transform(parsed("boxcox(x, 0.3)"), x, 12).lambda == 0.3);
  CHECK(chosen_transform(parsed("log(x)"), x, 12).kind == Transform::Kind::log);
}

TEST_CASE("target: a sample that cannot carry the choice of lambda says so") {
  const VectorXd x = growing(20);
  CHECK_THROWS_WITH(chosen_transform(parsed("boxcox(x, guerrero)"), x, 12),
                    Catch::Contains("lambda of boxcox(x, guerrero) cannot be chosen: the series "
                                    "has 20 observations, but must have at least 24"));
  CHECK_THROWS_WITH(chosen_transform(parsed("boxcox(x, ml)"), x, 12),
                    Catch::Contains("must have more than 24"));
}

TEST_CASE("target: a note says how lambda was chosen, and what a negative one means") {
  const VectorXd x = growing(96);
  for (const char* text : {"boxcox(x, guerrero)", "boxcox(x, ml)"}) {
    Target target = parsed(text);
    target.transform = chosen_transform(target, x, 12);
    const VectorXd y = x.unaryExpr([&](double v) { return target.transform.forward(v); });
    const std::string note = lambda_note(target, y, 12);
    CHECK_THAT(note, Catch::Contains("is chosen from 96 observations by"));
  }
  CHECK(lambda_note(parsed("boxcox(x, 0.3)"), x, 12).empty());
  CHECK(lambda_note(parsed("log(x)"), x, 12).empty());
  CHECK_THAT(lambda_note(parsed("boxcox(x, -0.3)"), x, 12), Catch::Contains("is negative"));
  // Swings that shrink as the level grows: no lambda in the interval is large enough.
  VectorXd shrinking = x;
  for (int t = 0; t < 96; ++t) shrinking(t) = 100 + 12 * (t / 12) + (t % 12) * std::exp(-0.05 * t);
  Target target = parsed("boxcox(x, guerrero)");
  target.transform = chosen_transform(target, shrinking, 12);
  CHECK_THAT(lambda_note(target, shrinking, 12),
             Catch::Contains("it is the upper end of where it is looked for, [-1, 2]"));
}

}  // namespace amnok
