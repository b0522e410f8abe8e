// Dated events (sanctions, closures, reopenings) as values, and their path over time.
//
// An event has an *activity* a_t in [0, 1]: 0 before it starts, 1 while it lasts, and back to 0
// when it has ended, at once or phased over some periods. The same activity serves estimation
// (where it is history) and projection (where a scenario says how it goes on).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/source_range.h"
#include "engine/time/period.h"

namespace amnok {

struct Event {
  std::string id;         // border_closure
  std::string label;      // what it was, in words
  std::string kind;       // sanction | border | policy | shock
  std::string direction;  // tighten | loosen
  Date start;
  std::optional<Date> end;  // last day it lasts; nothing: it goes on
  int phase_out = 0;        // periods over which it faded after its end
  double remaining = 0;     // share of it that stayed
  std::string precision;    // day | month | year | report_date: how well the start is known
  std::string source;
  SourceRange where;
};

// One spell of an event. With an end E and phase-out L: 1 before E, then
// 1 - (1 - remaining) (i + 1) / (L + 1) for i = 0..L-1 periods after E, `remaining` from E + L on;
// all times `intensity`.
struct Episode {
  Period start;               // first period with activity
  std::optional<Period> end;  // first period without full activity; nothing: goes on
  int phase_out = 0;          // periods over which it falls linearly from `end` on; 0: at once
  double remaining = 0.0;     // activity that stays after the end (a partial reopening)
  double intensity = 1.0;
  bool calendar_end = false;  // the end is the calendar's own, not a scenario's

  double at(Period period) const;
};

// How an event acts over the periods of a run: its episodes; the strongest counts.
struct EventActivity {
  std::vector<Episode> episodes;  // by start

  double at(Period period) const;
  Period start() const { return episodes.front().start; }
};

// The same over a block of draws: one activity that all of them share, or one a draw.
struct DrawnActivity {
  std::vector<EventActivity> draws;

  DrawnActivity() : draws(1) {}
  DrawnActivity(EventActivity shared) : draws{std::move(shared)} {}
  bool is_shared() const { return draws.size() == 1; }
  const EventActivity& of(std::size_t draw) const { return draws[is_shared() ? 0 : draw]; }
};
using DrawnEvents = std::map<std::string, DrawnActivity>;

// The shapes of Box & Tiao (1975), applied to an activity a_t whose
// episodes start in S:
//   pulse  1 in each S                         step   a_t, but the calendar's own end is ignored
//   block  a_t                                 ramp   sum of a_s over s <= t (1, 2, 3, ... while
//   active) decay  pulse, filtered by 1 / (1 - delta B)    transfer  a_t, filtered by 1 / (1 -
//   delta B)
enum class EventShape { step, pulse, ramp, decay, block, transfer };
std::string_view shape_name(EventShape shape);
std::optional<EventShape> parse_shape(std::string_view name);
bool has_denominator(EventShape shape);  // decay and transfer estimate a delta

// The input x_t of a shape over a range, before any 1 / (1 - delta B) filter.
std::vector<double> event_input(const EventActivity& activity, EventShape shape,
                                const PeriodRange& range);

DrawnEvents shared_events(const std::map<std::string, EventActivity>& events);

// history: the activity an event has by its own dates at this frequency. An event's period is the
// one that holds its start; it ends in the period after the one that holds its last day.
EventActivity activity_of(const Event& event, Frequency frequency);

}  // namespace amnok
