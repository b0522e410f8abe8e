// Short scenarios whose arithmetic an economist can redo.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/scenario/effect.h"
#include "engine/scenario/realised.h"
#include "engine/scenario/scenario_resolver.h"
#include "engine/stats/box_cox.h"
#include "engine/stats/random_stream.h"
#include "models/builtin.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

Solved solve_with(const std::string& changes, int draws = 200) {
  const StudyFixture fixture(
      "[scenarios.base]\nchanges = [{ path = \"w\", mode = \"hold\" }]\n"
      "[scenarios.other]\nextends = \"base\"\nchanges = [" +
      changes + "]\n");
  return solve_fixture(fixture, draws);
}

bool equal(const DrawMatrix& a, const DrawMatrix& b) {
  return (a.array() == b.array()).all();
}

double estimate_of(const Solved& s, std::size_t equation, const std::string& name) {
  const ParameterVector& p = s.system->equations()[equation].fitted.result.parameters;
  return p.values()(p.index_of(name));
}

}  // namespace

TEST_CASE("scenario: one without changes equals its base bit for bit", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture());
  for (const std::string& variable : s.ensemble.variables) {
    INFO(variable);
    CHECK(equal(s.ensemble.at("same", variable), s.ensemble.at("stay", variable)));
  }
}

TEST_CASE("scenario: Box-Cox with lambda 0 is the logarithm, with 1 the level", "[scenario]") {
  const auto solve = [](const std::string& target) {
    std::string text = StudyFixture::models_toml();
    text.replace(text.find("log(x)"), 6, target);
    const StudyFixture fixture;
    fixture.folder.write("study.toml", text + StudyFixture::scenarios_toml());
    return solve_fixture(fixture, 100).ensemble.at("open", "x");
  };
  CHECK(equal(solve("boxcox(x, 0)"), solve("log(x)")));
  const DrawMatrix level = solve("x"), one = solve("boxcox(x, 1)");
  REQUIRE(level.minCoeff() > 0);  // a Box-Cox target cannot be negative
  CHECK((level - one).cwiseAbs().maxCoeff() < 1e-6 * level.maxCoeff());
}

TEST_CASE("scenario: a chosen lambda is one for all scenarios and draws, and is on record",
          "[scenario]") {
  std::string text = StudyFixture::models_toml();
  text.replace(text.find("log(x)"), 6, "boxcox(x, ml)");
  const StudyFixture fixture;
  fixture.folder.write("study.toml", text + StudyFixture::scenarios_toml());
  const Solved s = solve_fixture(fixture, 50);
  const BehaviouralEquation& x = s.system->equations()[1];
  const VectorXd values = s.data.frame.get("x").window(x.sample.range).values;
  const double lambda = BoxCoxLikelihood(values, 12).maximum();
  CHECK(x.target.transform.lambda == lambda);
  CHECK(x.sample.target.transform.lambda == lambda);
  CHECK_THAT(x.fitted.result.equation, Catch::StartsWith(fmt::format("boxcox(x, {:.4g})", lambda)));
  const ResultTable& table = x.fitted.result.tables.back();
  CHECK(table.name == "box_cox");
  CHECK(std::get<double>(table.rows[0][1]) == lambda);
  CHECK(std::get<std::string>(table.rows[0][2]) == "ml");
  CHECK_THAT(x.fitted.result.notes.back(), Catch::Contains("by maximum likelihood"));
  CHECK(equal(s.ensemble.at("same", "x"), s.ensemble.at("stay", "x")));
}

TEST_CASE("scenario: a fixed Box-Cox variable takes its path", "[scenario]") {
  std::string text = StudyFixture::models_toml();
  text.replace(text.find("log(x)"), 6, "boxcox(x, 0.4)");
  const StudyFixture fixture;
  fixture.folder.write("study.toml", text +
                                         "[scenarios.a]\nchanges = [{ path = \"w\" }, "
                                         "{ fix = \"x\", value = 77 }]\n");
  const Solved s = solve_fixture(fixture, 20);
  CHECK((s.ensemble.at("a", "x").array() - 77).abs().maxCoeff() < 1e-9);
}

TEST_CASE("scenario: identities hold in every draw and period", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture());
  for (const char* scenario : {"stay", "open"}) {
    const DrawMatrix gap = s.ensemble.at(scenario, "balance") -
                           (s.ensemble.at(scenario, "x") - s.ensemble.at(scenario, "m"));
    CHECK(gap.cwiseAbs().maxCoeff() < 1e-10);
    const DrawMatrix& b = s.ensemble.at(scenario, "balance");
    const DrawMatrix sum =
        b.row(5) + b.row(4) + b.row(3) - s.ensemble.at(scenario, "balance_3m").row(5);
    CHECK(sum.cwiseAbs().maxCoeff() < 1e-10);
  }
}

TEST_CASE("scenario: moving sums reach back into history", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 20);
  const Series& m = s.data.frame.get("m");
  const Series& x = s.data.frame.get("x");
  const Period last = s.data.sample.last();
  const double known = x.at(last) - m.at(last) + x.at(last - 1) - m.at(last - 1);
  const DrawMatrix& b = s.ensemble.at("stay", "balance");
  const DrawMatrix& b3 = s.ensemble.at("stay", "balance_3m");
  for (Eigen::Index r = 0; r < 20; ++r) CHECK(b3(0, r) == Approx(b(0, r) + known));
}

TEST_CASE("scenario: ending a closure takes its whole effect back, and nothing before",
          "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 50);
  const DrawMatrix &open = s.ensemble.at("open", "m"), &stay = s.ensemble.at("stay", "m");
  CHECK(equal(open.topRows(3), stay.topRows(3)));
  // exp(-omega) times as much from 2022-04 on, with each draw's own omega.
  for (Eigen::Index r = 0; r < 50; ++r) {
    const double ratio = open(3, r) / stay(3, r);
    CHECK(ratio > 1.5);
    for (Eigen::Index h = 4; h < 12; ++h) CHECK(open(h, r) / stay(h, r) == Approx(ratio));
  }
}

TEST_CASE("scenario: what imports do not touch stays the same in every draw", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 50);
  CHECK(equal(s.ensemble.at("open", "x"), s.ensemble.at("stay", "x")));
  CHECK_FALSE(equal(s.ensemble.at("open", "p"), s.ensemble.at("stay", "p")));
}

TEST_CASE("scenario: the price answers imports by its elasticity, draw by draw", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 50);
  const DrawMatrix m =
      (s.ensemble.at("open", "m").array() / s.ensemble.at("stay", "m").array()).log();
  const DrawMatrix p =
      (s.ensemble.at("open", "p").array() / s.ensemble.at("stay", "p").array()).log();
  for (Eigen::Index r = 0; r < 50; ++r) {
    const double elasticity = p(5, r) / m(5, r);
    CHECK(elasticity == Approx(p(9, r) / m(9, r)));  // the same coefficient in all periods
    CHECK(elasticity == Approx(-0.3).margin(0.15));
  }
}

TEST_CASE("scenario: phasing out over three months takes four steps to the end", "[scenario]") {
  const Solved s = solve_with("{ end_event = \"closure\", at = \"2022-02\", over = 3 }", 20);
  const DrawMatrix ratio =
      (s.ensemble.at("other", "m").array() / s.ensemble.at("base", "m").array()).log();
  for (Eigen::Index r = 0; r < 20; ++r) {
    const double all = ratio(11, r);
    CHECK(ratio(0, r) == Approx(0).margin(1e-12));
    CHECK(ratio(1, r) == Approx(0.25 * all));
    CHECK(ratio(2, r) == Approx(0.50 * all));
    CHECK(ratio(3, r) == Approx(0.75 * all));
    CHECK(ratio(4, r) == Approx(all));
  }
}

TEST_CASE("scenario: an event can start again, at another strength, and end", "[scenario]") {
  const Solved s = solve_with(
      "{ end_event = \"closure\", at = \"2022-01\" }, "
      "{ start_event = \"closure\", at = \"2022-06\", until = \"2022-09\", intensity = 0.5 }",
      10);
  const DrawMatrix ratio =
      (s.ensemble.at("other", "m").array() / s.ensemble.at("base", "m").array()).log();
  for (Eigen::Index r = 0; r < 10; ++r) {
    CHECK(ratio(5, r) == Approx(0.5 * ratio(0, r)));
    CHECK(ratio(8, r) == Approx(ratio(0, r)));
  }
}

TEST_CASE("scenario: an add-factor of -0.10 on a log lowers the variable by 9.5 %", "[scenario]") {
  const Solved s =
      solve_with("{ add_factor = \"m\", value = -0.10, from = \"2022-03\", to = \"2022-05\" }", 10);
  const DrawMatrix ratio = s.ensemble.at("other", "m").array() / s.ensemble.at("base", "m").array();
  for (Eigen::Index r = 0; r < 10; ++r) {
    CHECK(ratio(1, r) == 1);
    CHECK(ratio(2, r) == Approx(std::exp(-0.10)));
    CHECK(ratio(4, r) == Approx(std::exp(-0.10)));
    CHECK(ratio(5, r) == 1);
  }
}

TEST_CASE("scenario: an add-factor in per cent is in per cent", "[scenario]") {
  const Solved s = solve_with("{ add_factor = \"m\", value = \"-10%\" }", 10);
  const DrawMatrix ratio = s.ensemble.at("other", "m").array() / s.ensemble.at("base", "m").array();
  CHECK((ratio.array() - 0.9).abs().maxCoeff() < 1e-12);
}

TEST_CASE("scenario: add-factors add up, and can differ by period", "[scenario]") {
  const Solved s = solve_with(
      "{ add_factor = \"m\", value = 0.1 }, { add_factor = \"m\", value = [0.1, 0.2], from = "
      "\"2022-02\" }",
      5);
  const DrawMatrix ratio =
      (s.ensemble.at("other", "m").array() / s.ensemble.at("base", "m").array()).log();
  CHECK(ratio(0, 0) == Approx(0.1));
  CHECK(ratio(1, 0) == Approx(0.2));
  CHECK(ratio(2, 0) == Approx(0.3));
  CHECK(ratio(11, 0) == Approx(0.3));
}

TEST_CASE("scenario: paths of exogenous variables", "[scenario]") {
  const double w = [] {
    const Solved s = solve_with("", 5);
    return s.data.frame.get("w").at(s.data.sample.last());
  }();
  const auto path = [&](const std::string& changes) {
    const StudyFixture fixture("[scenarios.a]\nchanges = [" + changes + "]\n");
    const Solved s = solve_fixture(fixture, 100);
    return resolve_scenario(*s.study.scenario("a"), s.study, s.data, s.system->equations())
        .exogenous.at("w");
  };
  CHECK(path("{ path = \"w\" }")(11) == w);
  CHECK(path("{ path = \"w\", mode = \"level\", value = 50 }")(7) == 50);
  CHECK(path("{ path = \"w\", mode = \"growth\", value = \"1%\" }")(1) == Approx(w * 1.01 * 1.01));
  CHECK(path("{ path = \"w\" }, { path = \"w\", mode = \"pct\", value = -20, from = \"2022-03\" }")(
            2) == Approx(0.8 * w));
  CHECK(path("{ path = \"w\" }, { path = \"w\", mode = \"pct\", value = -20, from = \"2022-03\" }")(
            1) == w);
  CHECK(path("{ path = \"w\" }, { path = \"w\", mode = \"add\", value = [5, 6] }")(1) ==
        Approx(w + 6));
  CHECK(path("{ path = \"w\", mode = \"level\", value = [1, 2, 3] }")(11) == 3);
}

TEST_CASE("scenario: a fixed path is met in every draw, and its shocks go on", "[scenario]") {
  const Solved s =
      solve_with("{ fix = \"m\", value = 90, from = \"2022-03\", to = \"2022-05\" }", 50);
  const DrawMatrix &other = s.ensemble.at("other", "m"), &base = s.ensemble.at("base", "m");
  CHECK((other.middleRows(2, 3).array() - 90).abs().maxCoeff() < 1e-9);
  CHECK(equal(other.topRows(2), base.topRows(2)));
  // Afterwards the AR(1) returns from 90, not from where the base was.
  const double phi = estimate_of(s, 0, "ar1");
  CHECK(phi > 0.3);
  for (Eigen::Index r = 0; r < 50; ++r) {
    const double gap5 = std::log(other(5, r) / base(5, r)), gap4 = std::log(90 / base(4, r));
    CHECK(gap5 / gap4 > 0);
    CHECK(gap5 / gap4 < 1);
  }
}

TEST_CASE("scenario: fixing at the base's own path reproduces it", "[scenario]") {
  const Solved base = solve_with("", 30);
  SystemInputs inputs = resolve_scenario(*base.study.scenario("base"), base.study, base.data,
                                         base.system->equations());
  const SystemDraws draws = base.system->at_estimates();
  const auto free = base.system->simulate(draws, inputs);
  inputs.fixed["m"] = free[0].col(0);
  const auto fixed = base.system->simulate(draws, inputs);
  for (std::size_t v = 0; v < free.size(); ++v) {
    CHECK((free[v] - fixed[v]).cwiseAbs().maxCoeff() < 1e-9 * (1 + free[v].cwiseAbs().maxCoeff()));
  }
}

TEST_CASE("scenario: halving an elasticity halves the answer and leaves the level", "[scenario]") {
  const std::string open = "{ end_event = \"closure\", at = \"2022-04\" }";
  const StudyFixture fixture(
      "[scenarios.base]\nchanges = [{ path = \"w\", mode = \"hold\" }]\n[scenarios.full]\nextends "
      "= \"base\"\n"
      "changes = [" +
      open + "]\n[scenarios.muted]\nextends = \"base\"\nchanges = [" + open +
      ", { parameter = \"p.log(m)\", multiply = 0.5 }]\n[scenarios.muted_base]\nextends = "
      "\"base\"\n"
      "changes = [{ parameter = \"p.log(m)\", multiply = 0.5 }]\n");
  const Solved s = solve_fixture(fixture, 40);
  const auto log_ratio = [&](const char* a, const char* b) {
    return DrawMatrix((s.ensemble.at(a, "p").array() / s.ensemble.at(b, "p").array()).log());
  };
  const DrawMatrix full = log_ratio("full", "base"), muted = log_ratio("muted", "muted_base");
  for (Eigen::Index r = 0; r < 40; ++r) CHECK(muted(8, r) == Approx(0.5 * full(8, r)));
  // Recentred: at the forecast origin's imports the two agree.
  CHECK(std::fabs(log_ratio("muted_base", "base").row(0).mean()) < 0.05);
}

TEST_CASE("scenario: threads and blocks never change a number", "[scenario]") {
  const StudyFixture fixture;
  const Solved one = solve_fixture(fixture, 1200, 1), two = solve_fixture(fixture, 1200, 2);
  for (std::size_t s = 0; s < one.ensemble.paths.size(); ++s) {
    for (std::size_t v = 0; v < one.ensemble.variables.size(); ++v) {
      CHECK(equal(one.ensemble.paths[s][v], two.ensemble.paths[s][v]));
    }
  }
  const Solved few = solve_fixture(fixture, 700, 2);
  CHECK(
      equal(few.ensemble.at("open", "p"), DrawMatrix(one.ensemble.at("open", "p").leftCols(700))));
}

TEST_CASE("scenario: the order of scenarios does not matter", "[scenario]") {
  const Solved a = solve_fixture(StudyFixture(), 100);
  const Solved b = solve_fixture(
      StudyFixture("[scenarios.open]\nextends = \"stay\"\nchanges = [{ end_event = \"closure\", at "
                   "= \"2022-04\" }]\n"
                   "[scenarios.stay]\nchanges = [{ path = \"w\", mode = \"hold\" }]\n"),
      100);
  CHECK(equal(a.ensemble.at("open", "m"), b.ensemble.at("open", "m")));
  CHECK(b.ensemble.scenarios == std::vector<std::string>{"open", "stay"});
}

TEST_CASE("scenario: feeding the residuals back reproduces history", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 10);
  CHECK(residual_check(s.study, s.data, s.system->equations(), 24) < 1e-10);
  CHECK(residual_check(s.study, s.data, s.system->equations(), 1) < 1e-10);
}

TEST_CASE("scenario: residuals of the flagship study reproduce its history", "[scenario]") {
  const Study study =
      load_study(source_path("configs/papers/border_2022/border_2022.toml"), builtin_plugins());
  const StudyData data = load_data(study);
  CHECK(residual_check(study, data, estimate(study, data, builtin_plugins()), 15) < 1e-10);
}

TEST_CASE("scenario: the mean of simulated paths is the analytic forecast", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 4000);
  const BehaviouralEquation& x = s.system->equations()[1];
  Future future{s.data.horizon, MatrixXd(12, 0), s.data.events};
  const Forecast f = forecast_with_parameter_uncertainty(*x.fitted.model, x.fitted.result, future);
  const DrawMatrix z = s.ensemble.at("stay", "x").array().log();
  for (Eigen::Index h = 0; h < 12; ++h) {
    CHECK(std::fabs(z.row(h).mean() - f.mean(h)) < 5 * std::sqrt(f.variance(h) / 4000));
    const double variance = (z.row(h).array() - z.row(h).mean()).square().mean();
    CHECK(variance == Approx(f.variance(h)).epsilon(0.12));
  }
}

TEST_CASE("scenario: correlated residuals give correlated shocks", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 3000);
  const double wanted = s.system->correlation()(1, 0);
  CHECK(wanted > 0.2);
  const SystemDraws draws = s.system->draw(1, 0, 3000);
  const auto a = draws.shocks[0].row(2).array(), b = draws.shocks[1].row(2).array();
  CHECK((a * b).mean() == Approx(wanted).margin(0.07));
}

TEST_CASE("effect: nothing changed is no effect, exactly", "[scenario]") {
  const StudyFixture fixture;
  const Solved s = solve_fixture(fixture, 300);
  bool seen = false;
  for (const EffectPath& path : compute_effects(s.study, s.ensemble)) {
    if (path.effect != "nothing") continue;
    seen = true;
    CHECK(path.is_zero());
  }
  CHECK(seen);
}

TEST_CASE("effect: rounding is no effect, a small effect is one", "[scenario]") {
  for (const double factor : {1 + 1e-12, 1 + 1e-6}) {
    Solved s = solve_fixture(StudyFixture(), 300);
    const auto place = [](const std::vector<std::string>& names, const char* name) {
      return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    };
    const std::size_t same = place(s.ensemble.scenarios, "same"),
                      m = place(s.ensemble.variables, "m");
    s.ensemble.paths[same][m] *= factor;
    for (const EffectPath& path : compute_effects(s.study, s.ensemble)) {
      if (path.effect != "nothing" || path.variable != "m") continue;
      CHECK(path.is_zero() == (factor < 1 + 1e-9));
    }
  }
}

TEST_CASE("effect: per cent, level and cumulated agree with the paths", "[scenario]") {
  const Solved s = solve_fixture(StudyFixture(), 300);
  const DrawMatrix &a = s.ensemble.at("open", "m"), &b = s.ensemble.at("stay", "m");
  for (const EffectPath& path : compute_effects(s.study, s.ensemble)) {
    if (path.effect != "opening" || path.variable != "m") continue;
    const double last = path.periods.back().mean;
    switch (path.measure) {
      case EffectMeasure::level:
        CHECK(last == Approx((a - b).row(11).mean()));
        break;
      case EffectMeasure::percent:
        CHECK(last == Approx((100 * (a.array() / b.array() - 1)).row(11).mean()));
        break;
      case EffectMeasure::cumulative:
        CHECK(last == Approx((a - b).colwise().sum().mean()));
        break;
    }
    CHECK(path.probability_positive.back() == 1);
    CHECK(path.probability_positive.front() == 0);
  }
}

TEST_CASE("distribution: quantiles of known draws", "[scenario]") {
  Eigen::RowVectorXd draws(101);
  for (int i = 0; i <= 100; ++i) draws(i) = (i * 37) % 101;  // 0..100, shuffled
  const Distribution d = summarise(draws);
  CHECK(d.mean == Approx(50));
  CHECK(d.median() == 50);
  CHECK(d.quantile(0.05) == 5);
  CHECK(d.quantile(0.975) == Approx(97.5));
  CHECK(d.mean_error == Approx(d.sd / std::sqrt(101.0)));
  CHECK(d.quantile_errors[5] > 0);
}

TEST_CASE("distribution: quantiles are those of sorted draws, however they are spread",
          "[scenario]") {
  const int n = 4001;
  std::vector<double> normals(static_cast<std::size_t>(n));
  fill_normals({3, Purpose::simulation, 0}, 0, normals);
  const auto check = [&](const auto& shape) {
    Eigen::RowVectorXd draws(n);
    for (int i = 0; i < n; ++i) draws(i) = shape(normals[static_cast<std::size_t>(i)]);
    std::vector<double> sorted(draws.begin(), draws.end());
    std::sort(sorted.begin(), sorted.end());
    const Distribution d = summarise(draws);
    for (std::size_t i = 0; i < quantile_levels().size(); ++i) {
      const double rank = quantile_levels()[i] * (n - 1);
      const auto at = static_cast<std::size_t>(rank);
      CHECK(d.quantiles[i] ==
            sorted[at] + (rank - std::floor(rank)) * (sorted[at + 1] - sorted[at]));
    }
  };
  check([](double z) { return z; });
  check([](double z) { return std::exp(9 * z); });         // nearly all in one bucket
  check([](double z) { return std::max(z, 0.0); });        // half of them equal
  check([](double z) { return std::floor(z); });           // a few values
  check([](double) { return 4.5; });                       // one value
  check([](double z) { return z > 3 ? 1e300 : -1e300; });  // a range that overflows
}

TEST_CASE("distribution: a draw that is not a number spoils it, visibly", "[scenario]") {
  Eigen::RowVectorXd draws = Eigen::RowVectorXd::Ones(10);
  draws(3) = kMissing;
  const Distribution d = summarise(draws);
  CHECK(std::isnan(d.mean));
  CHECK(std::isnan(d.median()));
}

TEST_CASE("distribution: the Monte-Carlo error of a quantile is its spread over seeds",
          "[scenario]") {
  const StudyFixture fixture;
  std::vector<double> medians;
  double claimed = 0;
  Solved s = solve_fixture(fixture, 100);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SimulationSettings settings;
    settings.draws = 500;
    settings.seed = seed;
    settings.threads = 1;
    const Ensemble e = simulate_scenarios(s.study, s.data, *s.system, settings);
    const Distribution d = summarise(e.at("stay", "m").row(6));
    medians.push_back(d.median());
    claimed += d.quantile_errors[5] / 30;
  }
  double mean = 0, squares = 0;
  for (double m : medians) mean += m / 30;
  for (double m : medians) squares += (m - mean) * (m - mean) / 29;
  CHECK(claimed == Approx(std::sqrt(squares)).epsilon(0.45));
}

TEST_CASE("realised: coverage counts periods inside the bands", "[scenario]") {
  const StudyFixture fixture;
  Solved s = solve_fixture(fixture, 300);
  Series series = s.data.frame.get("m");
  Frame observed(range_between(s.data.frame.range().first, s.data.horizon.last()));
  for (const std::string& name : s.ensemble.variables) {
    observed.add({name,
                  "",
                  observed.range().first,
                  VectorXd::Constant(observed.range().count, kMissing),
                  {},
                  {},
                  "",
                  {}});
  }
  const std::vector<Projection> projections = project(s.ensemble, 1);
  Series m = observed.get("m");
  const Projection& stay = projections[0];
  REQUIRE(stay.variable == "m");
  m.values(observed.range().index_of(s.data.horizon[0])) = stay.periods[0].median();
  m.values(observed.range().index_of(s.data.horizon[1])) = stay.periods[1].quantile(0.95) * 2;
  observed.add(m);
  for (const RealisedCoverage& c : realised_coverage(projections, observed, s.data.horizon)) {
    if (c.scenario != "stay" || c.variable != "m") continue;
    CHECK(c.periods == 2);
    CHECK(c.inside30 == 1);
    CHECK(c.inside90 == 1);
  }
}

}  // namespace amnok
