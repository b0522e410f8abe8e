#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/stats/random_stream.h"
#include "tests/support/program.h"

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
  REQUIRE(models.size() == 3);  // theta, snaive, naive
  const auto rmse = [&](std::size_t m) {
    return models.at(m).at("scores").at(0).at("rmse").get<double>();
  };
  CHECK(rmse(0) < rmse(1));        // a mean of seasons beats the last one
  CHECK(rmse(1) < 0.5 * rmse(2));  // no season at all is far worse
  CHECK(models.at(0).at("scores").at(3).at("count") == 17);
  CHECK(models.at(2).at("scores").at(0).at("dm_p_value").get<double>() < 0.01);
}

TEST_CASE("backtest: what cannot be done is said", "[program]") {
  TemporaryFolder folder;
  folder.write("y.csv", seasonal_csv(12));
  const ProgramResult unknown = run_program("backtest y.csv --model thetta", folder.path());
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("--model thetta is not a model") != std::string::npos);
  const ProgramResult brief = run_program("backtest y.csv --first 12", folder.path());
  CHECK(brief.exit_code == 0);
  CHECK(brief.out.find("12 periods leave none to forecast") != std::string::npos);
}

}  // namespace amnok
