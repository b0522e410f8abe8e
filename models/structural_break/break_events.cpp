#include "models/structural_break/break_events.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/f_tests.h"

namespace amnok {

namespace {

// The weights of the last observation before one break, from index `first` on.
struct IndexWeights {
  int first = 0;
  VectorXd weight;
};

IndexWeights index_weights(const MatrixView& x, const VectorView& y, int begin, int end,
                           int min_segment) {
  const int n = end - begin;
  IndexWeights result;
  result.first = begin + min_segment - 1;
  const VectorXd rss =
      split_rss(x.middleRows(begin, n), y.segment(begin, n), min_segment, n - min_segment);
  // A segment that fits exactly has all the weight.
  const double floor = 1e-300;
  const VectorXd logs = rss.cwiseMax(floor).array().log();
  result.weight = (-0.5 * n * (logs.array() - logs.minCoeff())).exp();
  result.weight /= result.weight.sum();
  return result;
}

// The weight of observation i on the periods between it and the next one.
VectorXd by_period(const IndexWeights& weights, const std::vector<Period>& times,
                   const PeriodRange& range) {
  VectorXd result = VectorXd::Zero(range.count);
  for (Eigen::Index j = 0; j < weights.weight.size(); ++j) {
    const auto i = static_cast<std::size_t>(weights.first + j);
    const auto gap = times[i + 1] - times[i];
    for (std::int64_t step = 1; step <= gap; ++step) {
      result(range.index_of(times[i] + step)) += weights.weight(j) / static_cast<double>(gap);
    }
  }
  return result;
}

// Where an event stands in time: its starts, and the periods after its ends.
struct Anchor {
  Period period;
  bool at_end = false;
};

std::vector<Anchor> anchors_of(const EventActivity& activity) {
  std::vector<Anchor> anchors;
  for (const Episode& episode : activity.episodes) {
    anchors.push_back({episode.start, false});
    if (episode.end) anchors.push_back({*episode.end, true});
  }
  return anchors;
}

bool fits(const DatedBreak& date, Period period, int delay) {
  return period <= date.high && period + delay >= date.low;
}

// An event as steps from the start of a sample; it is moved as a whole.
struct MovedEvent {
  std::vector<std::int64_t> anchors;  // the first is its own start
};

std::vector<MovedEvent> events_inside(const std::vector<NamedEvent>& events,
                                      const PeriodRange& sample) {
  std::vector<MovedEvent> result;
  for (const NamedEvent& event : events) {
    MovedEvent moved;
    bool inside = false;
    for (const Anchor& anchor : anchors_of(event.activity)) {
      inside = inside || sample.contains(anchor.period);
      moved.anchors.push_back(anchor.period - sample.first);
    }
    if (inside) result.push_back(std::move(moved));
  }
  return result;
}

struct CalendarScore {
  double score = 0;
  int matched = 0;
};

CalendarScore score_of(const std::vector<DatedBreak>& dates, const std::vector<MovedEvent>& events,
                       const PeriodRange& sample, int delay) {
  CalendarScore result;
  for (const DatedBreak& date : dates) {
    double best = 0;
    bool matched = false;
    for (const MovedEvent& event : events) {
      for (std::int64_t anchor : event.anchors) {
        const Period period = sample.first + anchor;
        if (!fits(date, period, delay)) continue;
        matched = true;
        best = std::max(best, date.weight_at(period, delay));
      }
    }
    result.score += best;
    result.matched += matched ? 1 : 0;
  }
  return result;
}

std::vector<MovedEvent> moved(const std::vector<MovedEvent>& events, std::int64_t count,
                              bool keep_spacing, const std::vector<double>& uniforms) {
  std::vector<MovedEvent> result = events;
  const auto n = static_cast<double>(count);
  for (std::size_t e = 0; e < result.size(); ++e) {
    const auto draw = static_cast<std::int64_t>(uniforms[keep_spacing ? 0 : e] * n);
    const std::int64_t by = draw - (keep_spacing ? 0 : result[e].anchors.front());
    for (std::int64_t& anchor : result[e].anchors) {
      anchor += by;
      if (keep_spacing) anchor = ((anchor % count) + count) % count;
    }
  }
  return result;
}

double proportion_error(double p, int count) {
  return std::sqrt(p * (1 - p) / count);
}

}  // namespace

double DatedBreak::weight_at(Period period, int delay) const {
  double sum = 0;
  for (int step = 0; step <= delay; ++step) {
    if (range.contains(period + step)) sum += weight(range.index_of(period + step));
  }
  return sum;
}

std::vector<DatedBreak> dated_breaks(const MatrixView& x, const VectorView& y,
                                     const std::vector<int>& last, const std::vector<Period>& times,
                                     const std::vector<DateSet>& sets, int min_segment) {
  std::vector<DatedBreak> dates;
  const int n = static_cast<int>(y.size());
  const PeriodRange range = range_between(times.front(), times.back());
  for (std::size_t b = 0; b < last.size(); ++b) {
    const int begin = b == 0 ? 0 : last[b - 1] + 1;
    const int end = b + 1 < last.size() ? last[b + 1] + 1 : n;
    const IndexWeights weights = index_weights(x, y, begin, end, min_segment);
    const int low = sets[b].runs.front().begin, high = sets[b].runs.back().end;
    const auto at = [&](int i) { return times[static_cast<std::size_t>(i)]; };
    dates.push_back({at(last[b]), at(last[b] + 1), at(low) + 1, at(high + 1), range,
                     by_period(weights, times, range)});
  }
  return dates;
}

std::vector<EventMatch> matching_events(const DatedBreak& date,
                                        const std::vector<NamedEvent>& events, int delay) {
  std::vector<EventMatch> matches;
  for (const NamedEvent& event : events) {
    std::optional<EventMatch> best;
    for (const Anchor& anchor : anchors_of(event.activity)) {
      if (!fits(date, anchor.period, delay)) continue;
      const double score = date.weight_at(anchor.period, delay);
      if (best && best->score >= score) continue;
      best = {event.id, anchor.at_end, anchor.period,
              static_cast<int>(date.first_after - anchor.period), score};
    }
    if (best) matches.push_back(*best);
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const EventMatch& a, const EventMatch& b) { return a.score > b.score; });
  return matches;
}

PlaceboRate placebo_rate(const std::vector<DatedBreak>& dates,
                         const std::vector<NamedEvent>& events, const PeriodRange& sample,
                         const PlaceboOptions& options) {
  PlaceboRate result;
  const std::vector<MovedEvent> inside = events_inside(events, sample);
  result.events = static_cast<int>(inside.size());
  const CalendarScore real = score_of(dates, inside, sample, options.delay);
  result.score = real.score;
  result.matched = real.matched;
  if (inside.empty() || dates.empty() || options.calendars < 1) return result;
  int as_good = 0, as_many = 0;
  std::vector<double> uniforms(inside.size());
  for (int c = 0; c < options.calendars; ++c) {
    fill_uniforms({options.seed, Purpose::placebo, 0}, static_cast<std::uint32_t>(c), uniforms);
    const CalendarScore placebo = score_of(
        dates, moved(inside, sample.count, options.keep_spacing, uniforms), sample, options.delay);
    as_good += placebo.score >= real.score - 1e-12 ? 1 : 0;
    as_many += placebo.matched >= real.matched ? 1 : 0;
  }
  result.rate = static_cast<double>(as_good) / options.calendars;
  result.matched_rate = static_cast<double>(as_many) / options.calendars;
  result.error = proportion_error(result.rate, options.calendars);
  result.matched_error = proportion_error(result.matched_rate, options.calendars);
  return result;
}

std::vector<BreakEffect> break_effects(const MatrixView& x, const VectorView& y,
                                       const std::vector<int>& last, const SegmentErrors& errors,
                                       const Transform& transform, const VectorXd& staying) {
  const SegmentedFit fit = fit_segments(x, y, last, errors);
  const std::vector<SegmentRows> rows = segment_rows(last, static_cast<int>(y.size()));
  std::vector<BreakEffect> effects;
  for (std::size_t b = 0; b < last.size(); ++b) {
    const VectorXd at = x.row(last[b] + 1).transpose();
    const auto segment = static_cast<Eigen::Index>(b);
    const double before = fit.coefficients.row(segment).dot(at);
    const double df = rows[b].rows + rows[b + 1].rows - 2.0 * static_cast<double>(x.cols());
    const double half = student_t_quantile(0.975, std::max(df, 1.0)) *
                        std::sqrt(at.dot((fit.covariance[b] + fit.covariance[b + 1]) * at));
    BreakEffect effect;
    effect.effect = fit.coefficients.row(segment + 1).dot(at) - before;
    effect.low = effect.effect - half;
    effect.high = effect.effect + half;
    const double level = before + (staying.size() > 0 ? staying(last[b] + 1) : 0);
    effect.before = transform.inverse(level);
    effect.after = transform.inverse(level + effect.effect);
    const auto per_cent = [&](double d) {
      const double base = transform.inverse(level);
      return base > 0 ? 100 * (transform.inverse(level + d) / base - 1) : kMissing;
    };
    effect.per_cent = per_cent(effect.effect);
    effect.per_cent_low = per_cent(effect.low);
    effect.per_cent_high = per_cent(effect.high);
    effects.push_back(effect);
  }
  return effects;
}

}  // namespace amnok
