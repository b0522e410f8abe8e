// Static and dynamic solutions of a fitted system over its sample.
#include "engine/evaluation/tracking.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const TrackedVariable& of(const std::vector<TrackedVariable>& all, const std::string& variable) {
  for (const TrackedVariable& v : all) {
    if (v.variable == variable) return v;
  }
  FAIL(variable);
  return all.front();
}

}  // namespace

TEST_CASE("tracking: a static solution misses by the residuals, a dynamic one by forecasts",
          "[tracking]") {
  constexpr int kPeriods = 24;
  const Solved s = solve_fixture(StudyFixture(), 10);
  const auto& equations = s.system->equations();
  const auto one_step = track_sample(s.study, s.data, equations, SolutionMode::one_step, kPeriods);
  const auto dynamic = track_sample(s.study, s.data, equations, SolutionMode::dynamic, kPeriods);
  REQUIRE(one_step.size() == 5);
  const BehaviouralEquation& x = equations[1];
  const TrackedVariable &near = of(one_step, "x"), &far = of(dynamic, "x");
  for (Eigen::Index h = 0; h < kPeriods; ++h) {
    const double residual = x.fitted.result.residuals(x.sample.n() - kPeriods + h);
    CHECK(std::log(near.actual(h) / near.solved(h)) == Approx(residual).margin(1e-6));
  }
  CHECK(far.solved(0) == Approx(near.solved(0)).epsilon(1e-12));
  // y(h) = mu + phi (y(h - 1) - mu) on the solution's own past.
  const auto& p = x.fitted.result.parameters;
  const double phi = p.values()(p.index_of("ar1")), mu = p.values()(p.index_of("intercept"));
  for (Eigen::Index h = 1; h < kPeriods; ++h) {
    CHECK(std::log(far.solved(h)) - mu ==
          Approx(phi * (std::log(far.solved(h - 1)) - mu)).margin(1e-9));
  }
  CHECK(far.rmse > near.rmse);
  // Identities are solved with the rest.
  const TrackedVariable& balance = of(dynamic, "balance");
  CHECK(balance.solved(7) ==
        Approx(of(dynamic, "x").solved(7) - of(dynamic, "m").solved(7)).epsilon(1e-12));
  CHECK(near.periods == kPeriods);
  const VectorXd error = near.solved - near.actual;
  CHECK(near.bias == Approx(error.mean()));
  CHECK(near.rmse == Approx(std::sqrt(error.squaredNorm() / kPeriods)));
}

TEST_CASE("tracking: a window longer than an equation's sample is refused", "[tracking]") {
  const Solved s = solve_fixture(StudyFixture(), 10);
  const std::string message = message_of(
      [&] { track_sample(s.study, s.data, s.system->equations(), SolutionMode::dynamic, 96); });
  CHECK_THAT(message, Catch::Contains("but a window of 96 periods begins in 2014-01"));
}

TEST_CASE("tracking: a window ends before the event that an equation needs", "[tracking]") {
  const Solved s = solve_fixture(StudyFixture(), 10);  // closed from 2019-01 on, to 2021-12
  CHECK(longest_window(s.study, s.data, s.system->equations(), 24) == 24);
  const int longest = longest_window(s.study, s.data, s.system->equations(), 90);
  CHECK(longest >= 34);
  CHECK(longest <= 35);
  CHECK_THAT(message_of([&] {
               track_sample(s.study, s.data, s.system->equations(), SolutionMode::dynamic, 60);
             }),
             Catch::Contains("models.m cannot be solved over 2017-01..2021-12"));
}

TEST_CASE("leads: a static solution knows what is given ahead", "[tracking]") {
  std::string models = StudyFixture::models_toml();
  const std::string plain = "\"log(w)\"";
  models.replace(models.find(plain), plain.size(), "\"lead(log(w), 2)\"");
  const StudyFixture fixture;
  const Solved s =
      solve_study(fixture.folder.write("study.toml", models + StudyFixture::scenarios_toml()), 10);
  const auto tracked =
      track_sample(s.study, s.data, s.system->equations(), SolutionMode::one_step, 12);
  const auto& p = s.system->equations()[2].fitted.result.parameters;
  const Series w = s.data.frame.get("w");
  for (Eigen::Index h = 0; h < 10; ++h) {
    const Period at = of(tracked, "p").window[h];
    const double expected = p.values()(0) + p.values()(1) * std::log(of(tracked, "m").solved(h)) +
                            p.values()(2) * std::log(w.at(at + 2));
    CHECK(std::log(of(tracked, "p").solved(h)) == Approx(expected).epsilon(1e-9));
  }
}

TEST_CASE("leads: an equation looks ahead at a given path, and only at one", "[scenario]") {
  std::string models = StudyFixture::models_toml();
  const std::string plain = "\"log(w)\"";
  models.replace(models.find(plain), plain.size(), "\"lead(log(w), 2)\"");
  const StudyFixture fixture;
  const std::string config = fixture.folder.write(
      "study.toml",
      models +
          "[scenarios.a]\nchanges = [{ path = \"w\", mode = \"level\", value = 100 }]\n"
          "[scenarios.b]\nextends = \"a\"\nchanges = [{ path = \"w\", mode = "
          "\"level\", value = 120, from = \"2022-07\" }]\n");
  const Solved s = solve_study(config, 50);
  const auto gap = [&](Eigen::Index h) {
    return (s.ensemble.at("b", "p").row(h) - s.ensemble.at("a", "p").row(h)).cwiseAbs().maxCoeff();
  };
  CHECK(gap(3) == 0);  // April looks at June
  CHECK(gap(4) > 0);   // May looks at July
  CHECK(gap(11) > 0);  // beyond the horizon the path's last value stands
  // The last two months of the sample do not know what they look at.
  CHECK(s.system->equations()[2].fitted.result.nobs == 94);

  std::string wrong = StudyFixture::models_toml() + StudyFixture::scenarios_toml();
  const std::string regressors = "[\"log(m)\"";
  wrong.replace(wrong.find(regressors), regressors.size(), "[\"lead(log(m))\"");
  const std::string message =
      message_of([&] { solve_study(fixture.folder.write("study.toml", wrong), 50); });
  CHECK_THAT(message, Catch::Contains("looks ahead at `m`, which the system explains"));
}

}  // namespace amnok
