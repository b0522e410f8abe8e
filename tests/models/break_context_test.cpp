// Breaks with their events and permanence, through the plugin.
#include "models/structural_break/break_context.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/report/result_table.h"
#include "engine/stats/random_stream.h"
#include "engine/study/estimation.h"
#include "engine/study/study.h"
#include "models/builtin.h"
#include "models/structural_break/structural_break.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

Period month(int year, int number) {
  return {Frequency::monthly, year * 12 + number - 1};
}

EventActivity open_event(Period start) {
  Episode episode;
  episode.start = start;
  return {{episode}};
}

// 96 months from 2012-01: a shift of the mean in 2016-01, and events then and in 2013.
Sample sample_with(double shift) {
  std::vector<double> e(96);
  fill_normals({44, Purpose::simulation, 3}, 4, e);
  Sample sample;
  sample.range = {month(2012, 1), 96};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(96);
  sample.regressors.resize(96, 0);
  for (int t = 0; t < 96; ++t) {
    sample.y(t) = 20 + e[static_cast<std::size_t>(t)] + (t >= 48 ? shift : 0);
  }
  sample.events["embargo"] = open_event(month(2016, 1));
  sample.events["fair"] = open_event(month(2013, 6));
  return sample;
}

FitResult fit_of(const StructuralBreakSpec& spec, const Sample& sample) {
  return fit_model(*make_structural_break(spec), sample).result;
}

StructuralBreakSpec with_all() {
  StructuralBreakSpec spec;
  spec.max_breaks = 1;
  spec.context.match_events = true;
  spec.context.permanence = true;
  return spec;
}

// Verdicts of the fits of a config, by model, then by start.
std::string verdict_after(const FitResult& fit, const std::string& event, Period from, Period to) {
  for (const TableRow& row : rows_of(fit, "permanence")) {
    const Period start = *parse_period(row.text("start"), from.frequency);
    if (row.text("event") == event && from <= start && start <= to) return row.text("verdict");
  }
  return "";
}

}  // namespace

TEST_CASE("break context: the event at a break is found, others are not") {
  const FitResult fit = fit_of(with_all(), sample_with(4));
  const auto events = rows_of(fit, "break_events");
  REQUIRE(events.size() == 1);
  CHECK(events[0].text("event") == "embargo");
  CHECK(events[0].number("score") > 0.9);
  const auto permanence = rows_of(fit, "permanence");
  REQUIRE(permanence.size() == 1);
  CHECK(permanence[0].text("verdict") == "lasting");
  CHECK(permanence[0].text("start") == "2016-01");
  CHECK(rows_of(fit, "break_effects")[0].number("effect") == Approx(4).margin(0.8));
}

TEST_CASE("break context: without a break there is nothing to judge") {
  const FitResult fit = fit_of(with_all(), sample_with(0));
  CHECK(find_table(fit, "permanence") == nullptr);
  CHECK(find_table(fit, "break_events") == nullptr);
  CHECK(std::find(fit.notes.begin(), fit.notes.end(), "no break") != fit.notes.end());
}

TEST_CASE("break context: a named event is judged whether or not a break is found") {
  StructuralBreakSpec spec;
  spec.context.permanence_events = {"fair"};
  const FitResult fit = fit_of(spec, sample_with(0));
  REQUIRE(rows_of(fit, "permanence").size() == 1);
  CHECK(rows_of(fit, "permanence")[0].text("event") == "fair");
}

TEST_CASE("break context: unknown events are refused with the nearest names") {
  StructuralBreakSpec spec = with_all();
  spec.context.events = {"embrago"};
  spec.context.permanence_events = {"fiar"};
  CHECK_THROWS_WITH(fit_of(spec, sample_with(4)), Catch::Contains("events names embrago") &&
                                                      Catch::Contains("permanence names fiar") &&
                                                      Catch::Contains("embargo"));
  Sample none = sample_with(4);
  none.events.clear();
  CHECK_THROWS_WITH(fit_of(with_all(), none), Catch::Contains("no calendar"));
}

TEST_CASE(
    "break context: DPRK exports lost most to the sanctions for good, to the closure for a time") {
  const Study study =
      load_study(source_path("configs/models/trade_permanence.toml"), builtin_plugins());
  const StudyData data = load_data(study);
  const auto equations = estimate(study, data, builtin_plugins(), {"exports"});
  REQUIRE(equations.size() == 1);
  const FitResult& fit = equations[0].fitted.result;
  // Found without being told: a break at the turn of 2017 to 2018, one at the closure.
  CHECK(verdict_after(fit, "", month(2017, 8), month(2018, 3)) == "lasting");
  CHECK(verdict_after(fit, "", month(2019, 11), month(2020, 4)) == "temporary");
  CHECK(verdict_after(fit, "border_closure", month(2020, 1), month(2020, 1)) == "temporary");
  CHECK(verdict_after(fit, "unscr_2375", month(2017, 9), month(2017, 9)) == "lasting");
  const auto events = rows_of(fit, "break_events");
  const auto matched = [&](const std::string& id) {
    return std::any_of(events.begin(), events.end(),
                       [&](const TableRow& row) { return row.text("event") == id; });
  };
  CHECK(matched("unscr_2397"));
  CHECK(matched("border_closure"));
}

}  // namespace amnok
