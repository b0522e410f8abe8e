#include "models/structural_break/partial_break_tests.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

namespace {

// Wald statistic of the changes at breaks first .. first + count - 1 of `last`.
double wald(const PartialBreakSearch& problem, const std::vector<int>& last, std::size_t first,
            std::size_t count, const SegmentErrors& errors) {
  const PartialBreakFit fit = fit_partial_breaks(problem, last, errors);
  const auto p = problem.common.cols(), q = problem.changing.cols();
  const auto k = static_cast<Eigen::Index>(count), from = static_cast<Eigen::Index>(first);
  MatrixXd r = MatrixXd::Zero(k * q, fit.covariance.cols());
  VectorXd difference(k * q);
  for (Eigen::Index i = 0; i < k; ++i) {
    r.block(i * q, p + (from + i) * q, q, q) = -MatrixXd::Identity(q, q);
    r.block(i * q, p + (from + i + 1) * q, q, q) = MatrixXd::Identity(q, q);
    difference.segment(i * q, q) =
        (fit.coefficients.row(from + i + 1) - fit.coefficients.row(from + i)).transpose();
  }
  const MatrixXd covariance = r * fit.covariance * r.transpose();
  return difference.dot(covariance.ldlt().solve(difference));
}

// (n - p - (m + 1) q) / n.
double degrees(const PartialBreakSearch& problem, std::size_t breaks) {
  const auto n = static_cast<double>(problem.y.size());
  const auto coefficients =
      problem.common.cols() + static_cast<Eigen::Index>(breaks + 1) * problem.changing.cols();
  return (n - static_cast<double>(coefficients)) / n;
}

}  // namespace

double sup_f_at(const PartialBreakSearch& problem, const std::vector<int>& last,
                const SegmentErrors& errors) {
  AMNOK_CHECK(!last.empty(), "breaks {}", last.size());
  return degrees(problem, last.size()) / static_cast<double>(last.size()) *
         wald(problem, last, 0, last.size(), errors);
}

InsertedBreak best_inserted_break(const PartialBreakSearch& problem, const std::vector<int>& last,
                                  const SegmentErrors& errors) {
  InsertedBreak best;
  for (const int split : inserted_breaks(problem, last)) {
    std::vector<int> more = last;
    const auto place = std::upper_bound(more.begin(), more.end(), split) - more.begin();
    more.insert(more.begin() + place, split);
    const double f = degrees(problem, more.size()) *
                     wald(problem, more, static_cast<std::size_t>(place), 1, errors);
    if (best.last < 0 || f > best.statistic) best = {f, split};
  }
  return best;
}

BaiPerronTests bai_perron_tests(const PartialBreakSearch& problem, const PartitionFit& fit,
                                const SegmentErrors& errors) {
  BaiPerronTests tests;
  for (std::size_t k = 1; k < fit.best.size(); ++k) {
    tests.sup_f.push_back(sup_f_at(problem, fit.best[k].last, errors));
    tests.sequential.push_back(
        best_inserted_break(problem, fit.best[k - 1].last, errors).statistic);
  }
  if (!tests.sup_f.empty()) {
    tests.udmax = *std::max_element(tests.sup_f.begin(), tests.sup_f.end());
  }
  return tests;
}

SequentialBreaks sequential_breaks(const PartialBreakSearch& problem, double trimming, double level,
                                   const SegmentErrors& errors) {
  const auto one_more = [&](const std::vector<int>& last) {
    return best_inserted_break(problem, last, errors);
  };
  return sequential_breaks(one_more, static_cast<int>(problem.changing.cols()), problem.max_breaks,
                           trimming, level);
}

FPath f_path(const PartialBreakSearch& problem, const FPathOptions& options) {
  const int n = static_cast<int>(problem.y.size()), q = static_cast<int>(problem.changing.cols());
  VectorXd f;
  if (options.errors == Errors::classical) {
    double none = 0;
    const Eigen::ArrayXd split = partial_split_rss(problem, options.first, options.last, none);
    f = n * degrees(problem, 1) * (none - split) / split;
  } else {
    SegmentErrors errors;
    errors.errors = options.errors;
    errors.prewhiten = options.prewhiten;
    f.resize(options.last - options.first + 1);
    for (int i = options.first; i <= options.last; ++i) {
      f(i - options.first) = wald(problem, {i - 1}, 0, 1, errors);
    }
  }
  return summarised_path(f, options.first, n, q);
}

BreakAnalysis analyse_breaks(const PartialBreakSearch& problem, const PartitionFit& fit) {
  BreakAnalysis analysis;
  const auto n = static_cast<double>(problem.y.size()),
             p = static_cast<double>(problem.common.cols());
  for (std::size_t m = 0; m < fit.best.size(); ++m) {
    // Given the common coefficients the changing ones are a pure change with the same residuals.
    const VectorXd b = fit_partial_breaks(problem, fit.best[m].last, {}).common;
    const PartitionSearch pure = {problem.changing, problem.y - problem.common * b,
                                  problem.min_segment, problem.max_breaks};
    const BreakAnalysis all = analyse_breaks(pure, fit);
    const double used =
        p + static_cast<double>((m + 1) * static_cast<std::size_t>(problem.changing.cols()) + m);
    analysis.bic.push_back(all.bic[m] + std::log(n) * p);
    analysis.lwz.push_back(all.lwz[m] + 0.299 * std::pow(std::log(n), 2.1) * p / n);
    analysis.lwz_df.push_back(used < n ? analysis.lwz.back() + std::log(n / (n - used)) : kMissing);
    analysis.kt.push_back(all.kt[m] + std::log(n) * p);
  }
  analysis.min_segment = problem.min_segment;
  analysis.partitions = fit.best;
  choose_breaks(analysis);
  return analysis;
}

}  // namespace amnok
