#include "engine/system/system.h"

#include <catch2/catch.hpp>

#include "engine/regression/simultaneous_equations.h"
#include "engine/system/draw_row.h"
#include "tests/support/klein.h"
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

TEST_CASE("system: a simultaneous block that sweeps would leave is solved") {
  // c = 10 + 1.2 y, y = c + g: each sweep moves farther from y = -(10 + g) / 0.2.
  const System system = identities_only({{"c", "10 + 1.2 * y"}, {"y", "c + g"}}, kHorizon);
  const auto paths = system.simulate(system.at_estimates(), government(30));
  CHECK(paths[1](0, 0) == Approx(-200));
}

TEST_CASE("system: what does not depend on itself now is solved apart from what does") {
  // k uses its own lag and i; i, c and y are solved together; s only reads.
  const System system = identities_only({{"k", "lag(k) + i"},
                                         {"c", "5 + 0.6 * y"},
                                         {"i", "0.2 * y - 0.1 * lag(k)"},
                                         {"y", "c + i + g"},
                                         {"s", "y - c"}},
                                        kHorizon);
  const auto paths = system.simulate(system.at_estimates(), government(12));
  double k = 100;
  for (int h = 0; h < 4; ++h) {
    const double y = (5 - 0.1 * k + 12) / (1 - 0.8), i = 0.2 * y - 0.1 * k;
    k += i;
    CHECK(paths[0](h, 0) == Approx(k).epsilon(1e-11));
    CHECK(paths[3](h, 0) == Approx(y).epsilon(1e-11));
    CHECK(paths[4](h, 0) == Approx(0.4 * y - 5).epsilon(1e-11));
  }
}

TEST_CASE("system: residuals as add-factors reproduce Klein's history to 1e-10") {
  const EquationSystem data = klein_system();
  SystemOptions options;
  options.method = SystemMethod::two_stage;
  const SystemFit fit = fit_system(data, options);
  std::vector<Identity> identities;
  const PeriodRange horizon{{Frequency::annual, 1921}, 21};
  SystemInputs inputs;
  for (std::size_t i = 0; i < data.equations.size(); ++i) {
    const StructuralEquation& equation = data.equations[i];
    std::string text = "u_" + equation.name;
    for (std::size_t j = 0; j < equation.regressors.size(); ++j) {
      text += fmt::format(" + ({:.17g}) * {}", fit.coefficients[i](static_cast<Eigen::Index>(j)),
                          equation.regressors[j] == "const" ? "1" : equation.regressors[j]);
    }
    identities.push_back({equation.dependent, parse_expression(text)});
    inputs.exogenous["u_" + equation.name] = fit.residuals.col(static_cast<Eigen::Index>(i));
  }
  for (const auto& [name, text] : {std::pair("gnp", "consump + invest + govExp"),
                                   {"corpProf", "gnp - taxes - privWage"},
                                   {"wages", "privWage + govWage"},
                                   {"gnpLag", "lag(gnp)"},
                                   {"corpProfLag", "lag(corpProf)"},
                                   {"capital", "capitalLag + invest"},
                                   {"capitalLag", "lag(capital)"}}) {
    identities.push_back({name, parse_expression(text)});
  }
  for (const char* name : {"taxes", "govExp", "govWage", "trend"}) {
    inputs.exogenous[name] = data.column(name);
  }
  Frame history(PeriodRange{horizon.first - 1, 1});
  for (const Identity& identity : identities) {
    const bool lagged = identity.name == "gnp" || identity.name == "corpProf";
    const double value = identity.name == "capital" ? data.column("capitalLag")(0)
                         : lagged                   ? data.column(identity.name + "Lag")(0)
                                                    : 1;
    history.add(
        {identity.name, "", horizon.first - 1, VectorXd::Constant(1, value), {}, {}, "", {}});
  }
  const System system({}, identities, history, horizon);
  const auto paths = system.simulate(system.at_estimates(), inputs);
  for (const char* name : {"consump", "invest", "privWage", "gnp", "corpProf"}) {
    const auto at = static_cast<std::size_t>(system.index_of(name));
    CHECK((paths[at].col(0) - data.column(name)).cwiseAbs().maxCoeff() < 1e-10);
  }
}

TEST_CASE("system: a block without a solution is a named failure") {
  const System system = identities_only({{"c", "10 + y"}, {"y", "c + g"}}, kHorizon);
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
