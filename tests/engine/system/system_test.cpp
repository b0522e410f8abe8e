#include "engine/system/system.h"

#include <catch2/catch.hpp>

#include "engine/system/draw_row.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

// A system of identities alone, with one exogenous variable g and history for lags.
System identities_only(const std::vector<std::pair<std::string, std::string>>& identities,
                       const PeriodRange& horizon) {
  std::vector<Identity> list;
  Frame history(PeriodRange{horizon.first - 3, 3});
  for (const auto& [name, text] : identities) {
    list.push_back({name, parse_expression(text)});
    history.add({name, "", history.range().first, VectorXd::Constant(3, 100), {}, {}, "", {}});
  }
  history.add({"g", "", history.range().first, VectorXd::Constant(3, 10), {}, {}, "", {}});
  return System({}, list, history, horizon);
}

const PeriodRange kHorizon{{Frequency::annual, 2020}, 4};

SystemInputs government(double g) {
  SystemInputs inputs;
  inputs.exogenous["g"] = VectorXd::Constant(4, g);
  return inputs;
}

}  // namespace

TEST_CASE("system: blocks come in the order of dependence") {
  const System system = identities_only({{"c", "b + 1"}, {"b", "a * 2"}, {"a", "g"}}, kHorizon);
  using Names = std::vector<std::vector<std::string>>;
  CHECK(system.blocks() == Names{{"a"}, {"b"}, {"c"}});
  const auto paths = system.simulate(system.at_estimates(), government(5));
  CHECK(paths[0](2, 0) == 11);
}

TEST_CASE("system: variables that feed back over time are one block, solved period by period") {
  // debt = lag(debt) + deficit, deficit = g + 0.1 lag(debt)
  const System system = identities_only(
      {{"debt", "lag(debt) + deficit"}, {"deficit", "g + 0.1 * lag(debt)"}}, kHorizon);
  CHECK(system.blocks().size() == 1);
  const auto paths = system.simulate(system.at_estimates(), government(5));
  double debt = 100;
  for (int h = 0; h < 4; ++h) {
    const double deficit = 5 + 0.1 * debt;
    debt += deficit;
    CHECK(paths[0](h, 0) == Approx(debt));
    CHECK(paths[1](h, 0) == Approx(deficit));
  }
}

TEST_CASE("system: a stock that uses its own lag is solved in order") {
  const System system = identities_only({{"stock", "0.9 * lag(stock) + g"}}, kHorizon);
  const auto paths = system.simulate(system.at_estimates(), government(5));
  CHECK(paths[0](0, 0) == Approx(95));
  CHECK(paths[0](1, 0) == Approx(90.5));
}

TEST_CASE("system: a simultaneous block is solved to its fixed point") {
  // The Keynesian cross: c = 10 + 0.6 y, y = c + g: y = (10 + g) / 0.4.
  const System system = identities_only({{"c", "10 + 0.6 * y"}, {"y", "c + g"}}, kHorizon);
  const auto paths = system.simulate(system.at_estimates(), government(30));
  CHECK(paths[1](3, 0) == Approx(100));
}

TEST_CASE("system: a block without a solution is a named failure") {
  const System system = identities_only({{"c", "10 + 1.2 * y"}, {"y", "c + g"}}, kHorizon);
  CHECK_THROWS_WITH(system.simulate(system.at_estimates(), government(30)),
                    Catch::Contains("simultaneous block") && Catch::Contains("2020"));
}

TEST_CASE("draw row: shared values broadcast") {
  DrawRow::Array values(3);
  values << 1, 2, 4;
  const DrawRow row(values), two(2.0);
  CHECK((row * two).values()(2) == 8);
  CHECK((two - row).values()(0) == 1);
  CHECK((two * two).is_shared());
  CHECK(log(exp(row)).values()(1) == Approx(2));
  CHECK(max(row, two).values()(0) == 2);
  CHECK(pow(row, 2.0).values()(2) == 16);
  CHECK((-row).values()(1) == -2);
  CHECK(two.expand(4).size() == 4);
}

}  // namespace amnok
