// Runs of many draws, made in parts.
#include "engine/scenario/simulated_results.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kScenarios =
    "[scenarios.base]\nprobability = 0.6\nchanges = [{ path = \"w\", mode = \"hold\" }]\n"
    "[scenarios.open]\nprobability = 0.4\nextends = \"base\"\nchanges = [\n"
    "{ end_event = \"closure\", at = \"2022-04\" },\n"
    "{ path = \"w\", mode = \"growth\", value = 1 },\n"
    "{ target = \"p\", value = 900, at = \"2022-09\", instrument = \"p\" }]\n"
    "[effects.opening]\ncompare = [\"open\", \"base\"]\nattribution = true\n"
    "[questions.dear]\nclaim = \"p >= 850\"\nat = \"2022-12\"\n"
    "[questions.back]\nrecovery = \"m\"\nshare = 0.5\nreference = \"2018-01..2018-12\"\n";

SimulatedResults results_of(const Solved& s, int draws, std::uint64_t seed) {
  SimulationSettings settings;
  settings.draws = draws;
  settings.seed = seed;
  settings.threads = 2;
  return simulate_results(s.study, s.data, *s.system, observed_values(s.study, s.data), settings);
}

}  // namespace

TEST_CASE("parts: few draws are one part, many are equal ones", "[scenario][parts]") {
  CHECK(parts_of(10000) == std::vector<int>{10000});
  CHECK(parts_of(2 * kPartDraws) == std::vector<int>{2 * kPartDraws});
  for (int draws : {40001, 45000, 100000, 1000000, 1234567}) {
    const std::vector<int> parts = parts_of(draws);
    CHECK(std::accumulate(parts.begin(), parts.end(), 0) == draws);
    for (int part : parts) {
      CHECK(part >= kPartDraws / 2);
      CHECK(part < 3 * kPartDraws / 2);
    }
  }
}

TEST_CASE("parts: the whole is the mean of its parts, its errors those of independent runs",
          "[scenario][parts]") {
  const StudyFixture fixture(kScenarios);
  const Solved s = solve_fixture(fixture, 100);
  const SimulatedResults one = results_of(s, 1500, 1), two = results_of(s, 500, 2);
  const SimulatedResults all = pooled({one, two}, {0.75, 0.25}, s.system->horizon());
  for (std::size_t i = 0; i < all.projections.size(); ++i) {
    const Distribution& a = one.projections[i].periods[5];
    const Distribution& b = two.projections[i].periods[5];
    const Distribution& d = all.projections[i].periods[5];
    CHECK(d.mean == Approx(0.75 * a.mean + 0.25 * b.mean));
    CHECK(d.median() == Approx(0.75 * a.median() + 0.25 * b.median()));
    CHECK(d.mean_error == Approx(std::hypot(0.75 * a.mean_error, 0.25 * b.mean_error)));
    const double square =
        0.75 * (a.sd * a.sd + a.mean * a.mean) + 0.25 * (b.sd * b.sd + b.mean * b.mean);
    CHECK(d.sd == Approx(std::sqrt(square - d.mean * d.mean)).epsilon(1e-9));
  }
  REQUIRE(all.answers.probabilities.size() == 3);  // two scenarios and the mixture
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(all.answers.probabilities[i].probability ==
          Approx(0.75 * one.answers.probabilities[i].probability +
                 0.25 * two.answers.probabilities[i].probability));
  }
  // Sums that hold in every part hold in the whole: contributions and the effect, targets.
  for (const EffectPath& effect : all.effects) {
    if (effect.measure != EffectMeasure::level) continue;
    double sum = 0;
    for (const Contribution& c : all.attribution) {
      if (c.variable == effect.variable) sum += c.mean[7];
    }
    CHECK(sum == Approx(effect.periods[7].mean).epsilon(1e-9).margin(1e-9));
  }
  REQUIRE(all.accounts[1].targets.size() == 1);
  CHECK(all.accounts[1].targets[0].mean == Approx(900).epsilon(1e-8));
}

TEST_CASE("parts: many draws agree with few within their errors", "[scenario][parts][slow]") {
  const StudyFixture fixture(kScenarios);
  const Solved s = solve_fixture(fixture, 100);
  const SimulatedResults few = results_of(s, 10000, 1), many = results_of(s, 100000, 1);
  for (std::size_t i = 0; i < few.projections.size(); ++i) {
    for (std::size_t h = 0; h < few.projections[i].periods.size(); ++h) {
      const Distribution& a = few.projections[i].periods[h];
      const Distribution& b = many.projections[i].periods[h];
      for (std::size_t q = 0; q < a.quantiles.size(); ++q) {
        CHECK(std::fabs(a.quantiles[q] - b.quantiles[q]) <=
              6 * std::hypot(a.quantile_errors[q], b.quantile_errors[q]) + 1e-9);
        CHECK(b.quantile_errors[q] <= 0.6 * a.quantile_errors[q] + 1e-9);
      }
    }
  }
}

}  // namespace amnok
