// Changes whose numbers are drawn, solved for or taken from elsewhere.
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/scenario/mixture.h"
#include "engine/scenario/scenario_simulator.h"
#include "models/builtin.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kHold = "{ path = \"w\", mode = \"hold\" }";
const std::string kBase = "[scenarios.base]\nchanges = [" + kHold + "]\n";

std::string scenario(const std::string& name, const std::string& changes,
                     const std::string& more = "") {
  return "[scenarios." + name + "]\nextends = \"base\"\n" + more + "changes = [" + changes + "]\n";
}

std::string refusal(const std::string& toml) {
  return advice_of([&] { solve_fixture(StudyFixture(toml), 100); });
}

double mean_of(const Solved& s, const char* scenario, const char* variable, Eigen::Index h) {
  return s.ensemble.at(scenario, variable).row(h).mean();
}

}  // namespace

TEST_CASE("assumption: distributions have the moments and quantiles that they say",
          "[scenario][assumption]") {
  using Kind = AssumedDistribution::Kind;
  AssumedDistribution d;
  for (Kind kind : {Kind::normal, Kind::lognormal, Kind::beta, Kind::uniform, Kind::triangular,
                    Kind::student_t}) {
    d.kind = kind;
    d.mean = 0.6;
    d.sd = 0.15;
    d.low = 0.2;
    d.mode = 0.5;
    d.high = 1.1;
    d.df = 8;
    CHECK(d.problem() == "");
    // Moments by the midpoint rule over quantiles.
    double mean = 0, squares = 0;
    constexpr int n = 20000;
    for (int i = 0; i < n; ++i) {
      const double q = d.quantile((i + 0.5) / n);
      mean += q / n;
      squares += q * q / n;
    }
    CHECK(mean == Approx(d.expectation()).epsilon(1e-3));
    if (kind != Kind::uniform && kind != Kind::triangular) {
      CHECK(std::sqrt(squares - mean * mean) == Approx(0.15).epsilon(0.01));
    }
  }
  d.kind = Kind::beta;
  d.sd = 0.6;
  CHECK_THAT(d.problem(), Catch::Contains("sd is 0.6, but must be below 0.49"));
  d.kind = Kind::triangular;
  d.mode = 2;
  CHECK_THAT(d.problem(), Catch::Contains("mode is 2, but must be in [0.2, 1.1]"));
}

TEST_CASE("assumption: draws belong to its name, so that scenarios share them",
          "[scenario][assumption]") {
  const std::string share =
      "{ assume = \"share\", distribution = \"beta\", mean = 0.4, sd = 0.2 }, ";
  const StudyFixture fixture(
      kBase +
      scenario("a", share + "{ end_event = \"closure\", at = \"2022-04\", remaining = "
                            "\"share\" }") +
      scenario("b", share + "{ end_event = \"closure\", at = \"2022-04\", remaining = \"share\", "
                            "over = 2 }"));
  const Solved s = solve_fixture(fixture, 1200);
  const DrawMatrix ratio =
      (s.ensemble.at("a", "m").array() / s.ensemble.at("base", "m").array()).log();
  // The step's effect is about -1: what is left of it moves log m by 1 - share.
  const Eigen::RowVectorXd share_of = draw_assumption(
      "share", {AssumedDistribution::Kind::beta, 0.4, 0.2}, s.study.run.seed, 0, 1200);
  CHECK(ratio.topRows(3).cwiseAbs().maxCoeff() == 0);
  for (Eigen::Index r : {0, 499, 500, 777, 1199}) {
    const double effect = ratio(11, r) / (1 - share_of(r));
    CHECK(effect > 0.7);
    CHECK(effect < 1.3);
  }
  CHECK((s.ensemble.at("a", "m").row(11) - s.ensemble.at("b", "m").row(11)).cwiseAbs().maxCoeff() <
        1e-9);
  // The same for any number of threads.
  const Solved two = solve_fixture(fixture, 1200, 2);
  CHECK(two.ensemble.at("a", "p") == s.ensemble.at("a", "p"));
}

TEST_CASE("assumption: may stand for any number of a change", "[scenario][assumption]") {
  const std::string z = "{ assume = \"z\", distribution = \"uniform\", low = 90, high = 110 }, ";
  const StudyFixture fixture(
      kBase + scenario("path", z + "{ path = \"w\", mode = \"level\", value = \"z\" }") +
      scenario("fix", z + "{ fix = \"m\", value = \"z\", from = \"2022-03\", to = \"2022-03\" }") +
      scenario("add",
               "{ assume = \"a\", mean = 0.1, sd = 0.05 }, { add_factor = \"x\", value = "
               "\"a\" }") +
      scenario("parameter",
               "{ assume = \"k\", mean = 0.5, sd = 0.1 }, { parameter = \"p.log(m)\", "
               "multiply = \"k\" }"));
  const Solved s = solve_fixture(fixture, 600);
  const Eigen::RowVectorXd z_draws = draw_assumption(
      "z", {AssumedDistribution::Kind::uniform, 0, 1, 90, 0, 110}, s.study.run.seed, 0, 600);
  CHECK((s.ensemble.at("fix", "m").row(2) - z_draws).cwiseAbs().maxCoeff() < 1e-9);
  const Eigen::RowVectorXd a = draw_assumption("a", {AssumedDistribution::Kind::normal, 0.1, 0.05},
                                               s.study.run.seed, 0, 600);
  const Eigen::RowVectorXd shift =
      (s.ensemble.at("add", "x").row(4).array() / s.ensemble.at("base", "x").row(4).array()).log();
  CHECK((shift - a).cwiseAbs().maxCoeff() < 1e-9);
  CHECK(s.ensemble.at("path", "p") != s.ensemble.at("base", "p"));
  CHECK(s.ensemble.at("parameter", "p") != s.ensemble.at("base", "p"));
}

TEST_CASE("assumption: what is wrong with one is said", "[scenario][assumption]") {
  CHECK_THAT(refusal(kBase + scenario("a",
                                      "{ add_factor = \"m\", value = \"shere\" }, { assume = "
                                      "\"share\", mean = 0.1, sd = 1 }")),
             Catch::Contains("\"shere\" is neither a number nor an assumption of the scenario") &&
                 Catch::Contains("share"));
  CHECK_THAT(
      refusal(kBase + scenario("a", "{ assume = \"s\", distribution = \"beta\", mean = 0.5 }")),
      Catch::Contains("beta needs `sd`"));
  CHECK_THAT(refusal(kBase + scenario("a",
                                      "{ assume = \"s\", distribution = \"uniform\", low = 1, "
                                      "high = 0 }")),
             Catch::Contains("high is 0, but must be above low, 1"));
}

TEST_CASE("hazard: an event ends with the given probability in each period", "[scenario][hazard]") {
  const StudyFixture fixture(
      kBase + scenario("drawn", "{ end_event = \"closure\", at = \"2022-03\", hazard = 0.2 }") +
      scenario("sure", "{ end_event = \"closure\", at = \"2022-03\", hazard = 1 }") +
      scenario("plain", "{ end_event = \"closure\", at = \"2022-03\" }"));
  const int draws = 4000;
  const Solved s = solve_fixture(fixture, draws, 2);
  CHECK(s.ensemble.at("sure", "m") == s.ensemble.at("plain", "m"));
  // Periods until a draw leaves the base: geometric, or never.
  const DrawMatrix &drawn = s.ensemble.at("drawn", "m"), &base = s.ensemble.at("base", "m");
  VectorXd ends = VectorXd::Zero(13);
  for (Eigen::Index r = 0; r < draws; ++r) {
    Eigen::Index h = 0;
    while (h < 12 && drawn(h, r) == base(h, r)) ++h;
    ends(h) += 1.0 / draws;
    CHECK(h >= 2);
  }
  for (int h = 2; h < 12; ++h) {
    const double p = 0.2 * std::pow(0.8, h - 2);
    CHECK(ends(h) == Approx(p).margin(4 * std::sqrt(p / draws)));
  }
  CHECK(ends(12) == Approx(std::pow(0.8, 10)).margin(4 * std::sqrt(0.1 / draws)));
}

TEST_CASE("hazard: a relapse comes after the end, and lasts", "[scenario][hazard]") {
  const StudyFixture fixture(
      kBase +
      scenario("relapse",
               "{ end_event = \"closure\", at = \"2022-02\" }, { start_event = \"closure\", at = "
               "\"2022-02\", hazard = 0.3, lasting = 2 }") +
      scenario("open", "{ end_event = \"closure\", at = \"2022-02\" }"));
  const Solved s = solve_fixture(fixture, 500);
  const DrawMatrix &relapse = s.ensemble.at("relapse", "m"), &open = s.ensemble.at("open", "m");
  int with = 0, always = 0;
  for (Eigen::Index r = 0; r < 500; ++r) {
    int differs = 0;
    for (Eigen::Index h = 0; h < 12; ++h) differs += relapse(h, r) < 0.8 * open(h, r) ? 1 : 0;
    CHECK(relapse(1, r) == open(1, r));  // not in the period of the end itself
    with += differs > 0 ? 1 : 0;
    always += differs > 2 ? 1 : 0;
  }
  CHECK(with > 400);
  CHECK(always == 0);
}

TEST_CASE("path: taken from a series, from another scenario or from a model", "[scenario][path]") {
  const std::string borrowed =
      "[scenarios.grow]\nchanges = [{ path = \"w\", mode = \"growth\", value = 2 }]\n" + kBase +
      scenario("same",
               "{ path = \"w\", mode = \"scenario\", scenario = \"grow\", from = "
               "\"2022-05\" }") +
      scenario("model", "{ path = \"w\", mode = \"model\", target = \"log(w)\" }") +
      scenario("scaled",
               "{ path = \"w\", mode = \"model\", target = \"log(w)\" }, { path = \"w\", "
               "mode = \"pct\", value = 10 }");
  const Solved s = solve_fixture(StudyFixture(borrowed), 2000, 2);
  // A series with a model is a variable of its own, fixed where a scenario gives its path.
  const DrawMatrix &grow = s.ensemble.at("grow", "w"), &same = s.ensemble.at("same", "w"),
                   &base = s.ensemble.at("base", "w"), &model = s.ensemble.at("model", "w");
  CHECK((same.bottomRows(8) - grow.bottomRows(8)).cwiseAbs().maxCoeff() < 1e-9);
  CHECK((same.topRows(4) - base.topRows(4)).cwiseAbs().maxCoeff() < 1e-9);
  CHECK(base.row(7).maxCoeff() - base.row(7).minCoeff() < 1e-9);
  const auto sd = [](const auto& row) {
    return std::sqrt((row.array() - row.mean()).square().mean());
  };
  CHECK(sd(model.row(11)) > 2 * sd(model.row(0)));
  CHECK(((s.ensemble.at("scaled", "w") - 1.1 * model).array() / model.array()).abs().maxCoeff() <
        1e-9);
  CHECK(sd(s.ensemble.at("model", "p").row(11)) > sd(s.ensemble.at("base", "p").row(11)));
}

TEST_CASE("path: a value without a mode is a level", "[scenario][path]") {
  const StudyFixture fixture(kBase +
                             scenario("said", "{ path = \"w\", mode = \"level\", value = 120 }") +
                             scenario("short", "{ path = \"w\", value = 120 }"));
  const Solved s = solve_fixture(fixture);
  CHECK(s.ensemble.at("said", "p") == s.ensemble.at("short", "p"));
  CHECK(s.ensemble.at("said", "p") != s.ensemble.at("base", "p"));
}

TEST_CASE("path: what does not fit together is refused", "[scenario][path]") {
  // Also where another scenario has a model of the series.
  CHECK_THAT(refusal(kBase + scenario("m", "{ path = \"w\", mode = \"model\" }") +
                     scenario("a", "{ path = \"w\", mode = \"level\", value = 0 }")),
             Catch::Contains("w is 0 in 2022-01, but `log(w)` of models.p must be defined there"));
  CHECK_THAT(refusal(kBase + scenario("a", "{ path = \"w\", mode = \"series\" }")),
             Catch::Contains("`w` has no value in 2022-01"));
  CHECK_THAT(
      refusal(kBase + scenario("a", "{ path = \"w\", mode = \"scenario\", scenario = \"b\" }") +
              scenario("b", "{ path = \"w\", mode = \"scenario\", scenario = \"a\" }")),
      Catch::Contains("in a circle"));
  CHECK_THAT(refusal(kBase + scenario("a", "{ path = \"w\", value = \"5%\" }")),
             Catch::Contains("value is in per cent, but must be a number here"));
  CHECK_THAT(refusal(kBase + scenario("a", "{ path = \"w\", mode = \"hold\", value = 5 }")),
             Catch::Contains("takes no value"));
  CHECK_THAT(refusal(kBase + scenario("a", "{ path = \"w\", mode = \"hold\", series = \"m\" }")),
             Catch::Contains("series goes with mode = \"series\""));
  CHECK_THAT(refusal(kBase + scenario("a", "{ path = \"w\", mode = \"model\", model = \"arma\" }")),
             Catch::Contains("\"arma\", which is no plugin") && Catch::Contains("arima"));
}

TEST_CASE("add_factor: decays as it says", "[scenario]") {
  const StudyFixture fixture(kBase + scenario("fading",
                                              "{ add_factor = \"x\", value = 0.4, decay = "
                                              "0.5, from = \"2022-03\" }"));
  const Solved s = solve_fixture(fixture, 50);
  const DrawMatrix shift =
      (s.ensemble.at("fading", "x").array() / s.ensemble.at("base", "x").array()).log();
  CHECK(shift.topRows(2).cwiseAbs().maxCoeff() == 0);
  for (Eigen::Index h = 2; h < 12; ++h) {
    CHECK((shift.row(h).array() - 0.4 * std::pow(0.5, h - 2)).abs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("target: the mean comes to the value", "[scenario][target]") {
  const StudyFixture fixture(
      kBase +
      scenario("one",
               "{ target = \"balance_3m\", value = -150, at = \"2022-12\", instrument = "
               "\"m\", from = \"2022-07\" }") +
      scenario("two",
               "{ target = \"m\", value = 90, at = \"2022-06\", instrument = \"m\" }, { "
               "target = \"p\", value = 900, at = \"2022-09\", instrument = \"p\" }"));
  const Solved s = solve_fixture(fixture, 1100, 2);
  CHECK(mean_of(s, "one", "balance_3m", 11) == Approx(-150).epsilon(1e-9));
  CHECK(mean_of(s, "two", "m", 5) == Approx(90).epsilon(1e-9));
  CHECK(mean_of(s, "two", "p", 8) == Approx(900).epsilon(1e-9));
  // Only the periods of the instrument move, and in the model's units by one number.
  const DrawMatrix shift =
      (s.ensemble.at("one", "m").array() / s.ensemble.at("base", "m").array()).log();
  CHECK(shift.topRows(6).cwiseAbs().maxCoeff() == 0);
  CHECK(shift.bottomRows(6).maxCoeff() - shift.bottomRows(6).minCoeff() < 1e-9);

  std::vector<ScenarioAccount> accounts;
  SimulationSettings settings;
  settings.draws = 1100;
  settings.seed = s.study.run.seed;
  simulate_scenarios(s.study, s.data, *s.system, settings, &accounts);
  REQUIRE(accounts[1].targets.size() == 1);
  CHECK(accounts[1].targets[0].add_factor == Approx(shift(8, 3)));
  CHECK(accounts[1].targets[0].mean == Approx(-150));
  CHECK(accounts[2].targets[0].multipliers.size() == 2);
}

TEST_CASE("target: an instrument that does nothing is refused", "[scenario][target]") {
  CHECK_THAT(refusal(kBase + scenario("a",
                                      "{ target = \"m\", value = 90, at = \"2022-06\", "
                                      "instrument = \"p\" }")),
             Catch::Contains("an add-factor on `p` does not move `m` in 2022-06"));
  CHECK_THAT(refusal(kBase + scenario("a",
                                      "{ target = \"m\", value = -5, at = \"2022-06\", "
                                      "instrument = \"m\" }")),
             Catch::Contains("cannot be met"));
}

TEST_CASE("plausibility: a fix k standard deviations away is k squared",
          "[scenario][plausibility]") {
  const StudyFixture fixture(kBase + scenario("add",
                                              "{ add_factor = \"x\", value = 0.3, from = "
                                              "\"2022-01\", to = \"2022-01\" }"));
  const Solved s = solve_fixture(fixture, 100);
  ProblemList problems;
  const ScenarioSimulator plain(*s.study.scenario("base"), s.study, s.data, *s.system, problems);
  CHECK(plausibility(plain, *s.system).df == 0);
  const ScenarioSimulator added(*s.study.scenario("add"), s.study, s.data, *s.system, problems);
  const Plausibility p = plausibility(added, *s.system);
  const double sigma = std::sqrt(s.system->equations()[1].fitted.result.sigma2);
  CHECK(p.df == 1);
  CHECK(p.distance == Approx(0.3 * 0.3 / (sigma * sigma)));
  CHECK(p.largest == Approx(0.3 / sigma));
  Plausibility tiny = p;
  tiny.p_value = 1e-9;
  CHECK_THAT(tiny.words(), Catch::Contains("p < 0.0001"));
}

TEST_CASE("mixture: the distribution function is the weighted mean of theirs",
          "[scenario][mixture]") {
  const StudyFixture fixture(
      "[scenarios.base]\nprobability = 0.7\nchanges = [" + kHold + "]\n" +
      scenario("open", "{ end_event = \"closure\", at = \"2022-04\" }", "probability = 0.3\n"));
  const Solved s = solve_fixture(fixture, 3000, 2);
  const std::vector<Projection> mixed = mix(s.study, s.ensemble, 1);
  REQUIRE(mixed.size() == s.ensemble.variables.size());
  const Distribution& d = mixed[0].periods[8];
  const auto base = s.ensemble.at("base", "m").row(8), open = s.ensemble.at("open", "m").row(8);
  CHECK(d.mean == Approx(0.7 * base.mean() + 0.3 * open.mean()));
  for (std::size_t i = 0; i < d.quantiles.size(); ++i) {
    const auto below = [&](const auto& row) {
      return (row.array() <= d.quantiles[i]).template cast<double>().mean();
    };
    CHECK(0.7 * below(base) + 0.3 * below(open) == Approx(quantile_levels()[i]).margin(1e-3));
  }
  CHECK(mix(solve_fixture(StudyFixture(), 100).study, s.ensemble, 1).empty());
}

TEST_CASE("changes: a parameter stays where its model stands", "[scenario]") {
  CHECK_THAT(refusal(kBase + scenario("a", "{ parameter = \"x.ar1\", set = 1.2 }")),
             Catch::Contains("`ar1` of `x` becomes 1.200, where the model does not stand"));
  // Near the edge some draws leave it: those are not defined, and nothing breaks.
  const Solved s = solve_fixture(
      StudyFixture(kBase + scenario("a", "{ parameter = \"x.ar1\", add = 0.5 }")), 400);
  const Eigen::RowVectorXd row = s.ensemble.at("a", "x").row(3);
  const double defined = row.array().isFinite().cast<double>().mean();
  CHECK(defined > 0.5);
  CHECK(s.ensemble.at("base", "x").allFinite());
}

}  // namespace amnok
