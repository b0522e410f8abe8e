// One bad input a message: a clear error, exit code 2, nothing half-written.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kScenario = "[scenarios.a]\nchanges = [{ path = \"w\" }]\n";

// Runs `amnok run` on a config and wants exit code 2 with every text in its error output.
void refuses(const std::string& config, const std::vector<std::string>& texts,
             const std::string& data = "") {
  const StudyFixture fixture;
  const std::string path = fixture.folder.write("bad.toml", config);
  if (!data.empty()) fixture.folder.write("data.csv", data);
  const ProgramResult result = run_program("run bad.toml -o out", fixture.folder.path());
  INFO(result.err);
  CHECK(result.exit_code == 2);
  for (const std::string& text : texts) CHECK_THAT(result.err, Catch::Contains(text));
  CHECK_FALSE(fixture.folder.has("out"));
}

std::string models(const std::string& from = "", const std::string& to = "") {
  std::string text = StudyFixture::models_toml();
  if (from.empty()) return text;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("bad input: malformed TOML", "[program]") {
  refuses("[run\ntitle = 'x'\n", {"bad.toml:1", "not valid TOML"});
}

TEST_CASE("bad input: several problems are said at once, each with its place", "[program]") {
  refuses("[run]\ntitel = 'x'\nfrequency = 'montly'\n[modles.a]\n",
          {"bad.toml:2:1: error: unknown key `run.titel`", "did you mean `title`?",
           "bad.toml:3:13: error: run.frequency is \"montly\"", "did you mean `monthly`?",
           "unknown key `modles`", "`run.title` is missing"});
}

TEST_CASE("bad input: an option out of range shows the line and a caret", "[program]") {
  refuses(
      models("order = [1, 0, 0]", "order = [1, 0, 99]") + kScenario,
      {"models.m.order[3] is 99, but must be an integer in [0, 12]", "order = [1, 0, 99]", "^~"});
}

TEST_CASE("bad input: an unknown plugin", "[program]") {
  refuses(models("plugin = \"arima\"", "plugin = \"arma\"") + kScenario, {"did you mean `arima`?"});
}

TEST_CASE("bad input: an option of another plugin", "[program]") {
  refuses(models("plugin = \"trade_elasticity\"", "plugin = \"trade_elasticity\"\nmax_breaks = 2") +
              kScenario,
          {"unknown key `models.p.max_breaks`"});
}

TEST_CASE("bad input: an unknown variable in an expression points into the string", "[program]") {
  refuses(models("log(m)\", \"log(w)", "log(mm)\", \"log(w)") + kScenario,
          {"`mm` is not a known variable", "did you mean `m`?"});
}

TEST_CASE("bad input: a target that is no series", "[program]") {
  refuses(models("target = \"log(x)\"", "target = \"log(y)\"") + kScenario,
          {"models.x.target names `y`, which is not a series"});
  refuses(models("target = \"log(x)\"", "target = \"diff(x)\"") + kScenario,
          {"must be a series, log(series) or sqrt(series)"});
}

TEST_CASE("bad input: two equations for one variable", "[program]") {
  refuses(models("target = \"log(x)\"", "target = \"log(m)\"") + kScenario,
          {"`m` is explained by two equations"});
}

TEST_CASE("bad input: an unknown event", "[program]") {
  refuses(models("event = \"closure\"", "event = \"clsoure\"") + kScenario,
          {"event \"clsoure\" is not in the calendar", "did you mean `closure`?"});
}

TEST_CASE("bad input: cyclic identities", "[program]") {
  refuses(models("balance = \"x - m\"", "balance = \"x - m + balance_3m\"") + kScenario,
          {"identities define each other in a circle", "balance -> balance_3m -> balance"});
}

TEST_CASE("bad input: an identity with the name of a series", "[program]") {
  refuses(models("balance = \"x - m\"", "w = \"x - m\"\nbalance = \"x - m\"") + kScenario,
          {"identities.w has the name of a series"});
}

TEST_CASE("bad input: a name that no expression can use", "[program]") {
  refuses(models("[data.w]", "[data.\"w-1\"]") + kScenario,
          {"`w-1` cannot be used in expressions"});
}

TEST_CASE("bad input: cyclic extends", "[program]") {
  refuses(models() + "[scenarios.a]\nextends = \"b\"\n[scenarios.b]\nextends = \"a\"\n",
          {"scenarios extend each other in a circle: a -> b -> a"});
}

TEST_CASE("bad input: extends something unknown", "[program]") {
  refuses(models() + "[scenarios.alpha]\n[scenarios.b]\nextends = \"alhpa\"\n",
          {"scenarios.b.extends is \"alhpa\", which is not a scenario", "did you mean `alpha`?"});
}

TEST_CASE("bad input: probabilities that do not sum to one", "[program]") {
  refuses(models() +
              "[scenarios.a]\nprobability = 0.5\nchanges = [{ path = \"w\" }]\n[scenarios.b]\n"
              "extends = \"a\"\nprobability = 0.4\n",
          {"the probabilities of the scenarios sum to 0.9", "must sum to 1"});
  refuses(models() +
              "[scenarios.a]\nprobability = 1\nchanges = [{ path = \"w\" "
              "}]\n[scenarios.b]\nextends = \"a\"\n",
          {"need one for all: b have none"});
}

TEST_CASE("bad input: an exogenous variable without a path", "[program]") {
  refuses(models() + "[scenarios.a]\n",
          {"scenarios.a has no path for `w`", "{ path = \"w\", mode = \"hold\" }"});
}

TEST_CASE("bad input: changes that cannot be", "[program]") {
  const auto change = [&](const std::string& text) {
    return models() + "[scenarios.a]\nchanges = [{ path = \"w\" }, " + text + "]\n";
  };
  refuses(change("{ pth = \"w\" }"), {"must say one of: end_event"});
  refuses(change("{ path = \"m\", mode = \"hold\" }"),
          {"which an equation explains", "use fix to force it"});
  refuses(change("{ path = \"w\", mode = \"level\" }"), {"mode \"level\" needs a value"});
  refuses(change("{ path = \"w\", value = 3 }"), {"mode \"hold\" takes no value"});
  refuses(change("{ fix = \"w\", value = 3 }"), {"must be a variable with an equation"});
  refuses(change("{ fix = \"m\", value = -3 }"),
          {"`m` is fixed at -3, where log(m) is not defined"});
  refuses(change("{ add_factor = \"zz\", value = 3 }"),
          {"add_factor is \"zz\", which is not defined"});
  refuses(change("{ add_factor = \"m\", value = \"3\" }"), {"must be", "0.5%"});
  refuses(change("{ parameter = \"m\", multiply = 2 }"), {"must be EQUATION.COEFFICIENT"});
  refuses(change("{ parameter = \"m.ar2\", multiply = 2 }"),
          {"equation `m` has no coefficient `ar2`", "ar1"});
  refuses(change("{ parameter = \"m.ar1\" }"), {"one of multiply, add, set"});
  refuses(change("{ end_event = \"closure\", at = \"soon\" }"),
          {"at is \"soon\", but must be a period"});
  refuses(change("{ end_event = \"closure\", at = \"2018-01\" }"),
          {"cannot end in 2018-01", "starts on"});
  refuses(change("{ end_event = \"closur\", at = \"2022-02\" }"), {"did you mean `closure`?"});
  refuses(change("{ add_factor = \"m\", value = 1, from = \"2022-05\", to = \"2022-03\" }"),
          {"`to` lies before `from`"});
}

TEST_CASE("bad input: the horizon must follow the sample", "[program]") {
  refuses(models("horizon = 12", "horizon = \"2022-03..2022-12\"") + kScenario,
          {"run.horizon starts in 2022-03, but must start in 2022-01"});
  refuses(models("sample = \"2014-01..2021-12\"", "sample = \"2014-01..2013-12\"") + kScenario,
          {"must end after it starts"});
  refuses(models("sample = \"2014-01..2021-12\"", "sample = \"2014..2021\"") + kScenario,
          {"must be a range of monthly periods"});
}

TEST_CASE("bad input: an effect of scenarios that are not there", "[program]") {
  refuses(models() + kScenario + "[effects.e]\ncompare = [\"a\", \"b\"]\n",
          {"effects.compare is \"b\", which is not defined"});
}

TEST_CASE("bad input: data files", "[program]") {
  refuses(models("file = \"data.csv\"", "file = \"dtaa.csv\"") + kScenario,
          {"cannot read", "dtaa.csv"});
  refuses(models() + kScenario, {"the file is empty"}, "\n");
  refuses(models() + kScenario, {"column is \"m\", but must be a column of"},
          "date,q\n2014-01,1\n");
  refuses(models() + kScenario, {"data.csv:3", "m is `abc`, but must be a number"},
          "date,m,x,p,w\n2014-01,1,1,1,1\n2014-02,abc,1,1,1\n");
  refuses(models() + kScenario, {"data.csv:3", "dates must ascend"},
          "date,m,x,p,w\n2014-02,1,1,1,1\n2014-01,2,1,1,1\n");
}

TEST_CASE("bad input: the logarithm of zero names the row and what to do", "[program]") {
  std::string data = "date,m,x,p,w\n";
  for (int t = 0; t < 40; ++t) {
    data += fmt::format("{},{},{},{},{}\n", format_period({Frequency::monthly, 2014 * 12 + t}),
                        t == 30 ? 0 : 5 + t % 7, 3 + t % 5, 100 + t % 3, 50 + t % 4);
  }
  refuses(models() + kScenario,
          {"data.csv:32", "`log(m)` is not defined in 2016-07: m is 0", "never log(1 + x)"}, data);
}

TEST_CASE("bad input: constant and missing series, too few observations", "[program]") {
  const auto rows = [](int n, auto m) {
    std::string data = "date,m,x,p,w\n";
    for (int t = 0; t < n; ++t) {
      data += fmt::format("{},{},{},{},{}\n", format_period({Frequency::monthly, 2014 * 12 + t}),
                          m(t), 3 + t % 5, 100 + t % 3, 50 + t % 4);
    }
    return data;
  };
  refuses(models() + kScenario, {"data.m has no value"},
          rows(40, [](int) { return std::string(); }));
  refuses(models() + kScenario, {"observations"},
          rows(4, [](int t) { return fmt::format("{}", t + 1); }));
}

TEST_CASE("bad input: perfectly collinear regressors are named", "[program]") {
  refuses(models("\"log(w)\"", "\"log(w)\", \"2 * log(w)\"") + kScenario,
          {"models", "perfectly collinear: 2 * log(w)"});
}

TEST_CASE("bad input: arguments", "[program]") {
  const StudyFixture fixture;
  const auto refused = [&](const std::string& arguments, const std::string& text) {
    const ProgramResult result = run_program(arguments, fixture.folder.path());
    INFO(arguments << "\n" << result.out << result.err);
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.out + result.err, Catch::Contains(text));
  };
  refused("", "subcommand");
  refused("rnu study.toml", "did you mean `run`?");
  refused("run", "CONFIG");
  refused("run study.toml --draws 3", "draws");
  refused("run study.toml --scenario opne", "did you mean `open`?");
  refused("run nothing.toml", "nothing.toml");
  refused("run .", "is a folder");
  refused("fit study.toml --model mm", "did you mean `m`?");
  refused("models arma", "did you mean `arima`?");
}

}  // namespace amnok
