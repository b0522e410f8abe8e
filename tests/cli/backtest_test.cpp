#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/stats/random_stream.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

// A quarterly season around a level.
std::string seasonal_csv(int n) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({31, Purpose::simulation, 9}, 0, e);
  std::string text = "t,y\n";
  for (int t = 0; t < n; ++t) {
    const double season[4] = {8, 0, -5, -3};
    text += std::to_string(t + 1) + "," +
            std::to_string(50 + season[t % 4] + e[static_cast<std::size_t>(t)]) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("backtest: a seasonal series is forecast better with its season", "[program]") {
  TemporaryFolder folder;
  folder.write("y.csv", seasonal_csv(60));
  const ProgramResult result =
      run_program("backtest y.csv --period 4 --model theta --horizon 4 --first 40 --json out.json",
                  folder.path());
  REQUIRE(result.exit_code == 0);
  CHECK(result.out.find("20 origins, baseline snaive") != std::string::npos);
  const auto json = nlohmann::json::parse(folder.read("out.json"));
  CHECK(json.at("format") == "amnok-backtest/1");
  const auto& models = json.at("series").at(0).at("models");
  REQUIRE(models.size() == 4);  // theta, snaive, naive, drift
  const auto rmse = [&](std::size_t m) {
    return models.at(m).at("scores").at(0).at("rmse").get<double>();
  };
  CHECK(rmse(0) < rmse(1));        // a mean of seasons beats the last one
  CHECK(rmse(1) < 0.5 * rmse(2));  // no season at all is far worse
  CHECK(models.at(0).at("scores").at(3).at("count") == 17);
  CHECK(models.at(2).at("scores").at(0).at("dm_p_value").get<double>() < 0.01);
}

TEST_CASE("backtest: every score is there, and quantile losses add up to the CRPS", "[program]") {
  TemporaryFolder folder;
  folder.write("y.csv", seasonal_csv(60));
  const ProgramResult result = run_program(
      "backtest y.csv --period 4 --model ucm --horizon 2 --first 40 --json -", folder.path());
  REQUIRE(result.exit_code == 0);
  const auto json = nlohmann::json::parse(result.out);
  const auto& scores = json.at("series").at(0).at("models").at(0).at("scores").at(0);
  double loss = 0;
  for (const auto& q : scores.at("quantile_scores")) loss += q.at("loss").get<double>();
  CHECK(scores.at("quantile_scores").size() == 20);
  CHECK(2 * loss / 20 == Approx(scores.at("crps").get<double>()));
  int cases = 0;
  for (const auto& count : scores.at("pit").at("counts")) cases += count.get<int>();
  CHECK(cases == scores.at("count").get<int>());
  CHECK(scores.at("smape").get<double>() > 0);
  CHECK(scores.at("bands").at(0).at("interval_score").get<double>() > 0);
}

TEST_CASE("backtest: a config says what knowing its events was worth", "[program]") {
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml();
  const std::string step = "shape = \"step\"";
  text.replace(text.find(step), step.size(), "shape = \"block\"");
  // By the data the closure goes on; a config that says it ended misleads, and that is told.
  fixture.folder.write("study.toml", text + "[events.closure]\nend = \"2020-06-30\"\n");
  const ProgramResult result = run_program(
      "backtest study.toml --origin 2019-12 --horizon 18 --json -", fixture.folder.path());
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const auto json = nlohmann::json::parse(result.out);
  CHECK(json.at("format") == "amnok-system-backtest/1");
  const auto& m = json.at("variables").at(0);
  CHECK(m.at("name") == "m");
  REQUIRE(m.at("models").size() == 5);  // informed, blind, snaive, naive, drift
  CHECK(m.at("spans").at(0).at("periods") == 12);
  CHECK(m.at("spans").at(0).at("crps").get<double>() >
        m.at("spans").at(2).at("crps").get<double>());
  CHECK_THAT(m.at("verdicts").at(0).get<std::string>(),
             Catch::Contains("knowing the events raised the CRPS"));
  const ProgramResult bad =
      run_program("backtest study.toml --origin 2031-01", fixture.folder.path());
  CHECK(bad.exit_code == 2);
  CHECK_THAT(bad.err, Catch::Contains("--origin is 2031-01, but must be a monthly period"));
  const ProgramResult mixed = run_program("backtest study.toml --model ets", fixture.folder.path());
  CHECK(mixed.exit_code == 2);
  CHECK_THAT(mixed.err, Catch::Contains("go with a CSV file"));
}

TEST_CASE("backtest: what cannot be done is said", "[program]") {
  TemporaryFolder folder;
  folder.write("y.csv", seasonal_csv(12));
  const ProgramResult unknown = run_program("backtest y.csv --model thetta", folder.path());
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("--model thetta is not a model") != std::string::npos);
  const ProgramResult brief = run_program("backtest y.csv --first 12", folder.path());
  CHECK(brief.exit_code == 2);
  CHECK(brief.out.empty());
  CHECK(brief.err.find("12 periods leave none to forecast after the first origin, 12") !=
        std::string::npos);
}

}  // namespace amnok
