#include "engine/base/input_error.h"

#include <catch2/catch.hpp>

#include "engine/base/check.h"
#include "engine/base/sha256.h"

namespace amnok {

TEST_CASE("input error: a problem shows its line with a caret") {
  const InputProblem problem{Severity::error,
                             {"a.toml", 14, 8, 2, "lags = 12"},
                             "lags is 12, but must be in [0, 8]",
                             "the sample has 40 observations"};
  CHECK(format_problem(problem) ==
        "a.toml:14:8: error: lags is 12, but must be in [0, 8]\n"
        "   14 | lags = 12\n"
        "      |        ^~\n"
        "hint: the sample has 40 observations\n");
}

TEST_CASE("input error: tabs before the caret stay tabs") {
  const InputProblem problem{Severity::error, {"a.toml", 1, 3, 1, "\tx = 1"}, "m", ""};
  CHECK(format_problem(problem).find("      | \t ^") != std::string::npos);
}

TEST_CASE("input error: problems of one kind are shown five times and counted") {
  ProblemList problems;
  for (int i = 1; i <= 9; ++i) {
    problems.error({"a.csv", i, 0, 1, ""}, "x is `" + std::to_string(i) + "`, but must be less");
  }
  problems.error({"a.csv", 20, 0, 1, ""}, "another thing");
  const std::string text = format_problems(problems.all());
  CHECK(text.find("a.csv:5: error") != std::string::npos);
  CHECK(text.find("a.csv:6: error") == std::string::npos);
  CHECK(text.find("a.csv: and 4 more like this") != std::string::npos);
  CHECK(text.find("another thing") != std::string::npos);
}

TEST_CASE("input error: the same problem is said once") {
  const InputProblem problem{Severity::error, {"a.toml", 1, 1, 1, "x"}, "wrong", ""};
  CHECK(InputError({problem, problem}).problems().size() == 1);
}

TEST_CASE("input error: a control character cuts nothing short") {
  std::string message = "x is `?5`, but must be a number";
  message[6] = '\0';
  CHECK(format_problem({Severity::error, {}, message, ""}) ==
        "error: x is `\\x005`, but must be a number\n");
}

TEST_CASE("input error: the caret stands below wide characters") {
  const InputProblem problem{Severity::error, {"a.toml", 1, 7, 1, "\xEC\x8C\x80 = 1"}, "m", ""};
  CHECK(format_problem(problem).find("      |      ^\n") != std::string::npos);
}

TEST_CASE("input error: of a long line, what stands around the place is shown") {
  const std::string values = "value = [" + std::string(400, '1') + "]";
  const auto shown = [](int column, int length, const std::string& line) {
    return format_problem({Severity::error, {"a.toml", 3, column, length, line}, "m", ""});
  };
  CHECK(shown(1, 410, values) == "a.toml:3:1: error: m\n    3 | " + values.substr(0, 150) +
                                     "...\n      | ^" + std::string(149, '~') + "\n");
  CHECK(shown(410, 1, values) == "a.toml:3:410: error: m\n    3 | ..." + values.substr(369) +
                                     "\n      | " + std::string(43, ' ') + "^\n");
  std::string wide;  // no character is cut
  for (int i = 0; i < 100; ++i) wide += "\xEC\x8C\x80";
  CHECK(shown(200, 3, wide).find("...\xEC\x8C\x80") != std::string::npos);
}

TEST_CASE("input error: warnings alone do not throw") {
  ProblemList problems;
  problems.warning({}, "odd");
  CHECK_NOTHROW(problems.throw_if_errors());
  problems.error({}, "wrong");
  CHECK_THROWS_AS(problems.throw_if_errors(), InputError);
}

TEST_CASE("check: a broken contract names the expression and its values") {
  const int a = 1;
  CHECK_THROWS_WITH([&] { AMNOK_CHECK(a == 2, "a is {}", a); }(),
                    Catch::Contains("`a == 2` does not hold: a is 1"));
}

TEST_CASE("sha256: the published test vectors") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace amnok
