// Regimes found in the data: breaks as events, dates drawn, equations estimated at each of them.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "engine/study/regimes.h"
#include "models/builtin.h"
#include "tests/support/message_of.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

constexpr int kMonths = 60;
constexpr const char* kHead = R"toml(
[run]
title = "t"
frequency = "monthly"
horizon = 6
seed = 5
[data.y]
file = "data.csv"
column = "y"
[data.x]
file = "data.csv"
column = "x"
)toml";

constexpr const char* kFind =
    "[regimes.shift]\ndates = \"{}\"\nmodel = {{ plugin = \"structural_break\", target = \"y\", "
    "breaks = 1, bootstrap = \"none\", events = false, permanence = false{} }}\n";

constexpr const char* kStep = R"toml(
[models.y]
plugin = "arima"
target = "y"
order = [1, 0, 0]
interventions = [{ event = "shift" }]
[scenarios.stay]
[scenarios.ended]
changes = [{ end_event = "shift", at = "2005-01" }]
)toml";

// A level that shifts with the break, or an elasticity that does (x moves between 0 and 4).
struct Truth {
  int first_after = 30;
  double shift = 3, slope = 0, slope_shift = 0, ar = 0;
};

std::string csv(const Truth& truth, std::uint32_t replication) {
  std::vector<double> e(2 * kMonths);
  fill_normals({20220401, Purpose::simulation, 61}, replication, e);
  std::string text = "date,y,x\n";
  double u = 0;
  for (int t = 0; t < kMonths; ++t) {
    u = truth.ar * u + e[static_cast<std::size_t>(t)];
    const double x = 2 + std::sin(0.9 * t) + e[static_cast<std::size_t>(kMonths + t)];
    const bool after = t >= truth.first_after;
    const double slope = truth.slope + (after ? truth.slope_shift : 0);
    const double y = 20 + (after ? truth.shift : 0) + slope * x + u;
    text += fmt::format("{}-{:02d},{},{}\n", 2000 + t / 12, t % 12 + 1, y, x);
  }
  return text;
}

std::string find(const char* dates = "drawn", const char* more = "") {
  return fmt::format(fmt::runtime(kFind), dates, more);
}

struct RegimeFixture {
  TemporaryFolder folder;
  Solved solve(const Truth& truth, const std::string& toml, std::uint32_t replication = 0,
               int draws = 400, int threads = 1) const {
    folder.write("data.csv", csv(truth, replication));
    return solve_study(folder.write("study.toml", kHead + toml), draws, threads);
  }
  std::string refusal(const std::string& toml) const {
    folder.write("data.csv", csv({}, 0));
    return message_of([&] { solve_study(folder.write("study.toml", kHead + toml)); });
  }
};

Eigen::RowVectorXd effect(const Solved& s, const char* a, const char* b, int h) {
  return s.ensemble.at(a, "y").row(h) - s.ensemble.at(b, "y").row(h);
}

double quantile(Eigen::RowVectorXd draws, double p) {
  std::sort(draws.data(), draws.data() + draws.size());
  return draws(static_cast<Eigen::Index>(p * static_cast<double>(draws.size() - 1)));
}

double spread(const Eigen::RowVectorXd& draws) {
  return std::sqrt((draws.array() - draws.mean()).square().mean());
}

// How often the 90 % band of an effect holds its true size.
double coverage(const Truth& truth, const std::string& toml, const char* a, const char* b,
                double size, int replications) {
  const RegimeFixture fixture;
  int covered = 0;
  for (int i = 0; i < replications; ++i) {
    Truth own = truth;
    own.first_after += (7 * i) % 17 - 8;  // anywhere in the middle
    const Solved s = fixture.solve(own, toml, static_cast<std::uint32_t>(i), 600);
    const Eigen::RowVectorXd draws = effect(s, a, b, 2);
    covered += quantile(draws, 0.05) <= size && size <= quantile(draws, 0.95) ? 1 : 0;
  }
  return covered / static_cast<double>(replications);
}

}  // namespace

TEST_CASE("regimes: a break that was found is an event like a dated one", "[scenario][regimes]") {
  const RegimeFixture fixture;
  Truth truth;
  truth.shift = 8;
  const Solved found = fixture.solve(truth, find("estimated") + kStep);
  REQUIRE(found.data.regimes.size() == 1);
  CHECK(format_period(found.data.events.at("shift").start()) == "2002-07");
  CHECK(format_date(found.study.event("shift")->start) == "2002-07-01");
  const std::string dates =
      "[events.shift]\nstart = \"2002-07-01\"\nkind = \"policy\"\ndirection = \"tighten\"\n";
  const Solved dated = fixture.solve(truth, dates + kStep);
  CHECK(found.ensemble.at("ended", "y") == dated.ensemble.at("ended", "y"));
  CHECK(effect(found, "ended", "stay", 3).mean() == Approx(-8).margin(1.5));
}

TEST_CASE("regimes: every draw has dates of its own and the estimates that go with them",
          "[scenario][regimes]") {
  const RegimeFixture fixture;
  Truth truth;
  truth.shift = 2;
  const Solved s = fixture.solve(truth, find() + kStep);
  const DetectedRegimes& regimes = s.data.regimes.at(0);
  REQUIRE(regimes.starts.size() > 3);
  double weights = 0;
  for (double w : regimes.weights) weights += w;
  CHECK(weights == Approx(1));
  // A draw's effect is minus the shift as estimated at the draw's date: members differ.
  const SystemDraws draws = s.system->draw(5, 0, 400);
  const std::vector<int> picks = regimes.picks(5, 0, 400);
  const int omega = s.system->equations()[0].fitted.result.parameters.index_of("shift.omega0");
  REQUIRE(omega >= 0);
  const Eigen::RowVectorXd ended = effect(s, "ended", "stay", 0);
  std::vector<double> sum(regimes.starts.size()), count(regimes.starts.size());
  for (int r = 0; r < 400; ++r) {
    CHECK(ended(r) == Approx(-draws.parameters[0].parameters(omega, r)).epsilon(1e-9));
    const auto k = static_cast<std::size_t>(picks[static_cast<std::size_t>(r)]);
    sum[k] += draws.parameters[0].parameters(omega, r);
    count[k] += 1;
  }
  for (std::size_t k = 0; k < count.size(); ++k) {
    if (count[k] < 30) continue;
    const Sample at =
        make_sample(s.study.equations[0], s.study, with_regime_dates(s.data, regimes, k));
    const FittedModel own = fit_model(*s.system->equations()[0].model, at);
    const double se = std::sqrt(own.result.covariance(omega, omega) / count[k]);
    CHECK(std::fabs(sum[k] / count[k] - own.result.parameters.values()(omega)) < 4 * se);
  }
  // What is not known of the date is in the band.
  const Solved fixed = fixture.solve(truth, find("estimated") + kStep);
  CHECK(spread(effect(s, "ended", "stay", 2)) > spread(effect(fixed, "ended", "stay", 2)));
}

TEST_CASE("regimes: threads change nothing", "[scenario][regimes]") {
  const RegimeFixture fixture;
  Truth truth;
  truth.shift = 1.5;
  const Solved one = fixture.solve(truth, find() + kStep, 0, 700, 1);
  const Solved two = fixture.solve(truth, find() + kStep, 0, 700, 2);
  CHECK(one.ensemble.at("ended", "y") == two.ensemble.at("ended", "y"));
  CHECK(one.ensemble.at("stay", "y") == two.ensemble.at("stay", "y"));
}

constexpr const char* kSlopes = R"toml(
[models.y]
plugin = "trade_elasticity"
target = "y"
regressors = ["x"]
regimes = "shift"
errors = "classical"
[scenarios.low]
changes = [{ path = "x", mode = "level", value = 1 }]
[scenarios.high]
changes = [{ path = "x", mode = "level", value = 3 }]
[scenarios.high_before]
changes = [{ path = "x", mode = "level", value = 3 }, { end_event = "shift", at = "2005-01" }]
[scenarios.low_before]
changes = [{ path = "x", mode = "level", value = 1 }, { end_event = "shift", at = "2005-01" }]
)toml";

TEST_CASE("regimes: an elasticity that changes at a date found in the data",
          "[scenario][regimes]") {
  const RegimeFixture fixture;
  Truth truth;
  truth.shift = 0;
  truth.slope = 3;
  truth.slope_shift = -2;
  const std::string toml = find("drawn", ", regressors = [\"x\"]") + kSlopes;
  const Solved s = fixture.solve(truth, toml, 3);
  CHECK(effect(s, "high", "low", 2).mean() == Approx(2 * 1).margin(0.5));
  CHECK(effect(s, "high_before", "low_before", 2).mean() == Approx(2 * 3).margin(0.5));
}

// An equation without events, so that nothing else is wrong.
constexpr const char* kPlain = R"toml(
[models.y]
plugin = "ets"
target = "y"
[scenarios.stay]
)toml";

TEST_CASE("regimes: a changed slope acts on movements from the origin, while its regime lasts",
          "[scenario][regimes]") {
  const RegimeFixture fixture;
  Truth truth;
  truth.shift = 0;
  truth.slope = 3;
  truth.slope_shift = -2;
  const std::string steeper =
      "{ parameter = \"y.x * shift\", add = 5 }, { path = \"x\", mode = \"hold\" }";
  const std::string toml =
      find("drawn", ", regressors = [\"x\"]") + kSlopes +
      "[scenarios.held]\nchanges = [{ path = \"x\", mode = \"hold\" "
      "}]\n[scenarios.steeper]\nchanges = [" +
      steeper + "]\n[scenarios.moved]\nchanges = [" + steeper +
      ", { path = \"x\", mode = \"add\", value = 1 }]\n[scenarios.plain]\nchanges = [{ path = "
      "\"x\", mode = \"hold\" }, { path = \"x\", mode = \"add\", value = 1 }]\n";
  const Solved s = fixture.solve(truth, toml, 3);
  CHECK(effect(s, "steeper", "held", 2).cwiseAbs().maxCoeff() < 1e-9);
  const Eigen::RowVectorXd moved = effect(s, "moved", "plain", 2);
  CHECK((moved.array() - 5).abs().maxCoeff() < 1e-9);
}

TEST_CASE("regimes: doubts about breaks are warnings", "[scenario][regimes]") {
  const RegimeFixture fixture;
  Truth none;
  none.shift = 0;
  const Solved s = fixture.solve(none, find() + kStep);
  const auto warned = [&](const std::string& words) {
    return std::any_of(s.study.warnings.begin(), s.study.warnings.end(),
                       [&](const auto& w) { return w.message.find(words) != std::string::npos; });
  };
  CHECK(warned("regimes.shift has 1 break, but BIC finds 0"));
  std::string tested = find() + kStep;
  const std::string untested = ", bootstrap = \"none\"";
  tested.erase(tested.find(untested), untested.size());
  const Solved against = fixture.solve(none, tested);
  CHECK(
      std::any_of(against.study.warnings.begin(), against.study.warnings.end(), [](const auto& w) {
        return w.message.find("persistent errors without a break could look like this") !=
               std::string::npos;
      }));
  Truth late;
  late.shift = 12;
  late.first_after = kMonths - 4;
  const Solved end = fixture.solve(late, find() + kStep);
  CHECK(std::any_of(end.study.warnings.begin(), end.study.warnings.end(), [](const auto& w) {
    return w.message.find("as near the end of the sample as segments of") != std::string::npos;
  }));
}

TEST_CASE("regimes: check and fit name the dates that were found", "[cli][program][regimes]") {
  const std::string config = "configs/models/detected_regimes.toml";
  const ProgramResult check = run_program("check " + config);
  CHECK(check.exit_code == 0);
  CHECK_THAT(check.out, Catch::Contains("Regimes found in the data") &&
                            Catch::Contains("sanctions_bite from 2018-01") &&
                            Catch::Contains("trade_stops from 2019-11"));
  const ProgramResult fit = run_program("fit " + config + " --json -");
  CHECK_THAT(fit.out, Catch::Contains("\"imports_regimes\"") && Catch::Contains("regime_dates"));
}

TEST_CASE("regimes: refusals say what to write", "[scenario][regimes]") {
  const RegimeFixture fixture;
  const std::string model = "plugin = \"structural_break\", target = \"y\", bootstrap = \"none\"";
  const auto with = [&](const std::string& table, const std::string& rest) {
    return fixture.refusal(table + "\nmodel = { " + model + ", breaks = 1 }\n" + rest);
  };
  CHECK_THAT(with("[regimes.shift]\nevents = [\"a\", \"b\"]", kPlain),
             Catch::Contains("names 2 events, but its model has 1 break"));
  CHECK_THAT(fixture.refusal("[regimes.shift]\nmodel = { plugin = \"ets\", target = \"y\" }\n" +
                             std::string(kPlain)),
             Catch::Contains("the plugin ets finds no breaks"));
  CHECK_THAT(with("[regimes.x]", kPlain), Catch::Contains("begins an event `x`, but a series"));
  CHECK_THAT(with("[regimes.y]\nevents = [\"shift\"]", kStep),
             Catch::Contains("has the name of an equation, models.y"));
  std::string both = kStep;
  both.replace(both.find("interventions"), 13, "regressors = [\"other\"]\ninterventions");
  CHECK_THAT(with(find() + "[regimes.other]", both),
             Catch::Contains("whose dates are drawn apart from each other"));
}

TEST_CASE("regimes: bands of scenario differences cover with one break at an unknown date",
          "[scenario][regimes][slow]") {
  constexpr int kReplications = 150;
  // Within three standard errors of [0.87, 0.93] at this number of replications.
  const double margin = 0.03 + 3 * std::sqrt(0.9 * 0.1 / kReplications);
  Truth level;
  level.shift = 2;
  const std::string robust = find("drawn", ", errors = \"hac\"") + kStep;
  const double apart = coverage(level, robust, "ended", "stay", -level.shift, kReplications);
  level.ar = 0.5;
  const double together = coverage(level, robust, "ended", "stay", -level.shift, kReplications);
  Truth slopes;
  slopes.shift = 0;
  slopes.slope = 2;
  slopes.slope_shift = -1;
  const std::string toml = find("drawn", ", regressors = [\"x\"]") + kSlopes;
  const double responds = coverage(slopes, toml, "high", "low", 2, kReplications);
  INFO("level " << apart << ", with autocorrelated errors " << together << ", slope " << responds);
  CHECK(std::fabs(apart - 0.9) < margin);
  CHECK(std::fabs(together - 0.9) < margin);
  CHECK(std::fabs(responds - 0.9) < margin);
}

}  // namespace amnok
