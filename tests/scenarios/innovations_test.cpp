// Shocks that are not gaussian, from the config to the simulated paths.
#include "engine/study/innovations.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/arima/arima.h"
#include "models/builtin.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

// The fixture with `[run] innovations`, and one for the equation of x.
Solved solve_with(const std::string& run, const std::string& x = "", int draws = 400) {
  const StudyFixture fixture;
  std::string text = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  const auto insert = [&](const std::string& before, const std::string& kind) {
    if (kind.empty()) return;
    text.insert(text.find(before), fmt::format("innovations = \"{}\"\n", kind));
  };
  insert("frequency = ", run);
  insert("target = \"log(x)\"", x);
  fixture.folder.write("study.toml", text);
  return solve_fixture(fixture, draws);
}

double correlation(const DrawMatrix& a, const DrawMatrix& b) {
  return (a.array() * b.array()).mean() /
         std::sqrt(a.array().square().mean() * b.array().square().mean());
}

std::vector<std::string> notes_of(const Solved& s, std::size_t equation) {
  return s.system->equations()[equation].fitted.result.notes;
}

bool equal(const DrawMatrix& a, const DrawMatrix& b) {
  return (a.array() == b.array()).all();
}

// The system with other distributions of its shocks.
System with_shocks(const System& system, const ShockDistribution& shocks) {
  std::vector<BehaviouralEquation> equations = system.equations();
  for (BehaviouralEquation& equation : equations) equation.shocks = shocks;
  return System(equations, system.identities(), system.history(), system.horizon());
}

}  // namespace

TEST_CASE("innovations: gaussian is what there is without the option, bit for bit", "[scenario]") {
  const Solved none = solve_with(""), said = solve_with("gaussian", "gaussian");
  for (std::size_t s = 0; s < none.ensemble.paths.size(); ++s) {
    for (std::size_t v = 0; v < none.ensemble.variables.size(); ++v) {
      CHECK(equal(none.ensemble.paths[s][v], said.ensemble.paths[s][v]));
    }
  }
  for (std::size_t e = 0; e < 3; ++e) CHECK(notes_of(none, e) == notes_of(said, e));
}

TEST_CASE("innovations: an equation's own choice goes before the run's", "[scenario]") {
  const Solved s = solve_with("student_t", "bootstrap");
  CHECK(s.system->equations()[0].shocks.kind() == Innovations::student_t);
  CHECK(s.system->equations()[1].shocks.kind() == Innovations::bootstrap);
  CHECK(s.system->equations()[2].shocks.kind() == Innovations::student_t);
  CHECK(innovations_place(s.study, "x").line > innovations_place(s.study, "m").line);
  // The fixture's noise is normal, and its fits say so.
  REQUIRE_FALSE(notes_of(s, 0).empty());
  CHECK_THAT(notes_of(s, 0).back(), Catch::Contains("Student t with") &&
                                        Catch::Contains("on 96 residuals") &&
                                        Catch::Contains("the residuals do not ask for them") &&
                                        Catch::Contains("below the 5 % value 2.71"));
  CHECK_THAT(notes_of(s, 1).back(), Catch::Contains("innovations are the 96 residuals") &&
                                        Catch::Contains("no shock goes beyond"));
}

TEST_CASE("innovations: simulated Student t shocks have variance one and their kurtosis",
          "[scenario]") {
  const Solved s = solve_with("");
  constexpr double kDf = 12;
  const System system = with_shocks(*s.system, ShockDistribution{StudentTMap(kDf)});
  const SystemDraws draws = system.draw(3, 0, 20000);
  for (const DrawMatrix& shocks : draws.shocks) {
    const double n = static_cast<double>(shocks.size());
    const double variance = shocks.array().square().mean();
    const double kurtosis = shocks.array().pow(4).mean() / (variance * variance);
    CHECK(std::fabs(shocks.mean()) < 4.5 / std::sqrt(n));
    CHECK(variance == Approx(1).epsilon(4.5 * std::sqrt(2.75 / n)));
    CHECK(kurtosis == Approx(3 + 6 / (kDf - 4)).epsilon(0.08));
  }
}

TEST_CASE("innovations: bootstrap shocks are residuals of variance one, each as often",
          "[scenario]") {
  const Solved s = solve_with("bootstrap");
  const SystemDraws draws = s.system->draw(3, 0, 2000);
  for (std::size_t e = 0; e < 3; ++e) {
    const FittedModel& fitted = s.system->equations()[e].fitted;
    VectorXd z = fitted.result.standardised_residuals();
    z.array() -= z.mean();
    z /= std::sqrt(z.array().square().mean());
    std::vector<double> values(z.begin(), z.end());
    std::sort(values.begin(), values.end());
    const DrawMatrix& shocks = draws.shocks[e];
    const auto known = [&](double x) {
      const auto at = std::lower_bound(values.begin(), values.end(), x - 1e-12);
      return at != values.end() && std::fabs(*at - x) < 1e-12;
    };
    CHECK(std::all_of(shocks.data(), shocks.data() + shocks.size(), known));
    CHECK(shocks.mean() == Approx(0).margin(0.03));
    CHECK(shocks.array().square().mean() == Approx(1).epsilon(0.04));
    CHECK(shocks.maxCoeff() == Approx(values.back()).epsilon(1e-12));
    const double highest = (shocks.array() == shocks.maxCoeff()).cast<double>().mean();
    CHECK(highest == Approx(1.0 / 96).epsilon(0.25));
  }
}

TEST_CASE("innovations: the correlation of shocks is kept, that of ranks exactly", "[scenario]") {
  const Solved gaussian = solve_with(""), resampled = solve_with("bootstrap");
  CHECK(resampled.system->correlation()(1, 0) ==
        Approx(gaussian.system->correlation()(1, 0)).margin(0.05));
  const ShockDistribution fat{StudentTMap(4)}, normal;
  const std::vector<std::pair<System, System>> pairs = {
      {with_shocks(*gaussian.system, normal), with_shocks(*gaussian.system, fat)},
      {with_shocks(*resampled.system, normal), *resampled.system}};
  for (const auto& [before, after] : pairs) {
    const SystemDraws u = before.draw(1, 0, 8000), x = after.draw(1, 0, 8000);
    const double wanted = after.correlation()(1, 0);
    REQUIRE(wanted > 0.2);
    CHECK(correlation(u.shocks[0], u.shocks[1]) == Approx(wanted).margin(0.02));
    CHECK(correlation(x.shocks[0], x.shocks[1]) == Approx(wanted).margin(0.04));
    // A shock is above that of another draw when its normal is (or equal, of a bootstrap).
    bool ordered = true;
    for (std::size_t e = 0; e < 3; ++e) {
      for (Eigen::Index r = 1; r < 500; ++r) {
        const bool above = u.shocks[e](2, r) > u.shocks[e](2, r - 1);
        const double step = x.shocks[e](2, r) - x.shocks[e](2, r - 1);
        ordered = ordered && (above ? step >= 0 : step <= 0);
      }
    }
    CHECK(ordered);
  }
}

TEST_CASE("innovations: what fat tails hide of a correlation is found by normal scores",
          "[scenario]") {
  constexpr int kSize = 2000;
  constexpr double kRho = 0.6;
  const StudentTMap map(2.5);
  std::vector<double> u(2 * kSize);
  fill_normals({4, Purpose::simulation, 6}, 0, u);
  std::vector<BehaviouralEquation> equations(2);
  Frame history({{Frequency::monthly, 0}, kSize});
  for (std::size_t e = 0; e < 2; ++e) {
    equations[e].name = equations[e].target.variable = e == 0 ? "a" : "b";
    equations[e].sample.range = history.range();
    FitResult& fit = equations[e].fitted.result;
    fit.status = FitStatus::converged;
    fit.sigma2 = 1;
    fit.residuals.resize(kSize);
    for (std::size_t t = 0; t < kSize; ++t) {
      const double own = u[t + kSize], normal = kRho * u[t] + std::sqrt(1 - kRho * kRho) * own;
      fit.residuals(static_cast<Eigen::Index>(t)) = map(e == 0 ? u[t] : normal);
    }
  }
  const auto estimated = [&] {
    return System(equations, {}, history, {history.range().last() + 1, 6}).correlation()(1, 0);
  };
  CHECK(estimated() < 0.55);
  const Solved s = solve_with("student_t");
  ProblemList problems;
  for (BehaviouralEquation& e : equations) {
    set_innovations(e, s.study.equations[0], s.study, problems);
  }
  CHECK(estimated() == Approx(kRho).margin(0.04));
}

TEST_CASE("innovations: draws stay keyed: blocks, threads and scenarios do not matter",
          "[scenario]") {
  const Solved s = solve_with("student_t", "bootstrap");
  const SystemDraws whole = s.system->draw(7, 0, 300), part = s.system->draw(7, 120, 50);
  for (std::size_t e = 0; e < 3; ++e) {
    CHECK(equal(whole.shocks[e].middleCols(120, 50), part.shocks[e]));
  }
  for (const std::string& variable : s.ensemble.variables) {
    CHECK(equal(s.ensemble.at("same", variable), s.ensemble.at("stay", variable)));
  }
  CHECK(equal(s.ensemble.at("open", "x"), s.ensemble.at("stay", "x")));
}

TEST_CASE("innovations: a gap and a dropped row leave their residuals out", "[scenario]") {
  Solved s = solve_with("");
  BehaviouralEquation equation = s.system->equations()[0];
  equation.fitted.result.residuals.tail(10).setConstant(kMissing);
  EquationSpec spec = s.study.equations[0];
  spec.innovations = Innovations::bootstrap;
  ProblemList problems;
  set_innovations(equation, spec, s.study, problems);
  CHECK_FALSE(problems.has_errors());
  CHECK(equation.shocks.size() == 86);
}

namespace {

// y_t = 0.5 y_{t-1} + e_t, e of variance one and t(4); and the next value's conditional mean.
constexpr double kPhi = 0.5, kTailDf = 4;
Sample fat_tailed_sample(int n, std::uint32_t replication, double& next_mean) {
  std::vector<double> u(static_cast<std::size_t>(n) + 50);
  fill_normals({77, Purpose::simulation, 5}, replication, u);
  static const StudentTMap map(kTailDf);
  Sample sample;
  sample.range = {{Frequency::monthly, 2010 * 12}, n};
  sample.target = {"y", {}};
  sample.y.resize(n);
  sample.regressors.resize(n, 0);
  double y = 0;
  for (int t = -50; t < n; ++t) {
    y = kPhi * y + map(u[static_cast<std::size_t>(t + 50)]);
    if (t >= 0) sample.y(t) = y;
  }
  next_mean = kPhi * y;
  return sample;
}

// The probability that the next value lies in the 99 % band of simulated draws.
double coverage(const System& system, double next_mean) {
  constexpr int kDraws = 4000;
  DrawMatrix path = system.simulate(system.draw(1, 0, kDraws), {})[0];
  std::sort(path.data(), path.data() + kDraws);
  const double low = path(0, kDraws / 200), high = path(0, kDraws - 1 - kDraws / 200);
  const double scale = std::sqrt((kTailDf - 2) / kTailDf);
  return student_t_cdf((high - next_mean) / scale, kTailDf) -
         student_t_cdf((low - next_mean) / scale, kTailDf);
}

}  // namespace

TEST_CASE("innovations: fat tails are covered by Student t bands, not by gaussian ones",
          "[scenario][slow]") {
  constexpr int kReplications = 100, kSize = 200;
  double gaussian = 0, student = 0, resampled = 0;
  Study study;
  EquationSpec spec = solve_with("").study.equations[0];
  for (std::uint32_t i = 0; i < kReplications; ++i) {
    double next_mean = 0;
    BehaviouralEquation equation;
    equation.name = "y";
    equation.target = {"y", {}};
    equation.sample = fat_tailed_sample(kSize, i, next_mean);
    ArimaSpec arima;
    arima.order = {1, 0, 0};
    equation.model = make_arima(arima);
    equation.fitted = fit_model(*equation.model, equation.sample);
    Frame history(equation.sample.range);
    history.add({"y", "", equation.sample.range.first, equation.sample.y, {}, {}, "", {}});
    const auto covered = [&](Innovations kind) {
      BehaviouralEquation own = equation;
      spec.innovations = kind;
      ProblemList problems;
      set_innovations(own, spec, study, problems);
      const System system({own}, {}, history, {equation.sample.range.last() + 1, 1});
      return coverage(system, next_mean) / kReplications;
    };
    gaussian += covered(Innovations::gaussian);
    student += covered(Innovations::student_t);
    resampled += covered(Innovations::bootstrap);
  }
  INFO("gaussian " << gaussian << ", student_t " << student << ", bootstrap " << resampled);
  CHECK(gaussian < 0.981);  // 0.978 at the true parameters
  // What stays open is the sampling error of sigma and of the tail itself.
  CHECK(0.99 - student < 0.5 * (0.99 - gaussian));
  CHECK(resampled > gaussian);
}

}  // namespace amnok
