#include "engine/time/event.h"

#include <catch2/catch.hpp>

namespace amnok {

namespace {

const Period kStart{Frequency::monthly, 2020 * 12};  // 2020-01

EventActivity closure(std::optional<int> lasts = {}, int phase_out = 0, double remaining = 0) {
  Episode episode;
  episode.start = kStart;
  if (lasts) episode.end = kStart + *lasts;
  episode.phase_out = phase_out;
  episode.remaining = remaining;
  return {{episode}};
}

const PeriodRange kRange{kStart - 2, 10};

}  // namespace

TEST_CASE("event: step, pulse, ramp and block over time") {
  using V = std::vector<double>;
  const EventActivity open = closure(), ended = closure(3);
  CHECK(event_input(open, EventShape::step, kRange) == V{0, 0, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(event_input(open, EventShape::pulse, kRange) == V{0, 0, 1, 0, 0, 0, 0, 0, 0, 0});
  CHECK(event_input(ended, EventShape::block, kRange) == V{0, 0, 1, 1, 1, 0, 0, 0, 0, 0});
  CHECK(event_input(ended, EventShape::ramp, kRange) == V{0, 0, 1, 2, 3, 3, 3, 3, 3, 3});
}

TEST_CASE("event: a step ignores the calendar's end, but not a scenario's") {
  EventActivity activity = closure(3);
  activity.episodes[0].calendar_end = true;
  CHECK(event_input(activity, EventShape::step, kRange).back() == 1);
  activity.episodes[0].calendar_end = false;
  CHECK(event_input(activity, EventShape::step, kRange).back() == 0);
}

TEST_CASE("event: phasing out is linear and ends at what remains") {
  const EventActivity activity = closure(2, 3, 0.2);
  CHECK(activity.at(kStart + 1) == 1);
  CHECK(activity.at(kStart + 2) == Approx(0.8));
  CHECK(activity.at(kStart + 3) == Approx(0.6));
  CHECK(activity.at(kStart + 4) == Approx(0.4));
  CHECK(activity.at(kStart + 5) == Approx(0.2));
  CHECK(activity.at(kStart + 50) == Approx(0.2));
}

TEST_CASE("event: of several episodes the strongest counts") {
  EventActivity activity = closure(2);
  Episode second;
  second.start = kStart + 4;
  second.intensity = 1.5;
  activity.episodes.push_back(second);
  using V = std::vector<double>;
  CHECK(event_input(activity, EventShape::block, kRange) ==
        V{0, 0, 1, 1, 0, 0, 1.5, 1.5, 1.5, 1.5});
  CHECK(event_input(activity, EventShape::pulse, kRange) == V{0, 0, 1, 0, 0, 0, 1.5, 0, 0, 0});
}

TEST_CASE("event: a ramp that began before the range has climbed") {
  const PeriodRange later{kStart + 3, 2};
  CHECK(event_input(closure(), EventShape::ramp, later) == std::vector<double>{4, 5});
}

TEST_CASE("event: its own dates give its history") {
  Event event;
  event.start = {2020, 1, 31};
  event.end = Date{2022, 1, 16};
  const EventActivity activity = activity_of(event, Frequency::monthly);
  CHECK(activity.at(*parse_period("2020-01", Frequency::monthly)) == 1);
  CHECK(activity.at(*parse_period("2022-01", Frequency::monthly)) == 1);
  CHECK(activity.at(*parse_period("2022-02", Frequency::monthly)) == 0);
  CHECK(activity.episodes[0].calendar_end);
}

TEST_CASE("event: shapes have names") {
  for (const char* name : {"step", "pulse", "ramp", "decay", "block", "transfer"}) {
    CHECK(shape_name(*parse_shape(name)) == name);
  }
  CHECK_FALSE(parse_shape("jump"));
  CHECK(has_denominator(EventShape::decay));
  CHECK_FALSE(has_denominator(EventShape::step));
}

}  // namespace amnok
