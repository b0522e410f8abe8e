// [run] parameters = "estimated": draws that differ in their shocks alone.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/model/plugin.h"
#include "engine/study/estimation.h"
#include "models/builtin.h"
#include "tests/support/autoregression_csv.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

constexpr int kHorizon = 8, kDraws = 20000;

std::string study(const std::string& parameters, const std::string& order) {
  return "[run]\ntitle = \"t\"\nfrequency = \"monthly\"\nhorizon = 8\nseed = 3\nparameters = \"" +
         parameters +
         "\"\n[data.y]\nfile = \"data.csv\"\ncolumn = \"y\"\n[models.y]\nplugin = "
         "\"arima\"\ntarget = \"y\"\n" +
         order + "\n[scenarios.a]\n";
}

double sd(const Eigen::RowVectorXd& x) {
  return std::sqrt((x.array() - x.mean()).square().sum() / static_cast<double>(x.size() - 1));
}

}  // namespace

TEST_CASE("fixed parameters: paths have the forecast's mean and its variance given parameters",
          "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(72));
  for (const std::string order : {"order = [1, 0, 0]", "order = [1, 0, 1]", "order = [0, 1, 1]"}) {
    INFO(order);
    const Solved fixed = solve_study(folder.write("fixed.toml", study("estimated", order)), kDraws);
    const Solved drawn = solve_study(folder.write("drawn.toml", study("drawn", order)), kDraws);
    const FittedModel& fitted = fixed.system->equations()[0].fitted;
    Future future;
    future.range = fixed.system->horizon();
    future.regressors = MatrixXd(kHorizon, 0);
    const Forecast forecast = fitted.model->forecast(fitted.result, future);
    const DrawMatrix &paths = fixed.ensemble.at("a", "y"), &wider = drawn.ensemble.at("a", "y");
    for (Eigen::Index h = 0; h < kHorizon; ++h) {
      const double expected = std::sqrt(forecast.variance(h));
      CHECK(sd(paths.row(h)) == Approx(expected).epsilon(0.02));  // standard error 0.005
      CHECK(paths.row(h).mean() == Approx(forecast.mean(h)).margin(0.03 * expected));
      CHECK(sd(wider.row(h)) > 1.01 * sd(paths.row(h)));
    }
  }
}

TEST_CASE("fixed parameters: bands that are too narrow are said to be", "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(72));
  const auto warnings = [&](const std::string& parameters) {
    return load_study_and_data(folder.write("study.toml", study(parameters, "order = [1, 0, 0]")),
                               builtin_plugins())
        .study.warnings;
  };
  REQUIRE(warnings("estimated").size() == 1);
  CHECK_THAT(warnings("estimated")[0].message, Catch::Contains("too narrow"));
  CHECK(warnings("drawn").empty());
}

TEST_CASE("fixed parameters: no output says that bands hold what they leave out", "[program]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(72));
  folder.write("study.toml", study("estimated", "order = [1, 0, 0]"));
  REQUIRE(run_program("run study.toml -o out -q", folder.path()).exit_code == 0);
  REQUIRE(run_program("report out --to md", folder.path()).exit_code == 0);
  for (const char* file : {"out/report.html", "out/report.md"}) {
    const std::string text = folder.read(file);
    INFO(file);
    CHECK_THAT(text, Catch::Contains("leave out the uncertainty of the estimates"));
    CHECK_THAT(text, !Catch::Contains("bands include the uncertainty"));
    CHECK_THAT(text, Catch::Contains("too narrow"));
  }
}

TEST_CASE("fixed parameters: not where draws have orders of their own", "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(72));
  const std::string config = folder.write(
      "study.toml", study("estimated", "d = 0\nseasonal_order = [0, 0, 0]\norders = \"drawn\""));
  CHECK_THAT(message_of([&] { solve_study(config); }),
             Catch::Contains("run.parameters is \"estimated\""));
}

}  // namespace amnok
