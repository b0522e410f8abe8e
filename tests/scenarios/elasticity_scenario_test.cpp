// Elasticities of levels and of panels in a study: read from a config, projected, fixed, refused.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/text.h"
#include "engine/report/result_table.h"
#include "engine/stats/random_stream.h"
#include "engine/study/estimation.h"
#include "models/builtin.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

constexpr int kMonths = 72;

// Trade with some zeros, the price of rice in three cities (the second observed in half the months,
// and earlier than the first), imports in common.
std::string csv(bool negative = false) {
  std::vector<double> z(5 * kMonths);
  fill_normals({17, Purpose::simulation, 4}, 0, z);
  std::string text = "date,imports,rice_a,rice_b,rice_c,trade\n";
  for (int t = 0; t < kMonths; ++t) {
    const auto e = [&](int column) { return z[static_cast<std::size_t>(column * kMonths + t)]; };
    const double imports = std::exp(5 + 0.5 * e(0));
    const auto price = [&](int city) {
      return fmt::format("{:.4f}",
                         std::exp(8 + 0.1 * city - 0.3 * std::log(imports) + 0.05 * e(1 + city)));
    };
    const double trade = t % 9 == 4 ? 0 : std::exp(1 + 0.5 * std::log(imports) + 0.2 * e(4));
    text += fmt::format("{},{:.5f},{},{},{},{:.5f}\n",
                        format_period({Frequency::monthly, 2014 * 12 + t}), imports,
                        t < 12 ? "" : price(0), t % 2 == 0 ? price(1) : "", price(2),
                        negative && t == 20 ? -1 : trade);
  }
  return text;
}

constexpr const char* kHead = R"toml([run]
title = "A test"
frequency = "monthly"
horizon = 6
draws = 400
seed = 7
[data.imports]
file = "data.csv"
column = "imports"
[data.rice_a]
file = "data.csv"
column = "rice_a"
[data.rice_b]
file = "data.csv"
column = "rice_b"
[data.rice_c]
file = "data.csv"
column = "rice_c"
[data.trade]
file = "data.csv"
column = "trade"
)toml";

constexpr const char* kModels = R"toml(
[models.rice]
plugin = "trade_elasticity"
target = "log(rice_a)"
regressors = ["log(imports)"]
unit = "a"
panel = [
  { name = "b", target = "log(rice_b)" },
  { name = "c", target = "log(rice_c)", regressors = ["log(imports)"] },
]
[models.trade]
plugin = "trade_elasticity"
target = "trade"
regressors = ["log(imports)"]
estimator = "ppml"
)toml";

constexpr const char* kScenarios = R"toml(
[scenarios.hold]
changes = [{ path = "imports", mode = "hold" }]
[scenarios.half]
changes = [{ path = "imports", mode = "level", value = 60 }]
)toml";

std::string refusal(const TemporaryFolder& folder, const std::string& models) {
  const std::string config = folder.write("study.toml", std::string(kHead) + models + kScenarios);
  try {
    const LoadedStudy loaded = load_study_and_data(config, builtin_plugins());
    estimate(loaded.study, loaded.data, builtin_plugins());
  } catch (const InputError& error) {
    std::string all;
    for (const InputProblem& problem : error.problems()) {
      all += problem.message + "; " + problem.hint + "\n";
    }
    return all;
  }
  return "accepted";
}

std::string model(const std::string& target, const std::string& options) {
  return fmt::format(
      "[models.x]\nplugin = \"trade_elasticity\"\ntarget = \"{}\"\nregressors = "
      "[\"log(imports)\"]\n{}\n",
      target, options);
}

}  // namespace

TEST_CASE("elasticity scenarios: a panel explains its own unit, a level stays above zero") {
  StudyFixture fixture;
  fixture.folder.write("data.csv", csv());
  fixture.config = fixture.folder.write("study.toml", std::string(kHead) + kModels + kScenarios);
  const Solved solved = solve_fixture(fixture);
  const FitResult& rice = solved.system->equations()[0].fitted.result;
  CHECK(rice.parameters.values()(1) == Approx(-0.3).margin(0.05));
  CHECK(rice.nobs == kMonths - 12);
  // The other units' earlier months are in the estimate.
  CHECK(rows_of(rice, "panel")[0].number("value") == (kMonths - 12) + kMonths / 2 + kMonths);
  CHECK(rows_of(rice, "units")[0].text("unit") == "a");

  const SystemDraws draws = solved.system->draw(7, 0, 400);
  SystemInputs inputs;
  inputs.exogenous["imports"] = VectorXd::Constant(6, 60);
  const std::vector<DrawMatrix> paths = solved.system->simulate(draws, inputs);
  const VectorXd b = rice.parameters.values();
  const double mean = b(0) + b(1) * std::log(60.0);
  const auto rice_at = static_cast<std::size_t>(solved.system->index_of("rice_a"));
  CHECK(paths[rice_at].array().log().mean() == Approx(mean).margin(0.02));
  const auto trade_at = static_cast<std::size_t>(solved.system->index_of("trade"));
  CHECK(paths[trade_at].minCoeff() >= 0);

  // A path of zero can be fixed; without it, the shocks that it needed lead to it again.
  SystemInputs fixed = inputs;
  fixed.fixed["trade"] = VectorXd::Zero(6);
  std::vector<DrawMatrix> shocks;
  const std::vector<DrawMatrix> none = solved.system->simulate(draws, fixed, &shocks);
  CHECK(none[trade_at].cwiseAbs().maxCoeff() == 0);
  SystemDraws again = draws;
  again.shocks = shocks;
  CHECK(solved.system->simulate(again, inputs)[trade_at].maxCoeff() < 1e-6);
  CHECK(residual_check(solved.study, solved.data, solved.system->equations(), 12) < 1e-8);
}

TEST_CASE("elasticity scenarios: levels of several units explain the own one, never below zero") {
  StudyFixture fixture;
  fixture.folder.write("data.csv", csv());
  const std::string models =
      model("trade",
            "estimator = \"ppml\"\nunit = \"a\"\npanel = [{ name = \"b\", target = \"rice_b\" }]");
  fixture.config = fixture.folder.write("study.toml", std::string(kHead) + models + kScenarios);
  const Solved solved = solve_fixture(fixture);
  const FitResult& trade = solved.system->equations()[0].fitted.result;
  CHECK(rows_of(trade, "panel")[0].number("value") == kMonths + kMonths / 2);
  CHECK(trade.nobs == kMonths);
  SystemInputs inputs;
  inputs.exogenous["imports"] = VectorXd::Constant(6, 60);
  const std::vector<DrawMatrix> paths =
      solved.system->simulate(solved.system->draw(7, 0, 4000), inputs);
  const DrawMatrix& path = paths[static_cast<std::size_t>(solved.system->index_of("trade"))];
  CHECK(path.minCoeff() >= 0);
  const VectorXd b = trade.parameters.values();
  CHECK(path.mean() == Approx(std::exp(b(0) + b(1) * std::log(60.0))).epsilon(0.05));
  CHECK(residual_check(solved.study, solved.data, solved.system->equations(), 12) < 1e-8);
}

TEST_CASE("elasticity scenarios: zero trade is sent to the Poisson regression by its option") {
  TemporaryFolder folder;
  folder.write("data.csv", csv());
  CHECK_THAT(refusal(folder, model("log(trade)", "")),
             Catch::Contains("estimator = \"ppml\"") && Catch::Contains("trade is 0"));
  folder.write("data.csv", csv(true));
  CHECK_THAT(refusal(folder, model("trade", "estimator = \"ppml\"")),
             Catch::Contains("trade in 2015-09 (row 21 of the sample) is -1, but must be at least "
                             "0"));
}

TEST_CASE("elasticity scenarios: forms that do not go together are refused by name") {
  TemporaryFolder folder;
  folder.write("data.csv", csv());
  const std::string panel = "panel = [{ name = \"b\", target = \"log(rice_b)\" }]\n";
  const auto refused = [&](const std::string& target, const std::string& options,
                           const std::string& words) {
    CHECK_THAT(refusal(folder, model(target, options)), Catch::Contains(words));
  };
  refused("log(rice_c)", "estimator = \"ppml\"",
          "models.x.target is log(rice_c), but must be the level rice_c with estimator = \"ppml\"");
  refused("trade", "estimator = \"ppml\"\nerrors = \"ewc\"",
          "models.x.errors is \"ewc\", but must be classical, hc0, hc1 or newey_west");
  refused("trade", "estimator = \"ppml\"\nbootstrap = \"wild\"",
          "models.x.bootstrap is given, but must be none with estimator = \"ppml\"");
  refused("log(rice_c)", "effects = \"two_way\"",
          "models.x.effects is given, but belongs to a panel");
  refused("log(rice_c)", "errors = \"clustered\"", "models.x.errors is \"clustered\", but must be");
  refused("log(rice_c)", "estimator = \"mean_group\"",
          "models.x.estimator is \"mean_group\", but must be another one without panel");
  refused("log(rice_c)", panel + "errors = \"andrews\"",
          "models.x.errors is \"andrews\", but must be one of");
  refused("log(rice_c)", panel + "dynamics = \"ardl\"",
          "models.x.dynamics is \"ardl\", but must be \"static\" with panel");
  refused("log(rice_c)", panel + "estimator = \"cce\"\neffects = \"unit\"",
          "models.x.effects is given, but must be left out with estimator = \"cce\"");
  refused("log(rice_c)", panel + "effects = \"two_way\"",
          "log(imports) is absorbed: it is the same for all units of a period");
  refused("log(rice_c)",
          "panel = [{ name = \"b\", target = \"log(rice_b)\", regressors = [\"imports\", "
          "\"trade\"] }]",
          "models.x.panel: b has 2 regressors, but must have 1");
  refused("log(rice_c)",
          "panel = [{ name = \"b\", target = \"log(rice_b)\" }, { name = \"b\", target = "
          "\"log(rice_a)\" }]",
          "models.x.panel: two units are called \"b\"");
  refused("log(rice_c)", "panel = [{ name = \"b\", target = \"log(rice_d)\" }]", "rice_d");
  CHECK_THAT(
      refusal(folder,
              "[models.x]\nplugin = \"trade_elasticity\"\ntarget = \"log(rice_c)\"\n" + panel),
      Catch::Contains("models.x.panel is given, but must be left out without regressors"));
}

TEST_CASE("elasticity scenarios: options that the kind of errors does not have are warned of",
          "[program]") {
  TemporaryFolder folder;
  folder.write("data.csv", csv());
  const auto warnings = [&](const std::string& options) {
    folder.write("study.toml", std::string(kHead) + model("log(rice_c)", options) + kScenarios);
    const ProgramResult check = run_program("check study.toml", folder.path());
    const std::string said = check.out + check.err;
    std::string all;
    for (std::string_view line : split(said, '\n')) {
      const auto at = line.find("models.x.");
      if (at != std::string_view::npos && line.find("does nothing") != std::string_view::npos) {
        all += std::string(line.substr(at)) + "\n";
      }
    }
    return all;
  };
  CHECK(warnings("errors = \"hc1\"\nlags = 3") ==
        "models.x.lags does nothing with errors = \"hc1\"\n");
  CHECK(warnings("errors = \"newey_west\"\ncosines = 5\nprewhiten = true") ==
        "models.x.cosines does nothing with errors = \"newey_west\"\n");
  CHECK(warnings("errors = \"ewc\"\nprewhiten = true") ==
        "models.x.prewhiten does nothing with errors = \"ewc\"\n");
  CHECK(warnings("dynamics = \"ardl\"\nlags = 2") ==
        "models.x.lags does nothing with errors = \"auto\"\n");
  const std::string panel = "panel = [{ name = \"b\", target = \"log(rice_b)\" }]\n";
  CHECK(warnings(panel + "errors = \"clustered\"\nlags = 2") ==
        "models.x.lags does nothing with errors = \"clustered\"\n");
  for (const std::string& fine :
       {std::string("lags = 3\nprewhiten = true"), std::string("cosines = 5"),
        std::string("errors = \"newey_west_fixed_b\"\nlags = 9"), panel + "lags = 2",
        std::string("errors = \"andrews\"\nprewhiten = true")}) {
    CHECK(warnings(fine) == "");
  }
}

TEST_CASE("fit: equations side by side", "[program]") {
  TemporaryFolder folder;
  folder.write("data.csv", csv());
  folder.write("study.toml", std::string(kHead) + kModels + kScenarios);
  const ProgramResult text = run_program("fit study.toml --table", folder.path());
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.out, Catch::Contains("(1)") && Catch::Contains("log(imports)") &&
                           Catch::Contains("Observations") &&
                           Catch::Contains("Standard errors in parentheses: (1) Driscoll-Kraay"));
  CHECK_THAT(run_program("fit study.toml --table latex --stars", folder.path()).out,
             Catch::Contains("\\begin{tabular}{lcc}") && Catch::Contains("$^{***}$"));
  CHECK_THAT(run_program("fit study.toml --table md", folder.path()).out,
             Catch::Contains("|---|---:|---:|"));
  const ProgramResult bad = run_program("fit study.toml --table tex", folder.path());
  CHECK(bad.exit_code == 2);
  CHECK_THAT(bad.err,
             Catch::Contains("--table is \"tex\", but must be one of text, md, latex, csv"));
}

}  // namespace amnok
