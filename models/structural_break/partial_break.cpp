#include "models/structural_break/partial_break.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/solver/covariance.h"

namespace amnok {

namespace {

constexpr int kMostIterations = 100;

// Sums of squares at any dates in time that does not depend on n: cross products of all columns up
// to each observation, the regressors orthogonal over the sample so that differences are harmless.
class PartialRss {
 public:
  explicit PartialRss(const PartialBreakSearch& problem)
      : n_(static_cast<int>(problem.y.size())),
        p_(problem.common.cols()),
        q_(problem.changing.cols()) {
    MatrixXd columns(n_, q_ + p_ + 1);
    columns << orthogonal(problem.changing), orthogonal(problem.common), problem.y;
    scale_ = problem.y.squaredNorm();
    if (scale_ > 0) columns.rightCols(1) /= std::sqrt(scale_);
    sums_.assign(static_cast<std::size_t>(n_) + 1, MatrixXd::Zero(q_ + p_ + 1, q_ + p_ + 1));
    for (int t = 0; t < n_; ++t) {
      sums_[static_cast<std::size_t>(t) + 1] = sums_[static_cast<std::size_t>(t)];
      sums_[static_cast<std::size_t>(t) + 1].noalias() +=
          columns.row(t).transpose() * columns.row(t);
    }
  }

  // Of the common regressors and y, what the changing ones of rows begin .. end - 1 leave.
  MatrixXd left(int begin, int end) const {
    const MatrixXd all =
        sums_[static_cast<std::size_t>(end)] - sums_[static_cast<std::size_t>(begin)];
    const auto zz = all.topLeftCorner(q_, q_);
    const auto zw = all.topRightCorner(q_, p_ + 1);
    return all.bottomRightCorner(p_ + 1, p_ + 1) -
           zw.transpose() * MatrixXd(zz).completeOrthogonalDecomposition().solve(MatrixXd(zw));
  }

  double rss(const MatrixXd& left) const {
    if (p_ == 0) return scale_ * left(0, 0);
    const VectorXd xy = left.topRightCorner(p_, 1);
    const VectorXd b = MatrixXd(left.topLeftCorner(p_, p_)).ldlt().solve(xy);
    return scale_ * (left(p_, p_) - xy.dot(b));
  }

  double rss(const std::vector<int>& last) const {
    MatrixXd sum = MatrixXd::Zero(p_ + 1, p_ + 1);
    for (const SegmentRows& part : segment_rows(last, n_)) {
      sum += left(part.begin, part.begin + part.rows);
    }
    return rss(sum);
  }

 private:
  static MatrixXd orthogonal(const MatrixXd& x) {
    if (x.cols() == 0) return x;
    const Eigen::HouseholderQR<MatrixXd> qr(x);
    return qr.householderQ() * MatrixXd::Identity(x.rows(), x.cols());
  }

  int n_;
  Eigen::Index p_, q_;
  double scale_ = 0;
  std::vector<MatrixXd> sums_;
};

// (x, z in the rows of their segment, zero elsewhere).
MatrixXd segmented_regressors(const PartialBreakSearch& problem, const std::vector<int>& last) {
  const auto p = problem.common.cols(), q = problem.changing.cols();
  const std::vector<SegmentRows> parts = segment_rows(last, static_cast<int>(problem.y.size()));
  MatrixXd w = MatrixXd::Zero(problem.y.size(), p + q * static_cast<Eigen::Index>(parts.size()));
  w.leftCols(p) = problem.common;
  for (std::size_t j = 0; j < parts.size(); ++j) {
    w.block(parts[j].begin, p + q * static_cast<Eigen::Index>(j), parts[j].rows, q) =
        problem.changing.middleRows(parts[j].begin, parts[j].rows);
  }
  return w;
}

// The best place of break i between its neighbours, all else at `last`; true when it moves.
bool move_break(const PartialRss& rss, std::vector<int>& last, std::size_t i, int n, int h,
                double& best) {
  const int begin = i == 0 ? 0 : last[i - 1] + 1;
  const int end = i + 1 < last.size() ? last[i + 1] + 1 : n;
  const std::vector<SegmentRows> parts = segment_rows(last, n);
  MatrixXd others;
  for (std::size_t j = 0; j < parts.size(); ++j) {
    if (j == i || j == i + 1) continue;
    const MatrixXd part = rss.left(parts[j].begin, parts[j].begin + parts[j].rows);
    others = others.size() == 0 ? part : MatrixXd(others + part);
  }
  const int before = last[i];
  for (int split = begin + h - 1; split + h < end; ++split) {
    MatrixXd sum = rss.left(begin, split + 1) + rss.left(split + 1, end);
    if (others.size() > 0) sum += others;
    const double value = rss.rss(sum);
    if (value < best * (1 - 1e-12)) {
      best = value;
      last[i] = split;
    }
  }
  return last[i] != before;
}

// Dates given b, b given dates, from `last`; then single moves.
Partition descend(const PartialBreakSearch& problem, const PartialRss& rss, std::vector<int> last) {
  const int n = static_cast<int>(problem.y.size()), m = static_cast<int>(last.size());
  double best = rss.rss(last);
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    const PartialBreakFit fit = fit_partial_breaks(problem, last, {});
    const PartitionFit given = solve(PartitionSearch{
        problem.changing, problem.y - problem.common * fit.common, problem.min_segment, m});
    const std::vector<int>& next = given.best.back().last;
    const double value = rss.rss(next);
    if (!(value < best * (1 - 1e-12))) break;
    best = value;
    last = next;
  }
  for (int sweep = 0; sweep < kMostIterations; ++sweep) {
    bool moved = false;
    for (std::size_t i = 0; i < last.size(); ++i) {
      moved = move_break(rss, last, i, n, problem.min_segment, best) || moved;
    }
    if (!moved) break;
  }
  return {last, best};
}

// A further break in the longest segment that has room for one; empty when none has.
std::vector<int> with_one_more(const std::vector<int>& last, int n, int h) {
  SegmentRows longest;
  for (const SegmentRows& part : segment_rows(last, n)) {
    if (part.rows > longest.rows) longest = part;
  }
  if (longest.rows < 2 * h) return {};
  std::vector<int> more = last;
  more.push_back(longest.begin + longest.rows / 2 - 1);
  std::sort(more.begin(), more.end());
  return more;
}

// The dates to start from with m breaks.
std::vector<std::vector<int>> starts(const PartialBreakSearch& problem, const PartitionFit& pure,
                                     const PartitionFit& at_no_break,
                                     const std::vector<Partition>& fewer, std::size_t m) {
  std::vector<std::vector<int>> result = {at_no_break.best[m].last};
  if (m < pure.best.size()) result.push_back(pure.best[m].last);
  const int n = static_cast<int>(problem.y.size());
  const std::vector<int> more = with_one_more(fewer.back().last, n, problem.min_segment);
  if (!more.empty()) result.push_back(more);
  return result;
}

}  // namespace

PartitionFit solve(const PartialBreakSearch& problem) {
  const int n = static_cast<int>(problem.y.size()), h = problem.min_segment;
  AMNOK_CHECK(
      h > problem.changing.cols() && problem.changing.rows() == n && problem.common.rows() == n,
      "min_segment {}, q {}, n {}", h, problem.changing.cols(), n);
  PartitionFit fit;
  if (n < h) return fit;
  const PartialRss rss(problem);
  const LinearFit none = solve(LinearLeastSquares{segmented_regressors(problem, {}), problem.y});
  fit.best.push_back({{}, none.rss});
  const VectorXd b = none.coefficients.head(problem.common.cols());
  const PartitionFit at_no_break = solve(
      PartitionSearch{problem.changing, problem.y - problem.common * b, h, problem.max_breaks});
  MatrixXd all(n, problem.common.cols() + problem.changing.cols());
  all << problem.common, problem.changing;
  const int pure_segment = std::max(h, static_cast<int>(all.cols()) + 1);
  const PartitionFit pure =
      solve(PartitionSearch{all, problem.y, pure_segment, problem.max_breaks});
  for (std::size_t m = 1; m < at_no_break.best.size(); ++m) {
    Partition best{{}, INFINITY};
    for (const std::vector<int>& start : starts(problem, pure, at_no_break, fit.best, m)) {
      const Partition found = descend(problem, rss, start);
      if (found.rss < best.rss) best = found;
    }
    best.rss = fit_partial_breaks(problem, best.last, {}).rss;
    fit.best.push_back(best);
  }
  return fit;
}

PartialBreakFit fit_partial_breaks(const PartialBreakSearch& problem, const std::vector<int>& last,
                                   const SegmentErrors& errors) {
  const auto p = problem.common.cols(), q = problem.changing.cols(), n = problem.y.size();
  const MatrixXd w = segmented_regressors(problem, last);
  const LinearFit fit = solve(LinearLeastSquares{w, problem.y});
  PartialBreakFit result;
  result.common = fit.coefficients.head(p);
  result.coefficients = Eigen::Map<const MatrixXd>(fit.coefficients.data() + p, q,
                                                   static_cast<Eigen::Index>(last.size()) + 1)
                            .transpose();
  result.residuals = fit.residuals;
  result.rss = fit.rss;
  if (errors.errors == Errors::classical && !errors.segment_variances) {
    result.covariance = fit.rss / static_cast<double>(n) * fit.xtx_inverse;
    return result;
  }
  const MatrixXd scores = regression_scores(w, fit.residuals);
  if (!errors.segment_variances) {
    const MatrixXd omega = score_covariance(scores, errors.errors, errors.prewhiten);
    result.covariance = sandwich(fit.xtx_inverse, static_cast<double>(n) * omega);
    return result;
  }
  MatrixXd meat = MatrixXd::Zero(w.cols(), w.cols());
  std::size_t j = 0;
  for (const SegmentRows& part : segment_rows(last, static_cast<int>(n))) {
    // Only the common columns and the segment's own are not zero in its rows.
    const auto own = p + q * static_cast<Eigen::Index>(j++);
    const auto put = [&](const MatrixXd& block) {
      meat.topLeftCorner(p, p) += block.topLeftCorner(p, p);
      meat.block(own, own, q, q) += block.bottomRightCorner(q, q);
      meat.block(0, own, p, q) += block.topRightCorner(p, q);
      meat.block(own, 0, q, p) += block.bottomLeftCorner(q, p);
    };
    MatrixXd rows(part.rows, p + q);
    rows << w.block(part.begin, 0, part.rows, p), w.block(part.begin, own, part.rows, q);
    const auto e = fit.residuals.segment(part.begin, part.rows);
    if (errors.errors == Errors::classical) {
      put(e.squaredNorm() / part.rows * rows.transpose() * rows);
    } else {
      put(part.rows *
          score_covariance(regression_scores(rows, e), errors.errors, errors.prewhiten));
    }
  }
  result.covariance = sandwich(fit.xtx_inverse, meat);
  return result;
}

std::vector<int> inserted_breaks(const PartialBreakSearch& problem, const std::vector<int>& last) {
  const PartialRss rss(problem);
  const int n = static_cast<int>(problem.y.size()), h = problem.min_segment;
  std::vector<int> result;
  std::size_t i = 0;
  for (const SegmentRows& part : segment_rows(last, n)) {
    const auto place = static_cast<std::ptrdiff_t>(i++);
    if (part.rows < 2 * h) continue;
    std::vector<int> more = last;
    more.insert(more.begin() + place, part.begin + h - 1);
    double best = INFINITY;
    move_break(rss, more, static_cast<std::size_t>(place), n, h, best);
    result.push_back(more[static_cast<std::size_t>(place)]);
  }
  return result;
}

std::vector<int> repartitioned(const PartialBreakSearch& problem, const std::vector<int>& last) {
  const PartialRss rss(problem);
  std::vector<int> result = last;
  for (std::size_t i = 0; i < last.size(); ++i) {
    std::vector<int> moved = last;
    double best = rss.rss(last);
    move_break(rss, moved, i, static_cast<int>(problem.y.size()), problem.min_segment, best);
    result[i] = moved[i];
  }
  return result;
}

VectorXd partial_split_rss(const PartialBreakSearch& problem, int first, int last,
                           double& rss_without) {
  const auto n = static_cast<int>(problem.y.size());
  AMNOK_CHECK(1 <= first && first <= last && last < n, "candidates {}..{}, n {}", first, last, n);
  const PartialRss rss(problem);
  rss_without = rss.rss(std::vector<int>{});
  VectorXd split(last - first + 1);
  for (int i = first; i <= last; ++i) split(i - first) = rss.rss({i - 1});
  return split;
}

}  // namespace amnok
