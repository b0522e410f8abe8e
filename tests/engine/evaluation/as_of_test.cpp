#include "engine/evaluation/as_of.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/builtin.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

Period month(int year, int number) {
  return {Frequency::monthly, year * 12 + number - 1};
}

}  // namespace

TEST_CASE("as of: figures after the date are gone, and so are sums that end later") {
  const StudyFixture fixture;
  const Study study = load_study(fixture.config, builtin_plugins());
  StudyData data = load_data(study);
  Series m = data.frame.get("m");
  m.sums.push_back({{month(2018, 3), month(2018, 4)}, 5, 0, "", {}});
  m.sums.push_back({{month(2018, 6), month(2018, 7)}, 6, 0, "", {}});
  data.frame.add(m);
  const StudyData known = data_as_of(data, month(2018, 6), 24);
  CHECK(known.sample.last() == month(2018, 6));
  CHECK(known.horizon.last() == month(2020, 6));
  const Series& seen = known.frame.get("m");
  CHECK(seen.at(month(2018, 6)) == m.at(month(2018, 6)));
  CHECK(std::isnan(seen.at(month(2018, 7))));
  REQUIRE(seen.sums.size() == 1);
  CHECK(seen.sums.front().value == 5);
}

TEST_CASE("as of: an event that ended later goes on, one that began later is unknown") {
  const Episode closure{month(2019, 1), month(2019, 7), 3, 0.2};
  const std::map<std::string, EventActivity> events = {{"closure", {{closure}}}};
  CHECK(events_as_of(events, month(2018, 12)).empty());
  const EventActivity during = events_as_of(events, month(2019, 3)).at("closure");
  CHECK(during.at(month(2020, 1)) == 1);
  // 2019-07 is the first month without it: by the end of 2019-06 it had ended.
  const EventActivity after = events_as_of(events, month(2019, 6)).at("closure");
  CHECK(after.at(month(2020, 1)) == Approx(0.2));
}

}  // namespace amnok
