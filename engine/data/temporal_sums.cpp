#include "engine/data/temporal_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace amnok {

namespace {

bool contains_all(const std::vector<Period>& whole, const std::vector<Period>& parts) {
  return std::includes(whole.begin(), whole.end(), parts.begin(), parts.end());
}

std::string name_of(const PublishedSum& sum) {
  return format_period(sum.first) + ".." + format_period(sum.last);
}

// What a published sum says beyond the single figures: the parts without one, and their total.
TemporalSum remainder_of(const PublishedSum& published, const Series& series) {
  TemporalSum rest;
  rest.value = published.value;
  double variance = published.sd * published.sd;
  std::vector<std::string> taken;
  for (Period t = published.first; t <= published.last; t = t + 1) {
    const double known = series.at(t);
    if (std::isnan(known)) {
      rest.parts.push_back(t);
      continue;
    }
    rest.value -= known;
    taken.push_back(format_period(t));
    if (series.measurement_sd.size() > 0) {
      variance += std::pow(series.measurement_sd(t - series.first), 2);
    }
  }
  rest.sd = std::sqrt(variance);
  rest.where = published.where;
  rest.origin = name_of(published);
  if (!taken.empty()) {
    rest.origin += taken.size() <= 3 ? " less " + join(taken, ", ")
                                     : fmt::format(" less {} known periods", taken.size());
  }
  return rest;
}

}  // namespace

SumsResult use_published_sums(const Series& series, std::vector<PublishedSum> published) {
  SumsResult result;
  std::stable_sort(published.begin(), published.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.last, b.first, a.sd) < std::tuple(b.last, a.first, b.sd);
  });
  for (const PublishedSum& sum : published) {
    TemporalSum rest = remainder_of(sum, series);
    const std::string place = fmt::format("{}:{}", sum.where.file, sum.where.line);
    if (rest.parts.empty()) {
      if (std::fabs(rest.value) > 0.02 * std::fabs(sum.value) + 3 * rest.sd) {
        result.notes.push_back(
            fmt::format("{}: the published sum of {} for {} is {}, but its parts sum to {}", place,
                        series.name, name_of(sum), format_significant(sum.value, 6),
                        format_significant(sum.value - rest.value, 6)));
      }
      continue;
    }
    // A more exact figure for the same periods replaces an earlier one (198 by 215.3 less 18.031).
    const auto same = std::find_if(result.sums.begin(), result.sums.end(),
                                   [&](const auto& used) { return used.parts == rest.parts; });
    if (same != result.sums.end()) {
      if (rest.sd < same->sd) *same = std::move(rest);
      continue;
    }
    for (const TemporalSum& used : result.sums) {
      if (!contains_all(rest.parts, used.parts)) continue;
      std::vector<Period> left;
      std::set_difference(rest.parts.begin(), rest.parts.end(), used.parts.begin(),
                          used.parts.end(), std::back_inserter(left));
      rest.parts = left;
      rest.value -= used.value;
      rest.sd = std::hypot(rest.sd, used.sd);
      rest.origin += fmt::format(" less the sum of {}..{}", format_period(used.parts.front()),
                                 format_period(used.parts.back()));
    }
    if (rest.parts.empty()) continue;
    const bool overlaps =
        std::any_of(result.sums.begin(), result.sums.end(), [&](const TemporalSum& used) {
          return std::any_of(used.parts.begin(), used.parts.end(), [&](Period t) {
            return std::binary_search(rest.parts.begin(), rest.parts.end(), t);
          });
        });
    if (overlaps) continue;
    if (rest.value <= 0 || rest.sd > 0.25 * rest.value) {
      result.notes.push_back(fmt::format(
          "{}: the sum of {} for {} leaves {} ± {}, too vague to use", place, series.name,
          name_of(sum), format_significant(rest.value, 4), format_significant(rest.sd, 2)));
      continue;
    }
    result.sums.push_back(std::move(rest));
  }
  return result;
}

}  // namespace amnok
