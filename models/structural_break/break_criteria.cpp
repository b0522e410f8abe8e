#include "models/structural_break/break_criteria.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/solver/linear_least_squares.h"
#include "models/structural_break/segment_covariance.h"

namespace amnok {

namespace {

// What rounding leaves of an exact regression is nothing that a further break could explain.
double no_less_than_rounding(double rss, const VectorView& y) {
  return std::max(rss, kRounding * y.squaredNorm());
}

double kt(const PartitionSearch& problem, const Partition& partition) {
  const auto n = static_cast<double>(problem.y.size()), k = static_cast<double>(problem.x.cols());
  double value = 2 * static_cast<double>(partition.last.size() + 1) * std::log(n);
  for (const SegmentRows& part : segment_rows(partition.last, static_cast<int>(problem.y.size()))) {
    const LinearFit fit = solve(LinearLeastSquares{problem.x.middleRows(part.begin, part.rows),
                                                   problem.y.segment(part.begin, part.rows)});
    const double rss = no_less_than_rounding(fit.rss, problem.y.segment(part.begin, part.rows));
    value += part.rows * std::log(rss / part.rows) + k * std::log(part.rows);
  }
  return value;
}

// NaN never wins.
int smallest(const std::vector<double>& values) {
  std::size_t best = 0;
  for (std::size_t m = 1; m < values.size(); ++m) {
    if (values[m] < values[best] || std::isnan(values[best])) best = m;
  }
  return static_cast<int>(best);
}

}  // namespace

BreakAnalysis analyse_breaks(const PartitionSearch& problem, const PartitionFit& fit) {
  BreakAnalysis analysis;
  analysis.min_segment = problem.min_segment;
  analysis.partitions = fit.best;
  const auto n = static_cast<double>(problem.y.size()), k = static_cast<double>(problem.x.cols());
  for (std::size_t m = 0; m < fit.best.size(); ++m) {
    const double rss = no_less_than_rounding(fit.best[m].rss, problem.y);
    const auto breaks = static_cast<double>(m);
    const double p = (breaks + 1) * k + breaks;
    const double penalty = 0.299 * std::pow(std::log(n), 2.1) * p / n;
    analysis.bic.push_back(n * (std::log(rss / n) + 1 + std::log(2 * std::numbers::pi)) +
                           std::log(n) * (p + 1));
    analysis.lwz.push_back(std::log(rss / n) + penalty);
    analysis.lwz_df.push_back(p < n ? std::log(rss / (n - p)) + penalty : kMissing);
    analysis.kt.push_back(kt(problem, fit.best[m]));
  }
  choose_breaks(analysis);
  return analysis;
}

void choose_breaks(BreakAnalysis& analysis) {
  analysis.breaks_by_bic = smallest(analysis.bic);
  analysis.breaks_by_lwz = smallest(analysis.lwz);
  analysis.breaks_by_lwz_df = smallest(analysis.lwz_df);
  analysis.breaks_by_kt = smallest(analysis.kt);
}

}  // namespace amnok
