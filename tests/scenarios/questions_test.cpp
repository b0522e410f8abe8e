// Attribution of effects, sources of uncertainty, and questions.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/scenario/attribution.h"
#include "engine/scenario/mixture.h"
#include "engine/scenario/question.h"
#include "engine/scenario/uncertainty.h"
#include "models/builtin.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

const std::string kBase =
    "[scenarios.base]\nprobability = 0.6\nchanges = [{ path = \"w\", mode = \"hold\" }]\n";
const std::string kOpen =
    "[scenarios.open]\nprobability = 0.4\nextends = \"base\"\nchanges = [\n"
    "{ assume = \"left\", distribution = \"uniform\", low = 0, high = 1 },\n"
    "{ end_event = \"closure\", at = \"2022-04\", remaining = \"left\" },\n"
    "{ path = \"w\", mode = \"growth\", value = 1 },\n"
    "{ parameter = \"p.log(m)\", multiply = 0.5 }]\n";

SimulationSettings settings_of(const Solved& s, int draws, int threads = 1) {
  SimulationSettings settings;
  settings.draws = draws;
  settings.seed = s.study.run.seed;
  settings.threads = threads;
  return settings;
}

}  // namespace

TEST_CASE("attribution: contributions sum to the effect", "[scenario][attribution]") {
  const StudyFixture fixture(
      kBase + kOpen + "[effects.opening]\ncompare = [\"open\", \"base\"]\nattribution = true\n");
  const Solved s = solve_fixture(fixture, 1200);
  const auto parts = attribute_effects(s.study, s.data, *s.system, settings_of(s, 1200));
  REQUIRE(parts.size() == 3 * s.ensemble.variables.size());
  std::map<std::string, VectorXd> sums;
  for (const Contribution& c : parts) {
    VectorXd& sum = sums.try_emplace(c.variable, VectorXd::Zero(12)).first->second;
    sum += Eigen::Map<const VectorXd>(c.mean.data(), 12);
    for (double error : c.mc_error) CHECK(error >= 0);
  }
  for (const auto& [variable, sum] : sums) {
    const DrawMatrix effect = s.ensemble.at("open", variable) - s.ensemble.at("base", variable);
    const VectorXd mean = effect.rowwise().mean();
    CHECK((sum - mean).cwiseAbs().maxCoeff() < 1e-9 * (1 + mean.cwiseAbs().maxCoeff()));
  }
  // Only the event moves m.
  for (const Contribution& c : parts) {
    if (c.variable != "m") continue;
    const double size = Eigen::Map<const VectorXd>(c.mean.data(), 12).cwiseAbs().maxCoeff();
    CHECK((size > 1e-9) == (c.kind == "end_event"));
  }
  // The reverse comparison has the opposite contributions.
  Solved reversed = solve_fixture(
      StudyFixture(kBase + kOpen +
                   "[effects.closing]\ncompare = [\"base\", \"open\"]\nattribution = true\n"),
      1200);
  const auto opposite = attribute_effects(reversed.study, reversed.data, *reversed.system,
                                          settings_of(reversed, 1200));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    CHECK(opposite[i].mean[11] == Approx(-parts[i].mean[11]).margin(1e-9));
  }
}

TEST_CASE("uncertainty: shares sum to the variance of the draws", "[scenario][uncertainty]") {
  const StudyFixture fixture(kBase + kOpen);
  const Solved s = solve_fixture(fixture, 3000, 2);
  const auto shares = split_uncertainty(s.study, s.data, *s.system, settings_of(s, 3000, 2));
  std::map<std::pair<std::string, std::string>, double> sums;
  for (const UncertaintyShare& u : shares) {
    sums[{u.scenario, u.variable}] += u.variance[9];
    if (u.source == std::string("assumptions") && u.scenario == "base") {
      CHECK(u.variance[9] == Approx(0).margin(1e-6 * s.ensemble.at("base", "m").row(9).mean()));
    }
  }
  for (const auto& [cell, sum] : sums) {
    const auto row = s.ensemble.at(cell.first, cell.second).row(9);
    const double variance = (row.array() - row.mean()).square().sum() / 2999;
    CHECK(sum == Approx(variance).epsilon(1e-6));
  }
  // How much of the closure stays is what makes m uncertain once it opens.
  for (const UncertaintyShare& u : shares) {
    if (u.scenario != "open" || u.variable != "m") continue;
    if (u.source == std::string("assumptions")) CHECK(u.share[11] > 0.3);
    if (u.source == std::string("assumptions")) CHECK(std::fabs(u.share[0]) < 1e-9);
  }
}

TEST_CASE("question: probabilities are counts of draws", "[scenario][question]") {
  const StudyFixture fixture(kBase + kOpen +
                             "[questions.high]\nclaim = \"m >= 100\"\nat = \"2022-12\"\n"
                             "[questions.ever]\nclaim = \"m >= 100\"\nwhen = \"any\"\n"
                             "[questions.always]\nclaim = \"m >= 100\"\nfrom = \"2022-10\"\n");
  const Solved s = solve_fixture(fixture, 2000, 2);
  const Answers answers =
      answer_questions(s.study, s.data, *s.system, s.ensemble, settings_of(s, 2000));
  REQUIRE(answers.probabilities.size() == 9);  // two scenarios and the mixture, thrice
  const DrawMatrix &base = s.ensemble.at("base", "m"), &open = s.ensemble.at("open", "m");
  const auto count = [](const Eigen::Array<bool, 1, Eigen::Dynamic>& holds) {
    return holds.cast<double>().mean();
  };
  const auto& p = answers.probabilities;
  CHECK(p[0].probability == count(base.row(11).array() >= 100));
  CHECK(p[1].probability == count(open.row(11).array() >= 100));
  CHECK(p[2].probability == Approx(0.6 * p[0].probability + 0.4 * p[1].probability));
  CHECK(p[2].scenario == kMixture);
  CHECK(p[4].probability == count(open.colwise().maxCoeff().array() >= 100));
  CHECK(p[7].probability == count(open.bottomRows(3).colwise().minCoeff().array() >= 100));
  CHECK(p[1].mc_error == Approx(std::sqrt(p[1].probability * (1 - p[1].probability) / 2000)));
}

TEST_CASE("question: recovery is the first period at the level", "[scenario][question]") {
  const StudyFixture fixture(
      kBase + kOpen +
      "[questions.back]\nrecovery = \"m\"\nshare = 0.7\nreference = \"2018-01..2018-12\"\nsmooth = "
      "3\nscenario = \"open\"\n");
  const Solved s = solve_fixture(fixture, 1000);
  const Answers answers =
      answer_questions(s.study, s.data, *s.system, s.ensemble, settings_of(s, 1000));
  REQUIRE(answers.recoveries.size() == 1);
  const RecoveryAnswer& a = answers.recoveries[0];
  const double reference =
      s.data.frame.get("m").window({{Frequency::monthly, 2018 * 12}, 12}).values.mean();
  CHECK(a.reference == Approx(reference));
  CHECK(a.level == Approx(0.7 * reference));
  // By hand.
  const DrawMatrix& m = s.ensemble.at("open", "m");
  const Series& past = s.system->history().get("m");
  double recovered = 0;
  for (Eigen::Index r = 0; r < 1000; ++r) {
    bool reached = false;
    for (int h = 0; h < 12; ++h) {
      double sum = 0;
      for (int lag = 0; lag < 3; ++lag) {
        sum += h - lag >= 0 ? m(h - lag, r) : past.at(s.data.horizon.first + (h - lag));
      }
      reached = reached || sum / 3 >= a.level;
    }
    recovered += reached ? 1 : 0;
  }
  CHECK(a.probability == Approx(recovered / 1000));
  CHECK(a.p10 >= 4);  // the event ends in the fourth period
}

TEST_CASE("question: recovery over all scenarios pools their draws", "[scenario][question]") {
  const StudyFixture fixture(kBase + kOpen +
                             "[questions.back]\nrecovery = \"m\"\nshare = 0.6\nreference = "
                             "\"2018-01..2018-12\"\nsmooth = 1\n");
  const Solved s = solve_fixture(fixture, 1000);
  const Answers answers =
      answer_questions(s.study, s.data, *s.system, s.ensemble, settings_of(s, 1000));
  REQUIRE(answers.recoveries.size() == 3);
  const RecoveryAnswer &base = answers.recoveries[0], &open = answers.recoveries[1],
                       &mixed = answers.recoveries[2];
  CHECK(mixed.scenario == kMixture);
  CHECK(mixed.level == open.level);
  CHECK(mixed.probability == Approx(0.6 * base.probability + 0.4 * open.probability));
  // The share of draws that are back by each period, by hand; the quantiles are where it crosses.
  const auto back_by = [&](const char* scenario, int period) {
    const DrawMatrix& m = s.ensemble.at(scenario, "m");
    const Eigen::RowVectorXd best = m.topRows(period).colwise().maxCoeff();
    return (best.array() >= mixed.level).cast<double>().mean();
  };
  int first = 0;
  for (int period = 12; period > 0; --period) {
    if (0.6 * back_by("base", period) + 0.4 * back_by("open", period) >= 0.1) first = period;
  }
  REQUIRE(first > 0);
  CHECK(mixed.p10 == first);
}

TEST_CASE("question: the reverse question finds the number", "[scenario][question]") {
  const StudyFixture fixture(
      kBase + kOpen +
      "[questions.how_open]\nclaim = \"m >= 90\"\nat = \"2022-12\"\nscenario = \"open\"\nsolve = "
      "\"left\"\nprobability = 0.8\n"
      "[questions.never]\nclaim = \"m >= 9000\"\nat = \"2022-12\"\nscenario = \"open\"\nsolve = "
      "\"left\"\nprobability = 0.8\n");
  const Solved s = solve_fixture(fixture, 2000, 2);
  const Answers answers =
      answer_questions(s.study, s.data, *s.system, s.ensemble, settings_of(s, 2000));
  REQUIRE(answers.solved.size() == 2);
  const SolvedAnswer& a = answers.solved[0];
  CHECK(a.note == "");
  CHECK(a.value > 0);
  CHECK(a.value < 1);
  CHECK(a.low <= a.value);
  CHECK(a.high >= a.value);
  CHECK(a.probability == Approx(0.8).margin(0.003));
  CHECK(a.at_low > a.at_high);  // the less of the closure is left, the more imports
  CHECK_THAT(answers.solved[1].note, Catch::Contains("no value from 0 to 1 gives"));

  // The number in the config gives the probability.
  const std::string number = fmt::format("{:.6f}", a.value);
  std::string open = kOpen;
  open.replace(open.find("\"left\" }"), 8, number + " }");
  const Solved known = solve_fixture(StudyFixture(kBase + open), 2000, 2);
  const double share = (known.ensemble.at("open", "m").row(11).array() >= 90).cast<double>().mean();
  CHECK(share == Approx(0.8).margin(0.003));
}

TEST_CASE("question: mistakes are named", "[scenario][question]") {
  const auto refusal = [](const std::string& question) {
    return message_of(
        [&] { solve_fixture(StudyFixture(kBase + kOpen + "[questions.q]\n" + question), 100); });
  };
  CHECK_THAT(refusal("at = \"2022-12\"\n"),
             Catch::Contains("asks for a `claim` or for a `recovery`"));
  CHECK_THAT(refusal("recovery = \"m\"\n"), Catch::Contains("needs `reference`"));
  CHECK_THAT(refusal("claim = \"m >= 5\"\nsolve = \"lift\"\nscenario = \"open\"\n"),
             Catch::Contains("\"lift\", but must be an assumption of scenario `open`"));
  CHECK_THAT(refusal("claim = \"q >= 5\"\n"), Catch::Contains("`q`"));
}

}  // namespace amnok
