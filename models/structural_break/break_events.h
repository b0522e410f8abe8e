// Which dated events may have caused a break, how large the break was, and how often a random
// calendar would have fitted as well.
//
// Dates. A break after observation i of its neighbourhood (from the break before it to the break
// after it, N observations) has the weight
//
//   w(i) proportional to RSS(i)^(-N/2),   RSS(i): both sides fitted on their own
//
// the concentrated likelihood; it is laid on the periods in which the new regime may have begun,
// evenly over the periods of a gap. The date set goes from the first to the last period after the
// break that its likelihood-ratio set allows (date_sets.h).
//
// Match. An event matches a break when its start (or the period after its end) lies in the date
// set, or up to `delay` periods before it: what begins on the last day of a month shows in the
// next. Score: the weight on the event's period and the `delay` periods after it. Events that match
// one break are not separable by this series.
//
// Placebo. S: the sum over breaks of their best event's score. Random calendars move the events
// that begin or end in the sample, each uniformly over it with its duration kept, or all by one
// common circular shift (spacing kept). Rate: the share of calendars with at least the S, and with
// at least the number of matched breaks, of the real one. A rate near one says that with so many
// events some always fit.
//
// Effect. d = x'(b_after - b_before) at the first observation after the break, interval d +- t se
// from the covariances of both segments; per cent 100 (h(m + d) / h(m) - 1), h the inverse of the
// target's transformation, m = x'b_before and what stays, as estimated; of a log target
// 100 (exp(d) - 1) exactly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/target.h"
#include "engine/time/event.h"
#include "models/structural_break/date_sets.h"

namespace amnok {

struct NamedEvent {
  std::string id;
  EventActivity activity;
};

struct DatedBreak {
  Period last_before, first_after;  // observations on both sides
  Period low, high;                 // ends of the date set of the first period after
  PeriodRange range;                // of the weights
  VectorXd weight;                  // sums to one

  double weight_at(Period period, int delay) const;
};

// last: the breaks of the regression y on x, sets: their dates; times: the period of each
// observation. min_segment: observations that each side keeps.
std::vector<DatedBreak> dated_breaks(const MatrixView& x, const VectorView& y,
                                     const std::vector<int>& last, const std::vector<Period>& times,
                                     const std::vector<DateSet>& sets, int min_segment);

struct EventMatch {
  std::string event;
  bool at_end = false;  // its end, not its start
  Period period;        // of the start; after the end
  int distance = 0;     // periods from there to the first period after the break
  double score = 0;
};

// By score, the best first.
std::vector<EventMatch> matching_events(const DatedBreak& date,
                                        const std::vector<NamedEvent>& events, int delay = 1);

struct PlaceboOptions {
  int calendars = 1000;
  bool keep_spacing = false;
  int delay = 1;
  std::uint64_t seed = 1;
};
struct PlaceboRate {
  int events = 0, matched = 0;               // events in the sample; breaks with a match
  double score = 0;                          // S
  double rate = kMissing, error = kMissing;  // of S, with its Monte-Carlo error
  double matched_rate = kMissing, matched_error = kMissing;  // of the number of matched breaks
};
PlaceboRate placebo_rate(const std::vector<DatedBreak>& dates,
                         const std::vector<NamedEvent>& events, const PeriodRange& sample,
                         const PlaceboOptions& options);

struct BreakEffect {
  double effect = 0, low = 0, high = 0;  // transformed units
  double before = 0, after = 0;          // levels, in units of the variable
  double per_cent = kMissing, per_cent_low = kMissing, per_cent_high = kMissing;
};
// staying: of each observation, the part of the target by coefficients that stay, which y is
// without; empty: nothing stays.
std::vector<BreakEffect> break_effects(const MatrixView& x, const VectorView& y,
                                       const std::vector<int>& last, const SegmentErrors& errors,
                                       const Transform& transform, const VectorXd& staying = {});

}  // namespace amnok
