#include "models/structural_break/bai_perron_tests.h"

#include <Eigen/Cholesky>
#include <algorithm>

#include "engine/base/check.h"
#include "engine/solver/linear_least_squares.h"
#include "models/structural_break/f_tests.h"

namespace amnok {

namespace {

// The last observation before the best split of observations begin .. begin + rows - 1.
int best_split(const MatrixView& x, const VectorView& y, const SegmentRows& part, int min_segment) {
  const VectorXd rss =
      split_rss(x.middleRows(part.begin, part.rows), y.segment(part.begin, part.rows), min_segment,
                part.rows - min_segment);
  Eigen::Index at = 0;
  rss.minCoeff(&at);
  return part.begin + min_segment + static_cast<int>(at) - 1;
}

// Nothing but rounding errors is left that a break could explain.
bool is_exact(const MatrixView& x, const VectorView& y) {
  return solve(LinearLeastSquares{x, y}).rss <= kRounding * y.squaredNorm();
}

}  // namespace

double sup_f_at(const MatrixView& x, const VectorView& y, const std::vector<int>& last,
                const SegmentErrors& errors) {
  AMNOK_CHECK(!last.empty(), "breaks {}", last.size());
  const SegmentedFit fit = fit_segments(x, y, last, errors);
  const auto k = static_cast<Eigen::Index>(last.size()), q = x.cols();
  VectorXd difference(k * q);
  MatrixXd covariance = MatrixXd::Zero(k * q, k * q);
  for (Eigen::Index i = 0; i < k; ++i) {
    const MatrixXd &before = fit.covariance[static_cast<std::size_t>(i)],
                   &after = fit.covariance[static_cast<std::size_t>(i) + 1];
    difference.segment(i * q, q) =
        (fit.coefficients.row(i + 1) - fit.coefficients.row(i)).transpose();
    covariance.block(i * q, i * q, q, q) = before + after;
    if (i > 0) {
      covariance.block(i * q, (i - 1) * q, q, q) = -before;
      covariance.block((i - 1) * q, i * q, q, q) = -before;
    }
  }
  const auto n = static_cast<double>(y.size()), breaks = static_cast<double>(k);
  const double df = n - (breaks + 1) * static_cast<double>(q);
  return df / (n * breaks) * difference.dot(covariance.ldlt().solve(difference));
}

InsertedBreak best_inserted_break(const MatrixView& x, const VectorView& y,
                                  const std::vector<int>& last, int min_segment,
                                  const SegmentErrors& errors) {
  InsertedBreak best;
  for (const SegmentRows& part : segment_rows(last, static_cast<int>(y.size()))) {
    if (part.rows < 2 * min_segment) continue;
    if (is_exact(x.middleRows(part.begin, part.rows), y.segment(part.begin, part.rows))) continue;
    const int split = best_split(x, y, part, min_segment);
    const double f = sup_f_at(x.middleRows(part.begin, part.rows), y.segment(part.begin, part.rows),
                              {split - part.begin}, errors);
    if (best.last < 0 || f > best.statistic) best = {f, split};
  }
  return best;
}

BaiPerronTests bai_perron_tests(const PartitionSearch& search, const PartitionFit& fit,
                                const SegmentErrors& errors) {
  BaiPerronTests tests;
  for (std::size_t k = 1; k < fit.best.size(); ++k) {
    tests.sup_f.push_back(sup_f_at(search.x, search.y, fit.best[k].last, errors));
    tests.sequential.push_back(
        best_inserted_break(search.x, search.y, fit.best[k - 1].last, search.min_segment, errors)
            .statistic);
  }
  if (!tests.sup_f.empty()) {
    tests.udmax = *std::max_element(tests.sup_f.begin(), tests.sup_f.end());
  }
  return tests;
}

CriticalValue BaiPerronTests::wdmax(double trimming, double level, int q) const {
  CriticalValue largest;
  const auto critical = [&](std::size_t k) {
    return bai_perron_critical_value(BaiPerronStatistic::sup_f, trimming, level, q,
                                     static_cast<int>(k));
  };
  if (sup_f.empty()) return {kMissing, "no break fits into the sample"};
  const CriticalValue one = critical(1);
  for (std::size_t k = 1; k <= sup_f.size(); ++k) {
    const CriticalValue c = critical(k);
    if (!c.words.empty()) return c;
    const double weighted = one.value / c.value * sup_f[k - 1];
    if (!(weighted <= largest.value)) largest.value = weighted;
  }
  return largest;
}

SequentialBreaks sequential_breaks(const PartitionSearch& search, double trimming, double level,
                                   const SegmentErrors& errors) {
  const auto one_more = [&](const std::vector<int>& last) {
    return best_inserted_break(search.x, search.y, last, search.min_segment, errors);
  };
  return sequential_breaks(one_more, static_cast<int>(search.x.cols()), search.max_breaks, trimming,
                           level);
}

SequentialBreaks sequential_breaks(
    const std::function<InsertedBreak(const std::vector<int>&)>& one_more, int coefficients,
    int max_breaks, double trimming, double level) {
  SequentialBreaks result;
  while (static_cast<int>(result.last.size()) < max_breaks) {
    const InsertedBreak next = one_more(result.last);
    if (next.last < 0) break;
    const CriticalValue critical =
        bai_perron_critical_value(BaiPerronStatistic::sequential, trimming, level, coefficients,
                                  static_cast<int>(result.last.size()));
    result.words = critical.words;
    if (!(next.statistic >= critical.value)) break;
    result.last.insert(std::upper_bound(result.last.begin(), result.last.end(), next.last),
                       next.last);
  }
  return result;
}

std::vector<int> repartitioned(const PartitionSearch& search, const std::vector<int>& last) {
  const int n = static_cast<int>(search.y.size());
  std::vector<int> result;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const int begin = i == 0 ? 0 : last[i - 1] + 1;
    const int end = i + 1 < last.size() ? last[i + 1] + 1 : n;
    result.push_back(best_split(search.x, search.y, {begin, end - begin}, search.min_segment));
  }
  return result;
}

}  // namespace amnok
