#include "engine/config/toml.h"

#include <catch2/catch.hpp>

namespace amnok {

namespace {

ConfigValue parse(const std::string& text) {
  ProblemList problems;
  ConfigValue value = parse_toml(text, "t.toml", problems);
  problems.throw_if_errors();
  return value;
}

}  // namespace

TEST_CASE("toml: values know where they stand") {
  const ConfigValue root = parse("[run]\ntitle = \"x\"\ndraws = 100\n");
  const ConfigValue& draws = *root.find("run")->find("draws");
  CHECK(draws.integer() == 100);
  CHECK(draws.where.line == 3);
  CHECK(draws.where.column == 9);
  CHECK(draws.where.text == "draws = 100");
}

TEST_CASE("toml: keys keep the order of the file") {
  const ConfigValue root = parse("[scenarios.zeta]\nlabel='z'\n[scenarios.alpha]\nlabel='a'\n");
  const auto& members = root.find("scenarios")->members();
  REQUIRE(members.size() == 2);
  CHECK(members[0].key == "zeta");
  CHECK(members[1].key == "alpha");
}

TEST_CASE("toml: columns count bytes behind accented text") {
  const ConfigValue root = parse("a = { label = \"\u00E9\u00E9\", x = 7 }\n");
  CHECK(root.find("a")->find("x")->where.column == 27);
}

TEST_CASE("toml: dates are texts") {
  CHECK(parse("at = 2022-09-01\n").find("at")->string() == "2022-09-01");
}

TEST_CASE("toml: a syntax error has its place") {
  ProblemList problems;
  parse_toml("[run]\ntitle = \"x\n", "t.toml", problems);
  REQUIRE(problems.all().size() == 1);
  CHECK(problems.all()[0].where.line == 2);
  CHECK(problems.all()[0].message.find("not valid TOML") == 0);
}

TEST_CASE("toml: values print as TOML in messages") {
  CHECK(show(*parse("a = [1, 2.5, \"x\", true]").find("a")) == "[1, 2.5, \"x\", true]");
  CHECK(show(*parse("a = { b = 1 }").find("a")) == "{ b = 1 }");
}

}  // namespace amnok
