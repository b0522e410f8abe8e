#include "engine/config/schema.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "engine/config/json_schema.h"
#include "engine/config/toml.h"

namespace amnok {

namespace {

Schema sample_schema() {
  Schema inner{"inner", "", {}};
  inner.options = {required_option("name", {string_type("a text")}, "a name")};
  Schema path{"path", "", {}};
  path.options = {required_option("path", {string_type("a series")}, "which")};
  Schema fix{"fix", "", {}};
  fix.options = {required_option("fix", {string_type("a series")}, "which")};
  Schema schema{"sample", "", {}};
  schema.options = {
      default_option("lags", {integer_type(0, 8)}, std::int64_t{2}, "lags"),
      default_option("rate", {number_type(0)}, 0.5, "a rate"),
      optional_option("order", {choice_type({"auto"}), array_type(integer_type(0), 3, 3)}, "order"),
      optional_option("shape", {choice_type({"step", "pulse"})}, "shape"),
      optional_option("inner", {table_type(inner)}, "a table"),
      optional_option("series", {map_type({table_type(inner)})}, "tables by name"),
      optional_option("changes", {array_type(tagged_type("", {path, fix}))}, "changes"),
  };
  return schema;
}

std::vector<std::string> messages(const std::string& text) {
  ProblemList problems;
  const ConfigValue root = parse_toml(text, "t.toml", problems);
  check_schema(root, sample_schema(), "", problems);
  std::vector<std::string> result;
  for (const InputProblem& p : problems.all()) result.push_back(p.message + "|" + p.hint);
  return result;
}

}  // namespace

TEST_CASE("schema: a good table passes") {
  CHECK(messages("lags = 3\norder = [1, 0, 1]\n[series.a]\nname = 'x'\n").empty());
  CHECK(messages("order = 'auto'\nchanges = [{ fix = 'rice' }]\n").empty());
}

TEST_CASE("schema: every problem is found at once") {
  const auto found = messages("lgas = 3\nrate = -1\nshape = 'stpe'\n[inner]\n");
  REQUIRE(found.size() == 4);
  CHECK(found[0] == "unknown key `lgas`|did you mean `lags`?");
  CHECK(found[1] == "rate is -1, but must be a number >= 0|");
  CHECK(found[2] ==
        "shape is \"stpe\", but must be one of \"step\", \"pulse\"|did you mean `step`?");
  CHECK(found[3] == "`inner.name` is missing, but must be given: a name|");
}

TEST_CASE("schema: out of range names the range") {
  CHECK(messages("lags = 12").front() == "lags is 12, but must be an integer in [0, 8]|");
}

TEST_CASE("schema: a wrong type says what is expected") {
  CHECK(messages("lags = 'x'").front() == "lags is \"x\", but must be an integer in [0, 8]|");
  CHECK(messages("rate = true").front() == "rate is true, but must be a number >= 0|");
}

TEST_CASE("schema: alternatives are all named") {
  CHECK(messages("order = 'best'").front().find("\"auto\" or an array of 3") != std::string::npos);
  CHECK(messages("order = [1, 2]").front().find("\"auto\" or an array of 3") != std::string::npos);
}

TEST_CASE("schema: elements and map entries are checked with their path") {
  CHECK(messages("order = [1, -1, 0]").front() == "order[2] is -1, but must be an integer >= 0|");
  CHECK(messages("[series.a]\nnmae = 'x'\n").front() ==
        "unknown key `series.a.nmae`|did you mean `name`?");
}

TEST_CASE("schema: a change must say what it changes") {
  CHECK(messages("changes = [{ pth = 'x' }]").front().find("must say one of: path, fix") !=
        std::string::npos);
}

TEST_CASE("schema: infinities and NaN are refused") {
  CHECK(messages("rate = inf").size() == 1);
  CHECK(messages("rate = nan").size() == 1);
}

TEST_CASE("options: defaults stand in for what is not written") {
  ProblemList problems;
  const Schema schema = sample_schema();
  const Options options(parse_toml("lags = 5", "t", problems), schema);
  CHECK(options.integer("lags") == 5);
  CHECK(options.number("rate") == 0.5);
  CHECK_FALSE(options.has("order"));
}

TEST_CASE("json schema: options, defaults and limits") {
  const auto json = nlohmann::json::parse(json_schema(sample_schema(), "t"));
  CHECK(json["properties"]["lags"]["maximum"] == 8);
  CHECK(json["properties"]["lags"]["default"] == 2);
  CHECK(json["properties"]["order"]["anyOf"].size() == 2);
  CHECK(json["properties"]["changes"]["items"]["oneOf"].size() == 2);
  CHECK(json["additionalProperties"] == false);
}

}  // namespace amnok
