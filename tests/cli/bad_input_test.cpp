// One bad input a message: a clear error, exit code 2, nothing half-written.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kScenario = "[scenarios.a]\nchanges = [{ path = \"w\" }]\n";

// Runs `amnok check` and `amnok run` on a config and wants exit code 2 with every text in the error
// output of both.
void refuses(const std::string& config, const std::vector<std::string>& texts,
             const std::string& data = "") {
  const StudyFixture fixture;
  const std::string path = fixture.folder.write("bad.toml", config);
  if (!data.empty()) fixture.folder.write("data.csv", data);
  for (const char* command : {"check bad.toml", "run bad.toml -o out"}) {
    const ProgramResult result = run_program(command, fixture.folder.path());
    INFO(command << "\n" << result.out << result.err);
    CHECK(result.exit_code == 2);
    for (const std::string& text : texts) CHECK_THAT(result.err, Catch::Contains(text));
    CHECK_THAT(result.out, !Catch::Contains("config is valid"));
  }
  CHECK_FALSE(fixture.folder.has("out"));
}

// Both commands go on, with the text as a warning.
void warns(const std::string& config, const std::string& text) {
  const StudyFixture fixture;
  fixture.folder.write("odd.toml", config);
  const ProgramResult check = run_program("check odd.toml", fixture.folder.path());
  const ProgramResult run = run_program("run odd.toml -o out", fixture.folder.path());
  INFO(check.out << check.err << run.err);
  CHECK(check.exit_code == 0);
  CHECK(run.exit_code == 0);
  CHECK_THAT(check.out, Catch::Contains("warning: " + text));
  CHECK_THAT(run.err, Catch::Contains("warning: " + text));
  CHECK_THAT(fixture.folder.read("out/summary.txt"), Catch::Contains(text));
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

TEST_CASE("bad input: forms of an elasticity that do not go together", "[program]") {
  const auto refuses_form = [](const std::string& form, const std::string& message) {
    refuses(models("plugin = \"trade_elasticity\"", "plugin = \"trade_elasticity\"\n" + form) +
                kScenario,
            {message});
  };
  const std::string ardl = "dynamics = \"ardl\"\n", iv = "instruments = [\"x\"]\n";
  const std::string prior = "prior = [{ term = \"log(m)\", mean = 0, sd = 1 }]";
  refuses_form(ardl + iv, "models.p.instruments is given, but must be left out of an ARDL");
  refuses_form(ardl + prior, "models.p.prior is given, but must be left out of an ARDL");
  refuses_form(ardl + "regimes = \"a\"", "models.p.regimes is given, but must be left out");
  refuses_form(ardl + "time_varying = true", "models.p.time_varying is true, but must be false");
  refuses_form(ardl + "bootstrap = \"wild\"", "models.p.bootstrap is given, but must be none");
  const std::string levels = "cointegration = true\n";
  refuses_form(levels + iv, "models.p.cointegration is true, but must be false with instruments");
  refuses_form(levels + prior, "models.p.cointegration is true, but must be false with prior");
  refuses_form(levels + "regimes = \"a\"",
               "models.p.cointegration is true, but must be false with regimes");
  refuses_form(levels + ardl + "asymmetric = true",
               "models.p.cointegration is true, but must be false with asymmetric = true");
  refuses_form(levels + "estimator = \"ppml\"",
               "models.p.cointegration is true, but must be false with estimator = \"ppml\"");
  const std::string flows =
      "estimator = \"ppml\"\npanel = [{ name = \"b\", target = \"log(m)\" }]\n";
  refuses_form(flows, "models.p.panel: target is log(m), but must be the level with estimator");
  refuses_form(flows + "effects = \"random\"",
               "models.p.effects is \"random\", but must be unit, two_way or none with estimator");
  refuses_form(iv + prior, "models.p.prior is given, but must be left out with instruments");
  refuses_form(iv + "regimes = \"a\"", "models.p.regimes is given, but must be left out with");
  refuses_form(iv + "time_varying = true", "models.p.time_varying is true, but must be false");
  refuses_form(iv + "bootstrap = \"wild\"", "models.p.bootstrap is given, but must be none with");
  refuses_form("asymmetric = true", "models.p.asymmetric is true, but must be false without");
  refuses_form("estimator = \"liml\"",
               "models.p.estimator is \"liml\", but must be \"ols\" without instruments");
  refuses_form("endogenous = [\"log(m)\"]", "models.p.endogenous is given, but must be left out");
  refuses_form("instruments = [\"log(zz)\"]", "`zz` is not a known variable");
}

TEST_CASE("bad input: an unknown variable in an expression points into the string", "[program]") {
  refuses(models("log(m)\", \"log(w)", "log(mm)\", \"log(w)") + kScenario,
          {"`mm` is not a known variable", "did you mean `m`?"});
}

TEST_CASE("bad input: a target that is no series", "[program]") {
  refuses(models("target = \"log(x)\"", "target = \"log(y)\"") + kScenario,
          {"models.x.target names `y`, which is not a series"});
  refuses(models("target = \"log(x)\"", "target = \"diff(x)\"") + kScenario,
          {"must be a series, log(series), sqrt(series) or boxcox(series, lambda)"});
}

TEST_CASE("bad input: a combination", "[program]") {
  const auto combination = [](const std::string& rest) {
    return models("plugin = \"arima\"\ntarget = \"log(x)\"\norder = [1, 0, 0]",
                  "plugin = \"combination\"\ntarget = \"log(x)\"\n" + rest) +
           kScenario;
  };
  refuses(combination("members = [{ plugin = \"ets\" }, { plugin = \"combination\" }]"),
          {"models.x.members[2].plugin is \"combination\", but must be one of: arima, ets", "^~~"});
  refuses(combination("members = [{ plugin = \"ets\" }, { form = \"AAN\" }]"),
          {"`models.x.members[2].plugin` is missing, but must be one of: arima, ets"});
  refuses(combination("members = [{ plugin = \"ets\", fom = \"AAN\" }, { plugin = \"theta\" }]"),
          {"unknown key `models.x.members[1].fom`", "did you mean `form`?"});
  refuses(combination("members = [{ plugin = \"ets\", innovations = \"bootstrap\" }, "
                      "{ plugin = \"theta\" }]"),
          {"unknown key `models.x.members[1].innovations`"});
  refuses(combination("members = [{ plugin = \"arima\", order = [1, 1, 99] }, "
                      "{ plugin = \"theta\" }]"),
          {"models.x.members[1].order[3] is 99, but must be an integer in [0, 12]"});
  refuses(combination("members = [{ plugin = \"ets\", form = \"QQQ\" }, { plugin = \"theta\" }]"),
          {"form is \"QQQ\", but must be auto or error (A, M)"});
  refuses(combination("members = [{ plugin = \"ets\" }]"),
          {"models.x.members is [{ plugin = \"ets\" }], but must be an array of at least 2"});
  refuses(combination("combine = \"mode\""), {"models.x.combine is \"mode\""});
  refuses(combination("combine = \"median\"\nweights = \"equal\""),
          {"models.x.weights is \"equal\", but a median has no weights", "^~~"});
  refuses(
      combination("weights = \"aicc\"\nmembers = [{ plugin = \"arima\", order = [0, 1, 1] }, "
                  "{ plugin = \"ets\" }]"),
      {"models.x.weights: AICc compares likelihoods of the same data only, but that of arima is of "
       "differences (d = 1) (95 observations), that of ets of the target itself (96",
       "weights = \"backtest\" compares forecasts of any members", "^~~"});
  refuses(
      combination("sample = \"2021-11..2021-12\""),
      {"models.x: no member of the combination can be fitted: arima: ", "; ets: ", "; theta: "});
  refuses(combination("sample = \"2021-08..2021-12\"\nweights = \"backtest\"\n"
                      "members = [{ plugin = \"theta\" }, { plugin = \"ets\" }]"),
          {"models.x.weights: 1 of the last 4 periods could be forecast by every member, but a "
           "backtest "
           "needs at least 4",
           "^~~"});
  refuses(combination("regressors = [\"log(w)\"]") +
              "[scenarios.b]\nextends = \"a\"\n"
              "changes = [{ parameter = \"x.arima.log(w)\", multiply = 2 }]\n",
          {"`arima.log(w)` is the coefficient of a regressor in one member of a combination",
           "say recentre = false"});
}

TEST_CASE("bad input: a Box-Cox target", "[program]") {
  const auto target = [](const std::string& text) {
    return models("target = \"log(x)\"", "target = \"" + text + "\"") + kScenario;
  };
  refuses(target("boxcox(x)"), {"`boxcox` must have two arguments, a series and lambda"});
  refuses(target("boxcox(x, 2.5)"),
          {"lambda is 2.5, and must be a number in [-2, 2], guerrero or ml", "^~~"});
  refuses(target("boxcox(x, guerero)"), {"did you mean `guerrero`?"});
  refuses(target("boxcox(x, w)"), {"lambda is w, and must be a number"});
  refuses(target("boxcox(log(x), 1)"), {"the first argument of `boxcox` must be a series"});
  refuses(target("boxcox(x, 0.3"), {"must end with `)`"});
  refuses(target("boxcox(y, 0.3)"), {"models.x.target names `y`, which is not a series"});
}

TEST_CASE("bad input: a Box-Cox target of zero names the row", "[program]") {
  std::string data = "date,m,x,p,w\n";
  for (int t = 0; t < 40; ++t) {
    data += fmt::format("{},{},{},{},{}\n", format_period({Frequency::monthly, 2014 * 12 + t}),
                        5 + t % 7, t == 30 ? 0 : 3 + t % 5, 100 + t % 3, 50 + t % 4);
  }
  for (const char* lambda : {"0.3", "guerrero", "ml"}) {
    const std::string target = fmt::format("boxcox(x, {})", lambda);
    refuses(models("target = \"log(x)\"", "target = \"" + target + "\"") + kScenario,
            {"data.csv:32", "`" + target + "` is not defined in 2016-07: x is 0",
             "zero trade has no Box-Cox transform"},
            data);
  }
}

TEST_CASE("bad input: a sample too short for the choice of lambda", "[program]") {
  refuses(models("target = \"log(x)\"",
                 "target = \"boxcox(x, guerrero)\"\nsample = \"2020-09..2021-12\"") +
              kScenario,
          {"models.x: lambda of boxcox(x, guerrero) cannot be chosen: the series has 16 "
           "observations, but must have at least 24",
           "give lambda as a number"});
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
  refuses(
      models("[data.w]", "[data.\"w-1\"]") + kScenario,
      {"a name in [data] is \"w-1\", but must have the letters a-z and A-Z, digits and _ only"});
}

TEST_CASE("bad input: cyclic extends", "[program]") {
  refuses(models() + "[scenarios.a]\nextends = \"b\"\n[scenarios.b]\nextends = \"a\"\n",
          {"scenarios extend each other in a circle: a -> b -> a"});
}

TEST_CASE("bad input: extends something unknown", "[program]") {
  refuses(models() + "[scenarios.alpha]\n[scenarios.b]\nextends = \"alhpa\"\n",
          {"scenarios.b.extends is \"alhpa\", which is not defined", "did you mean `alpha`?"});
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
  refuses(change("{ path = \"w\", mode = \"hold\", value = 3 }"), {"mode \"hold\" takes no value"});
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

TEST_CASE("bad input: conditions and targets that no draw can meet") {
  const auto changes = [&](const std::string& text) {
    return models() + "[scenarios.a]\nchanges = [{ path = \"w\" }, " + text + "]\n";
  };
  refuses(changes("{ condition = \"m >= 5\", at = \"2022-06\" }, "
                  "{ condition = \"m <= 3\", from = \"2022-05\", to = \"2022-07\" }"),
          {"m >= 5 and m <= 3 cannot both hold in 2022-06"});
  refuses(changes("{ condition = \"m = 5\", at = \"2022-06\" }, "
                  "{ condition = \"6 <= m\", at = \"2022-06\" }"),
          {"m = 5 and m >= 6 cannot both hold in 2022-06"});
  refuses(changes("{ fix = \"m\", value = 60 }, { condition = \"m >= 80\", at = \"2022-06\" }"),
          {"m = 60 and m >= 80 cannot both hold in 2022-06"});
  refuses(changes("{ target = \"m\", value = -3, at = \"2022-06\", instrument = \"m\" }"),
          {"the target of m is -3, but its equation explains log(m), which is not defined there"});
  refuses(changes("{ condition = \"m <= -1\", at = \"2022-06\" }"),
          {"the condition is m <= -1, but its equation explains log(m)"});
}

TEST_CASE("check: conditions that leave room for each other pass", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("good.toml", models() +
                                        "[scenarios.a]\nchanges = [{ path = \"w\" }, "
                                        "{ condition = \"m >= -5\", at = \"2022-06\" }, "
                                        "{ condition = \"m <= 9000\", at = \"2022-06\" }, "
                                        "{ condition = \"m >= 9001\", at = \"2022-07\" }, "
                                        "{ condition = \"m = 50\", at = \"2022-06\", sd = 5 }, "
                                        "{ condition = \"m = 60\", at = \"2022-06\", sd = 5 }]\n");
  const ProgramResult result = run_program("check good.toml", fixture.folder.path());
  INFO(result.err);
  CHECK(result.exit_code == 0);
}

TEST_CASE("bad input: a slider on a figure that is an assumption") {
  refuses(models() +
              "[scenarios.a]\nchanges = [{ path = \"w\" }, { assume = \"stays\", distribution "
              "= \"beta\", mean = 0.3, sd = 0.1 }, { end_event = \"closure\", at = "
              "\"2022-04\", remaining = \"stays\" }]\n[[live]]\nscenario = \"a\"\nchange = "
              "\"end_event closure\"\nvary = \"remaining\"\nfrom = 0\nto = 1\n",
          {"live[1].vary is \"remaining\", but must be a number in scenario a: there it is the "
           "assumption stays, which has a distribution"});
}

TEST_CASE("bad input: claims that are not there") {
  refuses(models() + kScenario + "[output]\nclaims = \"none.csv\"\n",
          {"output.claims is \"none.csv\", but must be a file; there is none"});
  refuses(models() + kScenario + "[output]\nclaims = \"data.csv\"\n",
          {"data.csv has no column value", "claims have columns series, period, value"});
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

TEST_CASE("bad input: mistakes of all kinds are said in one pass", "[program]") {
  std::string text = models("sample = \"2014-01..2021-12\"", "sample = \"2021-12..2014-01\"");
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("column = \"x\"", "colum = \"x\"");
  replace("event = \"closure\"", "event = \"clsoure\"");
  replace("log(m)\", \"log(w)", "log(mm)\", \"log(w)");
  refuses(text +
              "[scenarios.a]\nchanges = [{ path = \"w\" }, { add_factor = \"zz\", value = 1 }]\n"
              "[effects.e]\ncompare = [\"a\", \"b\"]\n",
          {"must end after it starts", "unknown key `data.x.colum`", "did you mean `closure`?",
           "did you mean `m`?", "add_factor is \"zz\"", "effects.compare is \"b\"",
           "data.x.column is \"value\", but must be a column"});
}

TEST_CASE("bad input: names that are used in files", "[program]") {
  const std::string letters = "but must have the letters a-z and A-Z, digits and _ only";
  refuses(models() + "[scenarios.'/../../escaped']\nchanges = [{ path = \"w\" }]\n",
          {"bad.toml", "a name in [scenarios] is \"/../../escaped\", " + letters, "label = "});
  refuses(models() + "[scenarios.'']\nchanges = [{ path = \"w\" }]\n",
          {"a name in [scenarios] is \"\", " + letters});
  refuses(models() + kScenario + "[effects.'../e']\ncompare = ['a', 'a']\n",
          {"a name in [effects] is \"../e\", " + letters});
  refuses(models("[models.m]", "[models.'rail/road']") + kScenario,
          {"a name in [models] is \"rail/road\", " + letters});
  refuses(models("[data.w]", "[data.\"\uC300\uAC12\"]") + kScenario,
          {"a name in [data] is \"\uC300\uAC12\", " + letters, "^~~~~~\n"});
  refuses(models("target = \"log(x)\"", "target = \"\uC300\"") + kScenario,
          {"`\uC300` does not begin a value"});
  refuses("[run]\n\uC81C\uBAA9 = 1\n", {"not valid TOML", "quote the key"});
}

TEST_CASE("bad input: an event that ends before it starts", "[program]") {
  refuses(models() + "[events.z]\nstart = \"2016-06\"\nend = \"2016-01\"\n" + kScenario,
          {"event \"z\" ends on 2016-01-31, but must end after it starts, on 2016-06-01", "^~"});
}

TEST_CASE("bad input: an event that does not act in the sample", "[program]") {
  refuses(models() + "[events.closure]\nstart = \"2023-01\"\n" + kScenario,
          {"models.m: event \"closure\" (step) does not act within 2014-01..2021-12: it starts in "
           "2023-01"});
}

TEST_CASE("bad input: interventions that cannot be told apart", "[program]") {
  const std::string one = "[{ event = \"closure\", shape = \"step\" }]";
  refuses(models(one, "[{ event = \"closure\" }, { event = \"closure\" }]") + kScenario,
          {"event \"closure\" stands twice with the shape step"});
  refuses(models(one, "[{ event = \"closure\" }, { event = \"again\" }]") +
              "[events.again]\nstart = \"2019-01\"\n" + kScenario,
          {"perfectly collinear within 2014-01..2021-12: again.omega0"});
}

TEST_CASE("bad input: collinear regressors of an arima equation are named", "[program]") {
  refuses(models("target = \"log(x)\"",
                 "target = \"log(x)\"\nregressors = [\"log(w)\", \"2 * log(w)\"]") +
              kScenario,
          {"models.x: perfectly collinear within 2014-01..2021-12: 2 * log(w)"});
}

TEST_CASE("bad input: changes that could not act", "[program]") {
  const auto change = [&](const std::string& text) {
    return models() + "[scenarios.a]\nchanges = [{ path = \"w\" }, " + text + "]\n";
  };
  refuses(change("{ fix = \"m\", value = 90, from = \"2030-01\" }"),
          {"the change acts from 2030-01, but must act in the horizon, 2022-01..2022-12", "^~"});
  refuses(change("{ add_factor = \"m\", value = 1, to = \"2021-06\" }"),
          {"the change acts up to 2021-06, but must act in the horizon"});
  refuses(change("{ end_event = \"closure\", at = \"2044-03\" }"),
          {"event \"closure\" ends in 2044-03, but must do so in the horizon"});
  refuses(
      change("{ start_event = \"closure\", at = \"2013-03\" }"),
      {"event \"closure\" starts in 2013-03, but must do so in the horizon", "[events.closure]"});
  refuses(change("{ start_event = \"closure\", at = \"2022-03\", until = \"2022-01\" }"),
          {"until is \"2022-01\", but must come after its start, 2022-03"});
  warns(change("{ start_event = \"other\", at = \"2022-03\" }") +
            "[events.other]\nstart = \"2016-01\"\n",
        "event \"other\" is in no equation and no identity: the change does nothing");
  warns(
      models() + "[scenarios.a]\nchanges = [{ path = \"w\", mode = \"level\", value = [1, 2] }]\n",
      "2 values for 12 periods: the last one goes on");
}

TEST_CASE("bad input: a path outside the domain of its regressor", "[program]") {
  refuses(models() +
              "[scenarios.a]\nchanges = [{ path = \"w\" }, { path = \"w\", mode = \"level\", value "
              "= -1, from = \"2022-05\" }]\n",
          {"w is -1 in 2022-05, but `log(w)` of models.p must be defined there",
           "a logarithm needs a value above zero", "value = -1, from"});
}

TEST_CASE("bad input: a square root has the hint of a square root", "[program]") {
  std::string data = "date,m,x,p,w\n";
  for (int t = 0; t < 40; ++t) {
    data += fmt::format("{},{},{},{},{}\n", format_period({Frequency::monthly, 2014 * 12 + t}),
                        5 + t % 7, 3 + t % 5, 100 + t % 3, t == 30 ? -5 : 50 + t % 4);
  }
  refuses(models("\"log(w)\"", "\"sqrt(w)\"") + kScenario,
          {"data.csv:32:", "`sqrt(w)` is not defined in 2016-07: w is -5",
           "a square root needs a value that is not below zero"},
          data);
}

TEST_CASE("bad input: a constant series", "[program]") {
  std::string data = "date,m,x,p,w\n";
  for (int t = 0; t < 40; ++t) {
    data += fmt::format("{},5,{},{},{}\n", format_period({Frequency::monthly, 2014 * 12 + t}),
                        3 + t % 5, 100 + t % 3, 50 + t % 4);
  }
  refuses(models("target = \"log(m)\"", "target = \"m\"") + kScenario,
          {"the series is constant: models.m: m is 5 in all 40 observations"}, data);
}

TEST_CASE("bad input: a calendar that is not there", "[program]") {
  const StudyFixture fixture;
  fixture.folder.write("bad.toml",
                       models("file = \"events.csv\"", "file = \"evnts.csv\"") + kScenario);
  const ProgramResult result = run_program("check bad.toml", fixture.folder.path());
  CHECK(result.exit_code == 2);
  CHECK_THAT(result.err, Catch::Contains("error: cannot read evnts.csv") &&
                             !Catch::Contains("error: error:") && !Catch::Contains("closure"));
}

TEST_CASE("bad input: a sample that goes on beyond the data", "[program]") {
  warns(
      models("sample = \"2014-01..2021-12\"", "sample = \"2014-01..2022-06\"") + kScenario,
      "the sample ends in 2022-06, but the last observation of an explained series is in 2021-12");
}

TEST_CASE("bad input: innovations that there are not", "[program]") {
  refuses(models("seed = 7", "seed = 7\ninnovations = \"studentt\"") + kScenario,
          {"run.innovations is \"studentt\", but must be one of \"gaussian\", \"student_t\", "
           "\"bootstrap\"",
           "did you mean `student_t`?"});
  refuses(
      models("target = \"log(x)\"", "target = \"log(x)\"\ninnovations = 4") + kScenario,
      {"models.x.innovations is 4, but must be one of \"gaussian\", \"student_t\", \"bootstrap\""});
}

TEST_CASE("bad input: too few residuals for a distribution", "[program]") {
  const std::string text = models("sample = \"2014-01..2021-12\"", "sample = \"2018-01..2019-06\"");
  const auto with = [&](const std::string& before, const std::string& line) {
    std::string config = text;
    return config.insert(config.find(before), line) + kScenario;
  };
  refuses(with("target = \"log(x)\"", "innovations = \"bootstrap\"\n"),
          {"models.x.innovations is \"bootstrap\", but must be \"gaussian\" where an equation has "
           "fewer than 20 residuals: models.x has 18"});
  refuses(with("seed = 7", "innovations = \"student_t\"\n"),
          {"run.innovations is \"student_t\", but must be \"gaussian\" where an equation has fewer "
           "than 20 residuals: models.p has 18",
           "write innovations = \"gaussian\" in [models.p]"});
}

TEST_CASE("bad input: paths", "[program]") {
  refuses(models("seed = 7", "seed = 7\npaths = 401") + kScenario,
          {"run.paths is 401, but must be at most run.draws, 400"});
  refuses(models("seed = 7", "seed = 7\npaths = -1") + kScenario,
          {"run.paths is -1, but must be an integer in [0, 10000000]"});
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
  refused("run study.toml --seed -3", "seed is -3, but must be a whole number");
  refused("run study.toml --seed 99999999999999999999", "must be a whole number in [0, ");
  refused("fit study.toml --json /nonexist/x.json", "cannot write /nonexist/x.json: ");
  refused("", "check");  // the commands are listed
}

TEST_CASE("bad input: several targets in one table", "[program][var]") {
  const auto joint = [](const std::string& table, const std::string& scenario = kScenario) {
    return models(
               "[models.m]\nplugin = \"arima\"\ntarget = \"log(m)\"\norder = [1, 0, 0]\n"
               "interventions = [{ event = \"closure\", shape = \"step\" }]\n[models.x]\nplugin "
               "= \"arima\"\ntarget = \"log(x)\"\norder = [1, 0, 0]\n",
               "[models.trade]\nplugin = \"vector_autoregression\"\n" + table) +
           scenario;
  };
  const std::string both = "targets = [\"log(m)\", \"log(x)\"]\n";
  refuses(joint("targets = [\"log(m)\"]\n"), {"models.trade.targets", "array of at least 2"});
  refuses(joint("target = \"log(m)\"\n"), {"unknown key `models.trade.target`", "`targets`"});
  refuses(
      joint("targets = [\"log(m)\", \"boxcox(x, 0.5)\"]\n"),
      {"models.trade.targets has boxcox(x, 0.5), but must have series, their logarithms or square "
       "roots"});
  const auto errors_of = [](const std::string& config) {
    const StudyFixture fixture;
    fixture.folder.write("bad.toml", config);
    return run_program("run bad.toml -o out", fixture.folder.path()).err;
  };
  // An unknown target is said once, though its lags are regressors of every equation.
  const std::string unknown = errors_of(joint("targets = [\"log(m)\", \"log(nothing)\"]\n"));
  CHECK_THAT(unknown, Catch::Contains("targets names `nothing`, which is not a series of [data]") &&
                          !Catch::Contains("not a known variable"));
  CHECK_THAT(errors_of(joint(both + "regressors = [\"w\", \"2 * w\"]\n")),
             Catch::Contains("the system of m and x: perfectly collinear: 2 * w is a linear"));
  refuses(joint("targets = [\"log(m)\", \"m\"]\n"), {"`m` is explained by two equations"});
  refuses(joint("targets = [\"log(m)\", \"log(p)\"]\n"),
          {"models.trade makes an equation `p`, but there is a table models.p too"});
  refuses(joint(both + "regressors = [\"x\"]\n"),
          {"models.x explains `x` by its own value of the same period"});
  refuses(joint(both + "tightness = 0.2\n"),
          {"tightness is given, but belongs to estimator = \"minnesota\""});
  refuses(joint(both + "rank = 1\n"), {"rank is given, but belongs to estimator = \"vecm\""});
  refuses(joint(both + "estimator = \"vecm\"\ntrend = true\n"),
          {"trend is given, but must be left out with estimator = \"vecm\""});
  refuses(joint(both + "estimator = \"vecm\"\nrank = 3\n"),
          {"rank is 3, but must be in [0, 2], the number of targets"});
  refuses(joint(both + "estimator = \"vecm\"\nregressors = [\"w\"]\n"),
          {"regressors has 1 expressions, but must be left out of an error-correction model"});
  refuses(joint(both + "lags = 2\nmax_lags = 3\n"), {"max_lags is given, but belongs to lags"});
  refuses(joint(both,
                "[scenarios.a]\nchanges = [{ path = \"w\" }, { add_factor = \"trade\", value = "
                "1 }]\n"),
          {"add_factor is \"trade\", which is not defined", "known:"});
  refuses(joint(both,
                "[scenarios.a]\nchanges = [{ path = \"w\", mode = \"model\", model = "
                "\"vector_autoregression\" }]\n"),
          {"model is \"vector_autoregression\", but must be a plugin that explains one series"});
  refuses(joint(both, kScenario + "[effects.c]\ncounterfactual = \"m\"\nevent = \"closure\"\n"),
          {"is one of several, with which a counterfactual is not made"});
}

}  // namespace amnok
