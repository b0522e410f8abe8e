#include "models/structural_break/break_events.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "tests/support/break_series.h"

namespace amnok {

namespace {

Period month(int year, int number) {
  return {Frequency::monthly, year * 12 + number - 1};
}

NamedEvent event(const std::string& id, Period start, std::optional<Period> after = {}) {
  Episode episode;
  episode.start = start;
  episode.end = after;
  return {id, {{episode}}};
}

// A date set of three months around 2020-03, most of it there.
DatedBreak dated() {
  DatedBreak date{month(2020, 2), month(2020, 3),       month(2020, 2),
                  month(2020, 4), {month(2019, 1), 24}, VectorXd::Zero(24)};
  date.weight(date.range.index_of(month(2020, 2))) = 0.2;
  date.weight(date.range.index_of(month(2020, 3))) = 0.7;
  date.weight(date.range.index_of(month(2020, 4))) = 0.1;
  return date;
}

DateSet set_of(int last, int begin, int end) {
  return {last, {{begin, end}}, kMissing};
}

std::vector<Period> months_from(Period first, int count) {
  std::vector<Period> times;
  for (int t = 0; t < count; ++t) times.push_back(first + t);
  return times;
}

}  // namespace

TEST_CASE("break events: an event matches by its start, its end, or one period early") {
  const std::vector<NamedEvent> events = {
      event("inside", month(2020, 3)), event("just before", month(2020, 1)),
      event("too early", month(2019, 12)), event("too late", month(2020, 5)),
      event("ends then", month(2019, 6), month(2020, 4))};
  const std::vector<EventMatch> matches = matching_events(dated(), events);
  REQUIRE(matches.size() == 3);
  CHECK(matches[0].event == "inside");
  CHECK(matches[0].score == Approx(0.8));
  CHECK(matches[0].distance == 0);
  CHECK(matches[1].event == "just before");
  CHECK(matches[1].score == Approx(0.2));
  CHECK(matches[1].distance == 2);
  CHECK(matches[2].event == "ends then");
  CHECK(matches[2].at_end);
  CHECK(matching_events(dated(), events, 0).size() == 2);
}

TEST_CASE("break events: the placebo rate is the chance of hitting the date set") {
  // One event matches from any of 4 of 24 months; it is drawn uniformly.
  PlaceboOptions options;
  options.calendars = 20000;
  const PeriodRange sample{month(2019, 1), 24};
  const PlaceboRate rate = placebo_rate({dated()}, {event("e", month(2020, 4))}, sample, options);
  CHECK(rate.matched == 1);
  CHECK(rate.score == Approx(0.1));
  CHECK(rate.matched_rate == Approx(4.0 / 24).margin(4 * rate.matched_error));
  CHECK(rate.rate == Approx(4.0 / 24).margin(4 * rate.error));
  // Spacing kept: two events twelve months apart, shifted as one around the sample.
  options.keep_spacing = true;
  const PlaceboRate spaced = placebo_rate(
      {dated()}, {event("a", month(2020, 4)), event("b", month(2019, 4))}, sample, options);
  CHECK(spaced.matched_rate == Approx(8.0 / 24).margin(4 * spaced.matched_error));
}

TEST_CASE("break events: events outside the sample do not count, and none gives no rate") {
  const PeriodRange sample{month(2019, 1), 24};
  const PlaceboRate rate = placebo_rate({dated()}, {event("old", month(1990, 1))}, sample, {});
  CHECK(rate.events == 0);
  CHECK(std::isnan(rate.rate));
}

TEST_CASE("break events: date weights are the likelihood of each date") {
  const BreakSeries series = break_series(3, 80, 1, 3);
  const auto times = months_from(month(2010, 1), 80);
  const auto dates = dated_breaks(series.x, series.y, {39}, times, {set_of(39, 37, 43)}, 8);
  REQUIRE(dates.size() == 1);
  CHECK(dates[0].weight.sum() == Approx(1));
  // Two dates by hand: exp(-n/2 log(rss ratio)).
  const auto rss = [&](int first) {
    const auto about = [&](const VectorXd& v) { return (v.array() - v.mean()).square().sum(); };
    return about(series.y.head(first)) + about(series.y.tail(80 - first));
  };
  CHECK(dates[0].weight(41) / dates[0].weight(40) ==
        Approx(std::pow(rss(41) / rss(40), -40.0)).epsilon(1e-8));
  CHECK(dates[0].low == month(2013, 3));  // the period after observation 37, from 0
  CHECK(dates[0].high == month(2013, 9));
}

TEST_CASE("break events: the weight of a date is spread over the gap after it") {
  const BreakSeries series = break_series(3, 60, 1, 4);
  std::vector<Period> times = months_from(month(2010, 1), 60);
  for (std::size_t t = 30; t < times.size(); ++t) times[t] = times[t] + 4;  // a gap of four months
  const auto dates = dated_breaks(series.x, series.y, {29}, times, {set_of(29, 28, 29)}, 6);
  const auto at = [&](int i) { return dates[0].weight(i); };
  CHECK(at(30) == Approx(at(31)));
  CHECK(at(30) == Approx(at(34)));
  CHECK(dates[0].first_after == month(2010, 1) + 34);
  CHECK(dates[0].low == month(2010, 1) + 29);  // the new regime may have begun in the gap
  CHECK(dates[0].high == month(2010, 1) + 34);
  CHECK(dates[0].last_before == month(2010, 1) + 29);
}

TEST_CASE("break events: the effect is the difference of segment means, per cent exactly") {
  VectorXd y(40);
  for (int t = 0; t < 40; ++t)
    y(t) = (t < 20 ? std::log(200) : std::log(50)) + (t % 2 ? 0.1 : -0.1);
  Transform log;
  log.kind = Transform::Kind::log;
  const auto effects = break_effects(MatrixXd::Ones(40, 1), y, {19}, {}, log);
  REQUIRE(effects.size() == 1);
  CHECK(effects[0].effect == Approx(std::log(0.25)));
  CHECK(effects[0].per_cent == Approx(-75));
  CHECK(effects[0].before == Approx(200));
  CHECK(effects[0].after == Approx(50));
  // se^2 = s^2 (1/20 + 1/20) with s^2 = 0.01 in both.
  const double half = 2.0243941639 * std::sqrt(0.01 * 0.1);
  CHECK(effects[0].high - effects[0].effect == Approx(half).epsilon(1e-6));
  CHECK(effects[0].per_cent_low == Approx(100 * (0.25 * std::exp(-half) - 1)));
}

TEST_CASE("break events: levels hold what stays, effects are of what changes") {
  VectorXd y(40), staying(40);
  for (int t = 0; t < 40; ++t) {
    y(t) = (t < 20 ? 1 : 3) + (t % 2 ? 0.1 : -0.1);
    staying(t) = t;
  }
  const auto effects = break_effects(MatrixXd::Ones(40, 1), y, {19}, {}, {}, staying);
  CHECK(effects[0].effect == Approx(2));
  CHECK(effects[0].before == Approx(21));  // 1 and what stays of observation 20
  CHECK(effects[0].after == Approx(23));
  CHECK(effects[0].per_cent == Approx(100 * 2.0 / 21));
}

}  // namespace amnok
