// Fixed paths and add-factors in equations whose shocks are scaled by what they meet:
// multiplicative errors and seasons.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "engine/study/estimation.h"
#include "models/builtin.h"
#include "models/ets/ets.h"
#include "models/theta/theta.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

constexpr int kPast = 60, kHorizon = 10;
const Period kFirst{Frequency::quarterly, 4 * 2000};

// An ETS(M,A,M) of period four whose level and season learn fast from errors of 5 %.
VectorXd seasonal_series(int n) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({5, Purpose::simulation, 3}, 0, e);
  VectorXd y(n);
  double level = 100, trend = 0.8, season[] = {0.8, 1.1, 1.3, 0.8};
  for (int t = 0; t < n; ++t) {
    const double q = level + trend, s = season[t % 4],
                 shock = 0.05 * e[static_cast<std::size_t>(t)];
    y(t) = q * s * (1 + shock);
    level = q * (1 + 0.5 * shock);
    trend += 0.02 * q * shock;
    season[t % 4] = s * (1 + 0.3 * shock);
  }
  return y;
}

// One equation for y, fitted.
System system_of(std::shared_ptr<const Model> model) {
  BehaviouralEquation equation;
  equation.name = "y";
  equation.target = {"y", {}};
  equation.sample.range = {kFirst, kPast};
  equation.sample.season = 4;
  equation.sample.target = equation.target;
  equation.sample.y = seasonal_series(kPast);
  equation.sample.regressors.resize(kPast, 0);
  equation.model = std::move(model);
  equation.fitted = fit_model(*equation.model, equation.sample);
  Frame history({kFirst, kPast});
  history.add({"y", "", kFirst, equation.sample.y, {}, {}, "", {}});
  return System({equation}, {}, history, {kFirst + kPast, kHorizon});
}

System ets_system(const std::string& form) {
  return system_of(make_ets({form, EtsCriterion::aicc, 4}));
}

VectorXd path_with(std::initializer_list<std::pair<int, double>> values) {
  VectorXd path = VectorXd::Constant(kHorizon, kMissing);
  for (const auto& [h, value] : values) path(h) = value;
  return path;
}

// What the filter expects in the horizon when `seen` is observed there.
VectorXd filtered(const System& system, const VectorXd& seen) {
  const BehaviouralEquation& equation = system.equations()[0];
  const auto& bound = dynamic_cast<const BoundEts&>(*equation.fitted.model);
  VectorXd y(kPast + kHorizon);
  y << equation.sample.y, seen;
  EtsParameters p;
  const VectorXd values = equation.fitted.result.parameters.values();
  const ParameterVector& names = equation.fitted.result.parameters;
  p.alpha = values(names.index_of("alpha"));
  p.beta = values(names.index_of("beta"));
  p.gamma = values(names.index_of("gamma"));
  p.level = values(names.index_of("level"));
  p.trend = values(names.index_of("trend"));
  p.season.resize(4);
  for (int i = 0; i < 3; ++i) p.season(i) = values(names.index_of(fmt::format("season{}", i + 1)));
  p.season(3) = 4 - p.season.head(3).sum();
  return EtsLikelihood(bound.likelihood().form(), y).run(p).means.tail(kHorizon);
}

}  // namespace

TEST_CASE("fix: states of multiplicative errors follow the fixed values, as a filter's do",
          "[scenario]") {
  const System system = ets_system("MAM");
  SystemInputs inputs;
  inputs.fixed["y"] = path_with({{2, 240.0}, {3, 90.0}, {4, 150.0}});
  const DrawMatrix path = system.simulate(system.at_estimates(), inputs)[0];
  const VectorXd expected = filtered(system, inputs.fixed["y"].col(0));
  for (int h = 0; h < kHorizon; ++h) {
    INFO("step " << h + 1);
    const double fixed = inputs.fixed["y"](h, 0);
    CHECK(path(h, 0) == Approx(std::isnan(fixed) ? expected(h) : fixed).epsilon(1e-12));
  }
  // They matter: what follows is another path than without them.
  const DrawMatrix free = system.simulate(system.at_estimates(), {})[0];
  CHECK((path - free).bottomRows(5).cwiseAbs().minCoeff() > 1);
}

TEST_CASE("fix: an add-factor on a fixed value leaves the rest to the states", "[scenario]") {
  const System system = ets_system("MAM");
  SystemInputs inputs;
  inputs.fixed["y"] = path_with({{2, 240.0}});
  inputs.add_factors[0] =
      path_with({{2, 30.0}}).array().isNaN().select(0.0, path_with({{2, 30.0}}));
  const DrawMatrix path = system.simulate(system.at_estimates(), inputs)[0];
  const VectorXd expected = filtered(system, path_with({{2, 210.0}}));
  CHECK(path(2, 0) == 240);
  for (int h = 3; h < kHorizon; ++h) CHECK(path(h, 0) == Approx(expected(h)).epsilon(1e-12));
}

TEST_CASE("fix: an add-factor shifts its period alone, with multiplicative errors too",
          "[scenario]") {
  const System system = ets_system("MAM");
  const SystemDraws draws = system.draw(3, 0, 50);
  SystemInputs inputs;
  inputs.add_factors[0] = VectorXd::Zero(kHorizon);
  inputs.add_factors[0](4, 0) = 25;
  const DrawMatrix base = system.simulate(draws, {})[0], moved = system.simulate(draws, inputs)[0];
  for (int h = 0; h < kHorizon; ++h) {
    const double shift = h == 4 ? 25 : 0;
    CHECK((moved.row(h).array() - base.row(h).array() - shift).abs().maxCoeff() < 1e-12 * 400);
  }
}

TEST_CASE("fix: the implied shocks alone give the fixed path, in every form and draw",
          "[scenario]") {
  std::vector<System> systems;
  for (const EtsForm& form : candidate_forms(4, true)) {
    systems.push_back(ets_system(short_name(form)));
  }
  systems.push_back(system_of(make_theta({4})));
  for (const System& system : systems) {
    INFO(system.equations()[0].fitted.result.equation);
    SystemDraws draws = system.draw(11, 0, 40);
    SystemInputs inputs;
    inputs.fixed["y"] = path_with({{1, 130.0}, {2, 240.0}, {5, 90.0}});
    std::vector<DrawMatrix> implied;
    const DrawMatrix fixed = system.simulate(draws, inputs, &implied)[0];
    draws.shocks = implied;
    const DrawMatrix again = system.simulate(draws, {})[0];
    CHECK((fixed - again).cwiseAbs().maxCoeff() < 1e-10 * fixed.cwiseAbs().maxCoeff());
    CHECK((again.row(2).array() - 240).abs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("fix: residuals of multiplicative errors and seasons reproduce history", "[scenario]") {
  const TemporaryFolder folder;
  std::string csv = "date,a,b,c\n";
  const VectorXd y = seasonal_series(kPast);
  for (int t = 0; t < kPast; ++t) {
    csv += fmt::format("{},{:.6f},{:.6f},{:.6f}\n", format_period(kFirst + t), y(t), 3 * y(t),
                       std::sqrt(y(t)));
  }
  folder.write("data.csv", csv);
  const std::string config = folder.write("study.toml", R"toml([run]
title = "Shocks that are scaled"
frequency = "quarterly"
horizon = 8
[data]
a = { file = "data.csv", column = "a" }
b = { file = "data.csv", column = "b" }
c = { file = "data.csv", column = "c" }
[models.a]
plugin = "ets"
target = "a"
form = "MAM"
[models.b]
plugin = "theta"
target = "b"
[models.c]
plugin = "ets"
target = "log(c)"
form = "MAdA"
[scenarios.base]
)toml");
  const Study study = load_study(config, builtin_plugins());
  const StudyData data = load_data(study);
  const auto equations = estimate(study, data, builtin_plugins());
  CHECK_THAT(equations[1].fitted.result.equation, Catch::Contains("season x"));
  CHECK(residual_check(study, data, equations, 12) < 1e-10);
  CHECK(residual_check(study, data, equations, 1) < 1e-10);
}

}  // namespace amnok
