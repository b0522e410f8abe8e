// Orders of an automatic arima drawn with the draws of a simulation.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/model/model_mixture.h"
#include "tests/support/autoregression_csv.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

std::string study(const std::string& options) {
  return "[run]\ntitle = \"t\"\nfrequency = \"monthly\"\nhorizon = 8\nseed = 3\n[data.y]\nfile = "
         "\"data.csv\"\ncolumn = \"y\"\n[models.y]\nplugin = \"arima\"\ntarget = \"y\"\n" +
         options + "\n[scenarios.a]\n";
}

}  // namespace

TEST_CASE("orders: each draw has one of the possible orders, by their weights", "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(71));
  const std::string drawn = "d = 0\nseasonal_order = [0, 0, 0]\norders = \"drawn\"";
  const Solved s = solve_study(folder.write("study.toml", study(drawn)), 8000);
  const BehaviouralEquation& y = s.system->equations()[0];
  const Solved chosen =
      solve_study(folder.write("study.toml", study("d = 0\nseasonal_order = [0, 0, 0]")), 8000);
  CHECK(y.fitted.result.parameters.names() ==
        chosen.system->equations()[0].fitted.result.parameters.names());
  const std::string note = y.fitted.result.notes.back();
  CHECK_THAT(note, Catch::Contains("projections draw the order, by weight: "));
  const auto spread = [](const Solved& x, Eigen::Index h) {
    const Eigen::RowVectorXd row = x.ensemble.at("a", "y").row(h);
    return std::sqrt((row.array() - row.mean()).square().mean());
  };
  CHECK(s.ensemble.at("a", "y").row(0).mean() != chosen.ensemble.at("a", "y").row(0).mean());
  CHECK(spread(s, 3) == Approx(spread(chosen, 3)).epsilon(0.25));
  CHECK(s.ensemble.at("a", "y") ==
        solve_study(folder.write("study.toml", study(drawn)), 8000, 2).ensemble.at("a", "y"));
}

TEST_CASE("orders: a mixture's mean is the weighted mean of its members", "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(71));
  const std::string fixed = "order = [{}, 0, 0]\nseasonal_order = [0, 0, 0]";
  const auto solved = [&](int p) {
    return solve_study(folder.write("study.toml", study(fmt::format(fmt::runtime(fixed), p))), 400);
  };
  const Solved one = solved(1), two = solved(2);
  const FittedModel a = one.system->equations()[0].fitted, b = two.system->equations()[0].fitted;
  const auto mixture = make_model_mixture({a, b}, 0, picks_by_weight({0.3, 0.7}));
  constexpr int kDraws = 4000;
  const ParameterDraws draws = mixture->draw_parameters(a.result, 11, 0, 0, kDraws);
  const auto past = mixture->past_state(a.result, draws, 11, 0, 0);
  const PeriodRange horizon{a.result.sample.last() + 1, 8};
  DrawMatrix paths(8, kDraws);
  const DrawMatrix calm = DrawMatrix::Zero(8, kDraws);
  mixture->simulate(draws, *past, {horizon, {}, {}}, calm, 0, 8, paths);
  // What each member alone makes of the same draws.
  const auto alone = [&](const FittedModel& member, std::uint32_t stream) {
    const ParameterDraws own = member.model->draw_parameters(member.result, 11, 0, 0, kDraws);
    const auto state = member.model->past_state(member.result, own, 11, stream, 0);
    DrawMatrix result(8, kDraws);
    member.model->simulate(own, *state, {horizon, {}, {}}, calm, 0, 8, result);
    return result;
  };
  const DrawMatrix first = alone(a, 0), second = alone(b, 0);
  const std::vector<int> picks = picks_by_weight({0.3, 0.7})(11, 0, 0, kDraws);
  int of_first = 0;
  for (int r = 0; r < kDraws; ++r) {
    const bool is_first = picks[static_cast<std::size_t>(r)] == 0;
    of_first += is_first ? 1 : 0;
    const DrawMatrix& expected = is_first ? first : second;
    for (Eigen::Index h = 0; h < 8; ++h) CHECK(paths(h, r) == Approx(expected(h, r)));
  }
  CHECK(of_first / static_cast<double>(kDraws) == Approx(0.3).margin(0.03));
}

TEST_CASE("orders: no parameter changes where draws have parameters of their own", "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(71));
  const std::string toml = study("d = 0\nseasonal_order = [0, 0, 0]\norders = \"drawn\"") +
                           "[scenarios.b]\nchanges = [{ parameter = \"y.intercept\", add = 1 }]\n";
  CHECK_THAT(message_of([&] { solve_study(folder.write("study.toml", toml)); }),
             Catch::Contains("its draws have orders of their own"));
  const std::string dated =
      study(
          "d = 0\nseasonal_order = [0, 0, 0]\norders = \"drawn\"\n"
          "interventions = [{ event = \"shift\" }]") +
      "[regimes.shift]\nmodel = { plugin = \"structural_break\", target = \"y\", breaks = 1 }\n";
  CHECK_THAT(message_of([&] { solve_study(folder.write("study.toml", dated)); }),
             Catch::Contains("draws its orders and, with its regimes, dates"));
}

TEST_CASE("orders: drawn ones need a search", "[scenario]") {
  const TemporaryFolder folder;
  folder.write("data.csv", autoregression_csv(71));
  const auto refused = [&](const std::string& options) {
    return message_of([&] { solve_study(folder.write("study.toml", study(options))); });
  };
  CHECK_THAT(refused("order = [1, 0, 0]\norders = \"drawn\""),
             Catch::Contains("must be \"chosen\" where the order is given"));
  CHECK_THAT(refused("orders = \"drawn\"\noutliers = true"),
             Catch::Contains("must be \"chosen\" where outliers are looked for"));
}

}  // namespace amnok
