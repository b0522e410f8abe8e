#include "engine/scenario/conditioning.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/conditional_forecast.h"
#include "engine/scenario/distribution.h"
#include "engine/scenario/scenario_simulator.h"
#include "engine/stats/random_stream.h"
#include "models/builtin.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kBase = "[scenarios.base]\nchanges = [{ path = \"w\", mode = \"hold\" }]\n";

std::string conditioned(const std::string& changes) {
  return kBase + "[scenarios.given]\nextends = \"base\"\nchanges = [" + changes + "]\n";
}

// Paths in the equations' own units, all periods of m, then of x, then of p.
VectorXd logs(const std::vector<DrawMatrix>& paths, Eigen::Index r) {
  VectorXd z(36);
  for (Eigen::Index v = 0; v < 3; ++v) {
    z.segment(12 * v, 12) = paths[static_cast<std::size_t>(v)].col(r).array().log();
  }
  return z;
}

// The joint distribution of those paths at the estimates, from the response to each single shock.
GaussianPath brute_force(const System& system, const SystemInputs& inputs) {
  SystemDraws draws = system.at_estimates();
  const VectorXd mean = logs(system.simulate(draws, inputs), 0);
  MatrixXd response(36, 36);
  for (std::size_t e = 0; e < 3; ++e) {
    for (Eigen::Index s = 0; s < 12; ++s) {
      draws.shocks[e](s, 0) = 1;
      response.col(12 * static_cast<Eigen::Index>(e) + s) =
          logs(system.simulate(draws, inputs), 0) - mean;
      draws.shocks[e](s, 0) = 0;
    }
  }
  const MatrixXd root = system.correlation().llt().matrixL();
  MatrixXd spread = MatrixXd::Zero(36, 36);
  for (Eigen::Index a = 0; a < 3; ++a) {
    for (Eigen::Index b = 0; b <= a; ++b) {
      spread.block(12 * a, 12 * b, 12, 12).diagonal().setConstant(root(a, b));
    }
  }
  return {mean, response * spread};
}

struct Given {
  Solved solved;
  SystemInputs inputs;
  std::vector<PeriodCondition> conditions;

  explicit Given(const StudyFixture& fixture) : solved(solve_fixture(fixture, 100)) {
    const ScenarioSpec& scenario = *solved.study.scenario("given");
    inputs = resolve_scenario(scenario, solved.study, solved.data, solved.system->equations());
    conditions = conditions_of(scenario, solved.data.horizon);
  }
};

}  // namespace

TEST_CASE("conditioning: hard conditions give the conditional mean of the joint normal",
          "[scenario][condition]") {
  const StudyFixture fixture(
      conditioned("{ condition = \"m = 62\", at = \"2022-06\" }, "
                  "{ condition = \"x = 60\", at = \"2022-09\" }, "
                  "{ condition = \"m = 51\", at = \"2022-12\" }"));
  const Given given(fixture);
  const System& system = *given.solved.system;
  const GaussianPath joint = brute_force(system, given.inputs);
  const ConditionalPath expected = condition_path(
      joint, {path_condition(36, 5, std::log(62)), path_condition(36, 12 + 8, std::log(60)),
              path_condition(36, 11, std::log(51))});
  // A draw without shocks of its own becomes the conditional mean.
  const ConditionedPaths at_mean =
      simulate_conditioned(system, system.at_estimates(), given.inputs, given.conditions);
  CHECK((logs(at_mean.paths, 0) - expected.mean).cwiseAbs().maxCoeff() < 1e-9);
  CHECK(at_mean.distance(0) == Approx(expected.plausibility.statistic).epsilon(1e-7));

  // And draws have its covariance: every period, also of what is not conditioned on.
  const int count = 20000;
  const ConditionedPaths draws = simulate_conditioned(
      system, system.draw(3, 0, count, {false, true}), given.inputs, given.conditions);
  CHECK(draws.unsolved == 0);
  CHECK(draws.log_weights.maxCoeff() - draws.log_weights.minCoeff() < 1e-6);
  MatrixXd z(36, count);
  for (Eigen::Index r = 0; r < count; ++r) z.col(r) = logs(draws.paths, r);
  const VectorXd mean = z.rowwise().mean(), sd = expected.standard_deviations();
  for (Eigen::Index i = 0; i < 36; ++i) {
    const double spread = std::sqrt((z.row(i).array() - mean(i)).square().mean());
    CHECK(std::fabs(mean(i) - expected.mean(i)) < 1e-9 + 5 * sd(i) / std::sqrt(count));
    CHECK(std::fabs(spread - sd(i)) < 1e-9 + 0.03 * sd(i));
  }
}

TEST_CASE("conditioning: the order of conditions changes nothing", "[scenario][condition]") {
  const std::string a = "{ condition = \"m = 62\", at = \"2022-06\" }",
                    b = "{ condition = \"x = 60\", at = \"2022-09\" }";
  const StudyFixture first(conditioned(a + ", " + b)), second(conditioned(b + ", " + a));
  const Solved one = solve_fixture(first, 200), two = solve_fixture(second, 200);
  for (const char* v : {"m", "x", "p", "balance"}) {
    const DrawMatrix &p = one.ensemble.at("given", v), &q = two.ensemble.at("given", v);
    CHECK((p - q).cwiseAbs().maxCoeff() < 1e-8 * p.cwiseAbs().maxCoeff());
  }
  CHECK(
      (one.ensemble.weights_of("given") - two.ensemble.weights_of("given")).cwiseAbs().maxCoeff() <
      1e-10);
}

TEST_CASE("conditioning: what is expected anyway leaves the expectation", "[scenario][condition]") {
  const Solved base = solve_fixture(StudyFixture(kBase), 100);
  const SystemInputs inputs = resolve_scenario(*base.study.scenario("base"), base.study, base.data,
                                               base.system->equations());
  const std::vector<DrawMatrix> mean = base.system->simulate(base.system->at_estimates(), inputs);
  const StudyFixture fixture(conditioned(
      fmt::format("{{ condition = \"m = {:.17g}\", at = \"2022-08\" }}", mean[0](7, 0))));
  const Given given(fixture);
  const System& system = *given.solved.system;
  const ConditionedPaths paths =
      simulate_conditioned(system, system.at_estimates(), given.inputs, given.conditions);
  for (std::size_t v = 0; v < mean.size(); ++v) {
    CHECK((paths.paths[v] - mean[v]).cwiseAbs().maxCoeff() < 1e-8 * mean[v].cwiseAbs().maxCoeff());
  }
  CHECK(paths.distance(0) < 1e-12);
}

TEST_CASE("conditioning: every draw meets a condition on an identity", "[scenario][condition]") {
  const StudyFixture fixture(conditioned("{ condition = \"balance_3m = 10\", at = \"2022-10\" }"));
  const Solved s = solve_fixture(fixture, 400);
  CHECK((s.ensemble.at("given", "balance_3m").row(9).array() - 10).abs().maxCoeff() < 1e-6);
  CHECK(effective_draws(s.ensemble.weights_of("given")) > 100);
}

TEST_CASE("conditioning: parameters are weighed by what they say of the condition",
          "[scenario][condition]") {
  // Rejection: of many draws, those that happen to come near the condition.
  const StudyFixture fixture(conditioned("{ condition = \"m = 63\", at = \"2022-03\" }"));
  const Solved s = solve_fixture(fixture, 20000, 2);
  const auto moments = [](const Eigen::RowVectorXd& z, const VectorXd& w) {
    const double mean = z.dot(w) / w.sum();
    return std::pair(mean, (z.array() - mean).square().matrix().dot(w) / w.sum());
  };
  const DrawMatrix free = s.ensemble.at("base", "m").array().log();
  const VectorXd near = ((free.row(2).array() - std::log(63)).abs() < 0.02).cast<double>();
  REQUIRE(near.sum() > 800);
  const DrawMatrix given = s.ensemble.at("given", "m").array().log();
  CHECK((given.row(2).array() - std::log(63)).abs().maxCoeff() < 1e-9);
  for (Eigen::Index h : {0, 1, 3, 6, 11}) {
    const auto [mean, variance] = moments(free.row(h), near);
    const auto [own_mean, own_variance] = moments(given.row(h), s.ensemble.weights_of("given"));
    CHECK(own_mean == Approx(mean).margin(5 * std::sqrt(variance / near.sum())));
    CHECK(own_variance == Approx(variance).epsilon(0.2));
  }
}

TEST_CASE("conditioning: a soft condition lies between the forecast and the hard one",
          "[scenario][condition]") {
  const auto mean_of = [](const std::string& changes, const char* scenario) {
    const Solved s = solve_fixture(StudyFixture(conditioned(changes)), 4000, 2);
    const VectorXd& w = s.ensemble.weights_of(scenario);
    return summarise(s.ensemble.at(scenario, "m").row(5), w).mean;
  };
  const std::string at = ", at = \"2022-06\" }";
  const double free = mean_of("{ condition = \"m = 62\"" + at, "base");
  const double hard = mean_of("{ condition = \"m = 62\"" + at, "given");
  const double soft = mean_of("{ condition = \"m = 62\", sd = 4" + at, "given");
  const double vague = mean_of("{ condition = \"m = 62\", sd = 1e5" + at, "given");
  CHECK(hard == Approx(62));
  CHECK(std::fabs(soft - 62) < 0.6 * std::fabs(free - 62));
  CHECK(std::fabs(soft - 62) > 0.01 * std::fabs(free - 62));
  CHECK(vague == Approx(free).epsilon(0.005));
}

TEST_CASE("conditioning: an inequality leaves the draws in which it holds",
          "[scenario][condition]") {
  const StudyFixture fixture(conditioned("{ condition = \"m >= 45\", from = \"2022-01\" }"));
  const Solved s = solve_fixture(fixture, 2000);
  const VectorXd& w = s.ensemble.weights_of("given");
  const DrawMatrix &given = s.ensemble.at("given", "m"), &free = s.ensemble.at("base", "m");
  CHECK(given == free);
  for (Eigen::Index r = 0; r < w.size(); ++r) {
    CHECK((w(r) > 0) == (free.col(r).minCoeff() >= 45));
  }
  CHECK(effective_draws(w) == Approx((w.array() > 0).count()));
  CHECK(summarise(given.row(5), w).quantile(0.025) >= 45);
}

TEST_CASE("conditioning: what cannot be conditioned on is refused", "[scenario][condition]") {
  const auto refusal = [](const std::string& changes) {
    return message_of([&] { solve_fixture(StudyFixture(conditioned(changes)), 400); });
  };
  CHECK_THAT(refusal("{ condition = \"m >= 1000\", at = \"2022-06\" }"),
             Catch::Contains("effective draws of 400, but must leave at least 100"));
  CHECK_THAT(refusal("{ condition = \"m = 60\", at = \"2022-06\" }, { condition = \"2 * m = 120\", "
                     "at = \"2022-06\" }"),
             Catch::Contains("depend on each other"));
  CHECK_THAT(refusal("{ fix = \"m\", value = 70 }, { condition = \"m = 80\", at = \"2022-06\" }"),
             Catch::Contains("nothing uncertain moves the condition m = 80 in 2022-06"));
  CHECK_THAT(refusal("{ condition = \"w = 80\", at = \"2022-06\" }"),
             Catch::Contains("names nothing that the equations explain"));
  CHECK_THAT(refusal("{ condition = \"m >= 80\", sd = 3, at = \"2022-06\" }"),
             Catch::Contains("only an equation can have an sd"));
}

namespace {

// A large logarithm and a root near zero, and their sum: as far from linear as series of trade get.
std::string curved_csv() {
  std::vector<double> e(240);
  fill_normals({20220401, Purpose::simulation, 81}, 0, e);
  std::string text = "date,a,b\n";
  for (int t = 0; t < 120; ++t) {
    const double z = e[static_cast<std::size_t>(t)], w = e[static_cast<std::size_t>(120 + t)];
    const double root = std::max(3 + 2 * w, 0.0);
    text += fmt::format("{}-{:02d},{},{}\n", 2010 + t / 12, t % 12 + 1, std::exp(2.5 + 0.5 * z),
                        root * root);
  }
  return text;
}

std::string curved_study(const std::string& changes) {
  std::string text = "[run]\ntitle = \"t\"\nfrequency = \"monthly\"\nhorizon = 3\nseed = 2\n";
  for (const std::string name : {"a", "b"}) {
    text += "[data." + name + "]\nfile = \"data.csv\"\ncolumn = \"" + name + "\"\n";
  }
  text +=
      "[models.a]\nplugin = \"arima\"\ntarget = \"log(a)\"\norder = [0, 0, 0]\n"
      "seasonal_order = [0, 0, 0]\n[models.b]\nplugin = \"arima\"\ntarget = \"sqrt(b)\"\n"
      "order = [1, 0, 0]\nseasonal_order = [0, 0, 0]\n[identities]\ntotal = \"a + b\"\n"
      "[scenarios.base]\n[scenarios.given]\nchanges = [" +
      changes + "]\n";
  return text;
}

}  // namespace

TEST_CASE("conditioning: conditions that are not linear have the conditional distribution",
          "[scenario][condition][slow]") {
  const TemporaryFolder folder;
  folder.write("data.csv", curved_csv());
  constexpr double kTotal = 12, kClose = 0.15;
  const std::string config =
      folder.write("study.toml", curved_study("{ condition = \"total = 12\", at = \"2020-02\" }"));
  const Solved s = solve_study(config, 20000, 2);
  // Draws of the baseline that happen to come close.
  SimulationSettings many;
  many.draws = 300000;
  many.seed = 99;
  many.scenarios = {"base"};
  const Ensemble base = simulate_scenarios(s.study, s.data, *s.system, many);
  const DrawMatrix &total = base.at("base", "total"), &a = base.at("base", "a");
  const DrawMatrix& b = base.at("base", "b");
  std::vector<Eigen::Index> close;
  for (Eigen::Index r = 0; r < total.cols(); ++r) {
    if (std::fabs(total(1, r) - kTotal) < kClose) close.push_back(r);
  }
  REQUIRE(close.size() > 2000);
  const VectorXd& weights = s.ensemble.weights_of("given");
  CHECK(effective_draws(weights) > 5000);
  const auto agree = [&](const Eigen::RowVectorXd& ours, const Eigen::RowVectorXd& kept) {
    const Distribution d = summarise(ours, weights), e = summarise(kept);
    CHECK(std::fabs(d.mean - e.mean) < 4 * std::hypot(d.mean_error, e.mean_error));
    CHECK(d.sd == Approx(e.sd).epsilon(0.06));
    for (std::size_t i = 0; i < d.quantiles.size(); ++i) {
      CHECK(std::fabs(d.quantiles[i] - e.quantiles[i]) <
            5 * std::hypot(d.quantile_errors[i], e.quantile_errors[i]) + kClose);
    }
  };
  agree(s.ensemble.at("given", "a").row(1), a(1, close));
  agree(s.ensemble.at("given", "b").row(1), b(1, close));
  agree(s.ensemble.at("given", "b").row(2), b(2, close));  // what follows from it
  agree(s.ensemble.at("given", "b").row(0), b(0, close));  // and what must have led to it
}

TEST_CASE("distribution: equal weights change nothing, zero weights leave draws out",
          "[scenario]") {
  Eigen::RowVectorXd draws(101);
  for (Eigen::Index r = 0; r < draws.size(); ++r) draws(r) = std::sin(7.0 * static_cast<double>(r));
  const Distribution plain = summarise(draws),
                     equal = summarise(draws, VectorXd::Constant(101, 1.0 / 101));
  CHECK(equal.mean == Approx(plain.mean));
  CHECK(equal.sd == Approx(plain.sd));
  for (std::size_t i = 0; i < plain.quantiles.size(); ++i) {
    CHECK(equal.quantiles[i] == Approx(plain.quantiles[i]).margin(1e-12));
  }
  VectorXd half = VectorXd::Zero(101);
  half.head(50).setConstant(0.02);
  const Distribution kept = summarise(draws.head(50)), weighted = summarise(draws, half);
  CHECK(weighted.mean == Approx(kept.mean));
  CHECK(weighted.sd == Approx(kept.sd));
  CHECK(weighted.median() == Approx(kept.median()));
}

TEST_CASE("distribution: weighted quantiles are those of a sort", "[scenario]") {
  const auto by_sort = [](const Eigen::RowVectorXd& draws, const VectorXd& weights, double p) {
    std::vector<std::pair<double, double>> sorted;
    for (Eigen::Index r = 0; r < draws.size(); ++r) {
      if (weights(r) > 0) sorted.emplace_back(draws(r), weights(r));
    }
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> middle;
    double sum = 0;
    for (const auto& [value, weight] : sorted) {
      middle.push_back(sum + weight / 2);
      sum += weight;
    }
    const double place = middle.front() + p * (middle.back() - middle.front());
    std::size_t i = 0;
    while (i + 2 < middle.size() && middle[i + 1] <= place) ++i;
    return sorted[i].first + (place - middle[i]) / (middle[i + 1] - middle[i]) *
                                 (sorted[i + 1].first - sorted[i].first);
  };
  for (int kind = 0; kind < 4; ++kind) {
    Eigen::RowVectorXd draws(3000);
    VectorXd weights(3000);
    for (Eigen::Index r = 0; r < draws.size(); ++r) {
      const double u = std::fmod(0.6180339887 * static_cast<double>(r + 1), 1);
      draws(r) = kind == 0   ? u
                 : kind == 1 ? std::exp(9 * u)
                 : kind == 2 ? std::floor(5 * u)
                             : -u * u;
      weights(r) = r % 3 == 0 ? 0 : 1 + std::sin(static_cast<double>(r));
    }
    weights /= weights.sum();
    const Distribution d = summarise(draws, weights);
    for (std::size_t i = 0; i < d.quantiles.size(); ++i) {
      CHECK(d.quantiles[i] ==
            Approx(by_sort(draws, weights, quantile_levels()[i])).epsilon(1e-9).margin(1e-12));
    }
  }
}

}  // namespace amnok
