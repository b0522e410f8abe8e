#include "engine/time/event.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"

namespace amnok {

namespace {

constexpr std::array<std::string_view, 6> kShapeNames = {"step",  "pulse", "ramp",
                                                         "decay", "block", "transfer"};

}  // namespace

double Episode::at(Period period) const {
  if (period < start) return 0.0;
  if (!end || period < *end) return intensity;
  const auto after = period - *end;
  if (after >= phase_out) return intensity * remaining;
  const double share = static_cast<double>(after + 1) / static_cast<double>(phase_out + 1);
  return intensity * (1.0 - (1.0 - remaining) * share);
}

double EventActivity::at(Period period) const {
  double strongest = 0;
  for (const Episode& episode : episodes) strongest = std::max(strongest, episode.at(period));
  return strongest;
}

std::string_view shape_name(EventShape shape) {
  return kShapeNames[static_cast<std::size_t>(shape)];
}

std::optional<EventShape> parse_shape(std::string_view name) {
  for (std::size_t i = 0; i < kShapeNames.size(); ++i) {
    if (kShapeNames[i] == name) return static_cast<EventShape>(i);
  }
  return std::nullopt;
}

bool has_denominator(EventShape shape) {
  return shape == EventShape::decay || shape == EventShape::transfer;
}

std::vector<double> event_input(const EventActivity& given, EventShape shape,
                                const PeriodRange& range) {
  EventActivity activity = given;
  for (Episode& episode : activity.episodes) {
    if (shape == EventShape::step && episode.calendar_end) episode.end.reset();
  }
  std::vector<double> input(static_cast<std::size_t>(std::max<std::int64_t>(range.count, 0)));
  if (input.empty()) return input;
  double total = 0;  // a ramp that started before the range has already climbed
  if (shape == EventShape::ramp) {
    for (Period t = activity.start(); t < range.first; t = t + 1) total += activity.at(t);
  }
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Period t = range[static_cast<std::int64_t>(i)];
    const double active = activity.at(t);
    total += active;
    switch (shape) {
      case EventShape::pulse:
      case EventShape::decay:
        input[i] = 0;
        for (const Episode& episode : activity.episodes) {
          if (episode.start == t) input[i] = episode.intensity;
        }
        break;
      case EventShape::ramp:
        input[i] = total;
        break;
      case EventShape::step:
      case EventShape::block:
      case EventShape::transfer:
        input[i] = active;
        break;
    }
  }
  return input;
}

EventActivity activity_of(const Event& event, Frequency frequency) {
  Episode episode;
  episode.start = period_of(event.start, frequency);
  if (event.end) {
    episode.end = period_of(*event.end, frequency) + 1;
    episode.phase_out = event.phase_out;
    episode.remaining = event.remaining;
    episode.calendar_end = true;
  }
  return {{episode}};
}

DrawnEvents shared_events(const std::map<std::string, EventActivity>& events) {
  return {events.begin(), events.end()};
}

}  // namespace amnok
