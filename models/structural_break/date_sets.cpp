#include "models/structural_break/date_sets.h"

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <cmath>

#include "engine/base/check.h"
#include "engine/solver/partition_search.h"
#include "models/structural_break/f_tests.h"

namespace amnok {

namespace {

constexpr double kNever = -INFINITY;  // the log of zero

double log_sum(const VectorXd& logs) {
  const double largest = logs.maxCoeff();
  return largest == kNever ? kNever : largest + std::log((logs.array() - largest).exp().sum());
}

double error_variance(const MatrixView& x, const VectorView& y, const std::vector<int>& last,
                      const SegmentErrors& errors) {
  const auto n = static_cast<double>(y.size());
  const double rss = fit_segments(x, y, last, {}).residuals.squaredNorm();
  const double s2 =
      rss / std::max(n - static_cast<double>(last.size() + 1) * static_cast<double>(x.cols()), 1.0);
  if (errors.errors == Errors::classical || last.empty()) return s2;
  double sum = 0;
  for (const BreakLimit& limit : break_limits(x, y, last, errors)) {
    sum += 0.5 * (limit.phi1 * limit.phi1 + limit.phi2 * limit.phi2);
  }
  const double variance = sum / static_cast<double>(last.size());
  return variance > 0 ? variance : s2;
}

// forward[m](j): log of the sum over partitions of observations 0 .. j with m breaks.
std::vector<VectorXd> forward_sums(const SegmentTable& table, int breaks, int h, double v) {
  const int n = table.size();
  std::vector<VectorXd> forward(static_cast<std::size_t>(breaks) + 1,
                                VectorXd::Constant(n, kNever));
  for (int j = h - 1; j < n; ++j) forward[0](j) = -table.at(0, j) / (2 * v);
  for (std::size_t m = 1; m < forward.size(); ++m) {
    for (int j = 2 * h - 1; j < n; ++j) {
      VectorXd terms(j - 2 * h + 2);
      for (int i = h - 1; i + h <= j; ++i) {
        terms(i - h + 1) = forward[m - 1](i) - table.at(i + 1, j) / (2 * v);
      }
      forward[m](j) = log_sum(terms);
    }
  }
  return forward;
}

// The break before a segment that ends at j, from one uniform.
int draw_break(const SegmentTable& table, const VectorXd& forward, int j, int h, double v,
               double uniform) {
  VectorXd logs(j - 2 * h + 2);
  for (int i = h - 1; i + h <= j; ++i) logs(i - h + 1) = forward(i) - table.at(i + 1, j) / (2 * v);
  const VectorXd weights = (logs.array() - logs.maxCoeff()).exp();
  double left = uniform * weights.sum();
  Eigen::Index at = 0, fallback = 0;
  weights.maxCoeff(&fallback);
  for (; at < weights.size(); ++at) {
    left -= weights(at);
    if (left < 0) break;
  }
  return h - 1 + static_cast<int>(at < weights.size() ? at : fallback);
}

}  // namespace

int DateSet::dates() const {
  int count = 0;
  for (const DateRun& run : runs) count += run.end - run.begin + 1;
  return count;
}

bool DateSet::contains(int index) const {
  return std::any_of(runs.begin(), runs.end(),
                     [&](const DateRun& run) { return run.begin <= index && index <= run.end; });
}

double likelihood_ratio_critical_value(double level, double ratio1, double ratio2) {
  if (!(ratio1 > 0 && ratio2 > 0) || !std::isfinite(ratio1 + ratio2)) return kMissing;
  const auto excess = [&](double c) {
    return std::expm1(-c / (2 * ratio1)) * std::expm1(-c / (2 * ratio2)) - level;
  };
  double high = 8 * std::max(ratio1, ratio2);
  while (excess(high) < 0) high *= 2;
  boost::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(
      excess, 0.0, high, boost::math::tools::eps_tolerance<double>(45), iterations);
  return 0.5 * (a + b);
}

std::vector<DateSet> likelihood_ratio_sets(const MatrixView& x, const VectorView& y,
                                           const std::vector<int>& last, int min_segment,
                                           const BreakIntervalOptions& options) {
  const int n = static_cast<int>(y.size());
  const double rss = fit_segments(x, y, last, {}).residuals.squaredNorm(), s2 = rss / n;
  const std::vector<BreakLimit> limits = break_limits(x, y, last, options.errors);
  std::vector<DateSet> sets;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const int begin = i == 0 ? 0 : last[i - 1] + 1;
    const int rows = (i + 1 < last.size() ? last[i + 1] + 1 : n) - begin;
    DateSet set;
    set.last = last[i];
    const double phi1 = limits[i].phi1 * limits[i].phi1, phi2 = limits[i].phi2 * limits[i].phi2;
    set.critical = likelihood_ratio_critical_value(options.level, phi1 / s2, phi2 / s2);
    const int first = std::min(min_segment, last[i] - begin + 1);
    const int final = std::max(rows - min_segment, last[i] - begin + 1);
    const VectorXd split =
        split_rss(x.middleRows(begin, rows), y.segment(begin, rows), first, final);
    const double at_estimate = split(last[i] - begin + 1 - first);
    for (Eigen::Index c = 0; c < split.size(); ++c) {
      const int index = begin + first + static_cast<int>(c) - 1;
      const double ratio = n * std::log1p((split(c) - at_estimate) / rss);
      if (!(ratio <= set.critical) && index != last[i]) continue;
      if (set.runs.empty() || set.runs.back().end + 1 < index) set.runs.push_back({index, index});
      set.runs.back().end = index;
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

Eigen::MatrixXi draw_break_dates(const MatrixView& x, const VectorView& y,
                                 const std::vector<int>& last, int min_segment,
                                 const SegmentErrors& errors, const StreamKey& key, int draws) {
  const auto m = last.size();
  const int n = static_cast<int>(y.size()), h = min_segment;
  AMNOK_CHECK(h > x.cols() && static_cast<int>(m + 1) * h <= n, "min_segment {}, breaks {}, n {}",
              h, m, n);
  Eigen::MatrixXi dates(static_cast<Eigen::Index>(m), draws);
  if (m == 0) return dates;
  const double v = error_variance(x, y, last, errors);
  if (!(v > 0)) {  // an exact fit leaves nothing to draw
    for (std::size_t i = 0; i < m; ++i)
      dates.row(static_cast<Eigen::Index>(i)).setConstant(last[i]);
    return dates;
  }
  const SegmentTable table(x, y, h);
  const std::vector<VectorXd> forward = forward_sums(table, static_cast<int>(m) - 1, h, v);
  std::vector<double> uniforms(m);
  for (int r = 0; r < draws; ++r) {
    fill_uniforms(key, static_cast<std::uint32_t>(r), uniforms);
    int j = n - 1;
    for (std::size_t i = m; i-- > 0;) {
      j = draw_break(table, forward[i], j, h, v, uniforms[i]);
      dates(static_cast<Eigen::Index>(i), r) = j;
    }
  }
  return dates;
}

}  // namespace amnok
