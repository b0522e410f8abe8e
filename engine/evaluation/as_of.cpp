#include "engine/evaluation/as_of.h"

#include <algorithm>

namespace amnok {

StudyData data_as_of(const StudyData& data, Period last, int horizon) {
  StudyData known = data;
  known.sample = range_between(data.sample.first, last);
  known.horizon = {last + 1, horizon};
  const PeriodRange& whole = data.frame.range();
  known.frame = Frame(range_between(whole.first, std::max(whole.last(), last + horizon)));
  for (Series series : data.frame.series()) {
    for (Eigen::Index t = 0; t < series.values.size(); ++t) {
      if (series.first + t > last) series.values(t) = kMissing;
    }
    std::erase_if(series.sums, [&](const TemporalSum& sum) { return sum.parts.back() > last; });
    known.frame.add(std::move(series));
  }
  known.events = events_as_of(data.events, last);
  return known;
}

std::map<std::string, EventActivity> events_as_of(
    const std::map<std::string, EventActivity>& events, Period last) {
  std::map<std::string, EventActivity> known;
  for (const auto& [id, activity] : events) {
    EventActivity seen = activity;
    std::erase_if(seen.episodes, [&](const Episode& episode) { return episode.start > last; });
    if (seen.episodes.empty()) continue;
    for (Episode& episode : seen.episodes) {
      // `end` is the first period without the event: at `last` + 1 it had ended by then.
      if (episode.end && *episode.end > last + 1) episode.end.reset();
    }
    known[id] = std::move(seen);
  }
  return known;
}

bool acts_by(const Intervention& intervention, const StudyData& data, Period last) {
  const auto event = data.events.find(intervention.event);
  if (event == data.events.end()) return false;
  PeriodRange range = range_between(data.frame.range().first, last);
  range.first = range.first - intervention.delay;
  const std::vector<double> input = event_input(event->second, intervention.shape, range);
  return std::any_of(input.begin(), input.end(), [](double u) { return u != 0; });
}

}  // namespace amnok
