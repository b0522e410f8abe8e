// Vector autoregressions inside studies: forecasts, conditions and changes against closed forms.
#include <Eigen/Dense>
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/bayesian_var.h"
#include "engine/regression/conditional_forecast.h"
#include "engine/regression/vecm.h"
#include "engine/scenario/conditioning.h"
#include "engine/scenario/scenario_resolver.h"
#include "tests/support/var_study.h"

namespace amnok {

namespace {

const std::vector<std::string> kNames = {"log(a)", "log(b)", "log(c)"};
const std::string kTargets = "targets = [\"log(a)\", \"log(b)\", \"log(c)\"]\n";

// Step-major, as forecast_path stacks them: a, b, c of step 1, then of step 2, ...
VectorXd stacked(const System& system, const std::vector<DrawMatrix>& paths, Eigen::Index r) {
  VectorXd z(24);
  for (Eigen::Index j = 0; j < 3; ++j) {
    const char* name[] = {"a", "b", "c"};
    const DrawMatrix& path = paths[static_cast<std::size_t>(system.index_of(name[j]))];
    for (Eigen::Index h = 0; h < 8; ++h) z(3 * h + j) = std::log(path(h, r));
  }
  return z;
}

SystemInputs inputs_of(const SolvedVar& solved, const std::string& scenario) {
  ProblemList problems;
  return resolve_scenario(*solved.study.scenario(scenario), solved.study, solved.data,
                          solved.equations);
}

VectorXd expected_path(const SolvedVar& solved) {
  return stacked(solved.system,
                 solved.system.simulate(solved.system.at_estimates(), inputs_of(solved, "base")),
                 0);
}

VectorAutoregression least_squares(const MatrixXd& y, int lags) {
  VarSpec spec;
  spec.lags = lags;
  spec.divisor = VarDivisor::observations;
  return fit_var(y, kNames, spec);
}

VectorXd mean_of(const VectorAutoregression& var) {
  return forecast_path(var, 8).mean;
}

}  // namespace

TEST_CASE("vector_autoregression: a study's expected paths are the forecasts of the estimators",
          "[scenario][var]") {
  const MatrixXd y = ThreeVariables().draw(20, 90);
  const auto gap = [&](const std::string& options, const VectorAutoregression& var) {
    const SolvedVar solved = solve_var(VarStudy(y, kTargets + options));
    return (expected_path(solved) - mean_of(var)).cwiseAbs().maxCoeff();
  };
  CHECK(gap("lags = 2", least_squares(y, 2)) < 1e-10);
  VarSpec plain;
  plain.lags = 3;
  MinnesotaPrior prior;
  prior.tightness = 0.15;
  CHECK(gap("lags = 3\nestimator = \"minnesota\"\ntightness = 0.15",
            fit_bayesian_var(y, kNames, plain, prior).mean) < 1e-10);
  JohansenSpec johansen_spec;
  johansen_spec.lags = 2;
  johansen_spec.terms = DeterministicCase::restricted_trend;
  CHECK(gap("lags = 2\nestimator = \"vecm\"\nrank = 2\ncase = 4",
            fit_vecm(y, kNames, johansen_spec, 2).levels) < 1e-9);
  VarSpec seasonal;
  seasonal.lags = 1;
  seasonal.season = 12;
  seasonal.terms = VarTerms::constant_and_trend;
  CHECK(gap("lags = 1\ntrend = true\nseasonal_dummies = true", fit_var(y, kNames, seasonal)) <
        1e-10);
}

TEST_CASE("vector_autoregression: bands without parameter uncertainty are the analytic ones",
          "[scenario][var]") {
  const MatrixXd y = ThreeVariables().draw(21, 90);
  const SolvedVar solved = solve_var(VarStudy(y, kTargets + "lags = 2"));
  const VarForecast expected = forecast_var(least_squares(y, 2), 8);
  constexpr int kDraws = 20000;
  const std::vector<DrawMatrix> paths = solved.system.simulate(
      solved.system.draw(5, 0, kDraws, {false, true}), inputs_of(solved, "base"));
  MatrixXd z(24, kDraws);
  for (int r = 0; r < kDraws; ++r) z.col(r) = stacked(solved.system, paths, r);
  const VectorXd mean = z.rowwise().mean();
  for (Eigen::Index h = 0; h < 8; ++h) {
    const auto centred = z.middleRows(3 * h, 3).colwise() - mean.segment(3 * h, 3);
    const MatrixXd covariance = centred * centred.transpose() / kDraws;
    const MatrixXd& mse = expected.mse[static_cast<std::size_t>(h)];
    const VectorXd sd = mse.diagonal().cwiseSqrt();
    for (Eigen::Index i = 0; i < 3; ++i) {
      CHECK(std::fabs(mean(3 * h + i) - expected.mean(h, i)) < 5 * sd(i) / std::sqrt(kDraws));
      for (Eigen::Index j = 0; j < 3; ++j) {
        CHECK(std::fabs(covariance(i, j) - mse(i, j)) < 0.04 * sd(i) * sd(j));
      }
    }
  }
}

TEST_CASE("vector_autoregression: parameter uncertainty is that of the delta method, nearly",
          "[scenario][var]") {
  const MatrixXd y = ThreeVariables().draw(22, 250);
  const SolvedVar solved = solve_var(VarStudy(y, kTargets + "lags = 1"));
  const VarForecast expected = forecast_var(least_squares(y, 1), 8, MatrixXd(), true);
  const VarForecast known = forecast_var(least_squares(y, 1), 8);
  constexpr int kDraws = 20000;
  const std::vector<DrawMatrix> paths = solved.system.simulate(
      solved.system.draw(5, 0, kDraws, {true, false}), inputs_of(solved, "base"));
  MatrixXd z(24, kDraws);
  for (int r = 0; r < kDraws; ++r) z.col(r) = stacked(solved.system, paths, r);
  const VectorXd mean = z.rowwise().mean();
  for (std::size_t h = 0; h < 3; ++h) {
    const auto rows = z.middleRows(3 * static_cast<Eigen::Index>(h), 3).colwise() -
                      mean.segment(3 * static_cast<Eigen::Index>(h), 3);
    const MatrixXd covariance = rows * rows.transpose() / kDraws;
    const MatrixXd part = expected.mse[h] - known.mse[h];
    const VectorXd sd = part.diagonal().cwiseSqrt();
    for (Eigen::Index i = 0; i < 3; ++i) {
      for (Eigen::Index j = 0; j < 3; ++j) {
        // T against T - q - 2, and the second order of 250 observations.
        CHECK(std::fabs(covariance(i, j) - part(i, j)) < 0.10 * sd(i) * sd(j));
      }
    }
  }
}

TEST_CASE("vector_autoregression: conditions in a scenario are conditional forecasts",
          "[scenario][var][condition]") {
  const MatrixXd y = ThreeVariables().draw(23, 90);
  const VectorAutoregression var = least_squares(y, 2);
  const GaussianPath path = forecast_path(var, 8);
  // A hard one on a in period 4, a soft one on log c in period 7 and a hard one on b in period 2.
  const double a4 = std::exp(path.mean(9) + 0.2), c7 = path.mean(20) - 0.3,
               b2 = std::exp(path.mean(4) + 0.1);
  const std::string rest = fmt::format(
      "[scenarios.base]\n[scenarios.given]\nchanges = [\n"
      "{{ condition = \"a = {:.17g}\", at = \"2017-10\" }},\n"
      "{{ condition = \"log(c) = {:.17g}\", at = \"2018-01\", sd = 0.05 }},\n"
      "{{ condition = \"b = {:.17g}\", at = \"2017-08\" }}]\n",
      a4, c7, b2);
  const ConditionalPath expected =
      condition_path(path, {path_condition(24, 9, std::log(a4)), path_condition(24, 20, c7, 0.05),
                            path_condition(24, 4, std::log(b2))});
  for (const char* order :
       {"[\"log(a)\", \"log(b)\", \"log(c)\"]", "[\"log(c)\", \"log(a)\", \"log(b)\"]"}) {
    const SolvedVar solved =
        solve_var(VarStudy(y, fmt::format("targets = {}\nlags = 2", order), rest));
    const SystemInputs inputs = inputs_of(solved, "given");
    const std::vector<PeriodCondition> conditions =
        conditions_of(*solved.study.scenario("given"), solved.data.horizon);
    // Soft conditions draw their error: the mean over draws; hard ones alone hold in every draw.
    constexpr int kDraws = 20000;
    const ConditionedPaths draws = simulate_conditioned(
        solved.system, solved.system.draw(3, 0, kDraws, {false, true}), inputs, conditions);
    MatrixXd z(24, kDraws);
    for (int r = 0; r < kDraws; ++r) z.col(r) = stacked(solved.system, draws.paths, r);
    const VectorXd mean = z.rowwise().mean(), sd = expected.standard_deviations();
    for (Eigen::Index i = 0; i < 24; ++i) {
      const double spread = std::sqrt((z.row(i).array() - mean(i)).square().mean());
      CHECK(std::fabs(mean(i) - expected.mean(i)) < 1e-9 + 5 * sd(i) / std::sqrt(kDraws));
      CHECK(std::fabs(spread - sd(i)) < 1e-9 + 0.04 * sd(i));
    }
  }
}

TEST_CASE("vector_autoregression: the order of targets leaves conditional means as they were",
          "[scenario][var][condition]") {
  const MatrixXd y = ThreeVariables().draw(24, 90);
  const std::string rest =
      "[scenarios.base]\n[scenarios.given]\nchanges = [{ condition = \"b = 20\", at = "
      "\"2017-09\" }, { condition = \"a = c\", at = \"2018-02\" }]\n";
  std::vector<VectorXd> means;
  for (const char* order :
       {"[\"log(a)\", \"log(b)\", \"log(c)\"]", "[\"log(b)\", \"log(c)\", \"log(a)\"]",
        "[\"log(c)\", \"log(b)\", \"log(a)\"]"}) {
    const SolvedVar solved =
        solve_var(VarStudy(y, fmt::format("targets = {}\nlags = 1", order), rest));
    const ConditionedPaths paths = simulate_conditioned(
        solved.system, solved.system.at_estimates(), inputs_of(solved, "given"),
        conditions_of(*solved.study.scenario("given"), solved.data.horizon));
    means.push_back(stacked(solved.system, paths.paths, 0));
  }
  CHECK((means[1] - means[0]).cwiseAbs().maxCoeff() < 1e-8);
  CHECK((means[2] - means[0]).cwiseAbs().maxCoeff() < 1e-8);
}

TEST_CASE("vector_autoregression: a study with gaps estimates one system and reproduces history",
          "[scenario][var]") {
  MatrixXd y = ThreeVariables().draw(25, 90);
  y(50, 0) = y(51, 0) = y(51, 1) = y(89, 2) = kMissing;
  const SolvedVar solved = solve_var(VarStudy(y, kTargets + "lags = 2"));
  VarSpec spec;
  spec.lags = 2;
  spec.skip_missing = true;
  const VectorAutoregression var = fit_var(y, kNames, spec);
  for (std::size_t j = 0; j < 3; ++j) {
    const VectorXd& own = solved.equations[j].fitted.result.parameters.values();
    CHECK((own - var.coefficients.col(static_cast<Eigen::Index>(j))).cwiseAbs().maxCoeff() < 1e-9);
  }
  CHECK(residual_check(solved.study, solved.data, solved.equations, 20) < 1e-9);
  CHECK(expected_path(solved).allFinite());
}

TEST_CASE("vector_autoregression: the system's draws hang together", "[scenario][var]") {
  const MatrixXd y = ThreeVariables().draw(26, 90);
  const SolvedVar solved = solve_var(VarStudy(y, kTargets + "lags = 1"));
  constexpr int kDraws = 4000;
  const SystemDraws draws = solved.system.draw(9, 0, kDraws);
  const auto row = [&](std::size_t e) {
    const auto all = draws.parameters[e].parameters.row(0);
    return Eigen::RowVectorXd(all.array() - all.mean());
  };
  for (std::size_t e : {1u, 2u}) {
    const double correlation = row(0).dot(row(e)) / (row(0).norm() * row(e).norm());
    CHECK(correlation ==
          Approx(solved.system.correlation()(0, static_cast<Eigen::Index>(e))).margin(0.08));
  }
}

TEST_CASE("vector_autoregression: scenarios change its equations by their series' names",
          "[scenario][var]") {
  const MatrixXd y = ThreeVariables().draw(27, 90);
  const std::string rest =
      "[scenarios.base]\n"
      "[scenarios.pushed]\nchanges = [{ add_factor = \"b\", value = 0.1, from = \"2017-07\", to = "
      "\"2017-07\" }]\n"
      "[scenarios.cut]\nchanges = [{ parameter = \"c.lag(log(b), 1)\", set = 0 }, { add_factor = "
      "\"b\", value = 0.1, from = \"2017-07\", to = \"2017-07\" }]\n"
      "[scenarios.fixed]\nchanges = [{ fix = \"a\", value = 25 }]\n";
  const SolvedVar solved = solve_var(VarStudy(y, kTargets + "lags = 1", rest));
  const SystemDraws draws = solved.system.at_estimates();
  const auto path = [&](const std::string& scenario) {
    return stacked(solved.system, solved.system.simulate(draws, inputs_of(solved, scenario)), 0);
  };
  const VectorAutoregression var = least_squares(y, 1);
  const std::vector<MatrixXd> weights = moving_average(var, 7);
  const VectorXd base = path("base"), effect = path("pushed") - base;
  for (Eigen::Index h = 0; h < 8; ++h) {
    const VectorXd expected = 0.1 * weights[static_cast<std::size_t>(h)].col(1);
    CHECK((effect.segment(3 * h, 3) - expected).cwiseAbs().maxCoeff() < 1e-10);
  }
  // Without the way from b, c no longer answers a period after; a still does.
  const VectorXd cut = path("cut");
  VectorXd alone(24);
  {
    SystemInputs inputs = inputs_of(solved, "cut");
    inputs.add_factors.clear();
    alone = stacked(solved.system, solved.system.simulate(draws, inputs), 0);
  }
  CHECK(cut(5) - alone(5) == Approx(0).margin(1e-12));
  CHECK(cut(3) - alone(3) == Approx(0.1 * var.lag_matrix(1)(0, 1)));
  const VectorXd fixed = path("fixed");
  for (Eigen::Index h = 0; h < 8; ++h) CHECK(fixed(3 * h) == Approx(std::log(25)));
}

TEST_CASE("vector_autoregression: other equations see its gaps filled", "[scenario][var]") {
  MatrixXd y = ThreeVariables().draw(28, 90);
  y(40, 0) = kMissing;
  const std::string table = "targets = [\"log(a)\", \"log(b)\"]\nlags = 1\n";
  const VarStudy study(y, table,
                       "[models.c]\nplugin = \"trade_elasticity\"\ntarget = \"log(c)\"\nregressors "
                       "= [\"log(a)\"]\n[scenarios.base]\n");
  const SolvedVar solved = solve_var(study);
  REQUIRE(solved.equations.size() == 3);
  CHECK(solved.equations[2].fitted.result.nobs == 90);
  const std::vector<std::string>& notes = solved.equations[0].fitted.result.notes;
  CHECK(std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
    return note.find("1 gaps of a are filled by this equation") != std::string::npos;
  }));
}

}  // namespace amnok
