#include "models/structural_break/segment_covariance.h"

#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

std::vector<SegmentRows> segment_rows(const std::vector<int>& last, int n) {
  std::vector<SegmentRows> segments;
  int begin = 0;
  for (std::size_t i = 0; i <= last.size(); ++i) {
    const int end = i < last.size() ? last[i] + 1 : n;
    segments.push_back({begin, end - begin});
    begin = end;
  }
  return segments;
}

SegmentedFit fit_segments(const MatrixView& x, const VectorView& y, const std::vector<int>& last,
                          const SegmentErrors& errors) {
  const int n = static_cast<int>(y.size());
  const std::vector<SegmentRows> segments = segment_rows(last, n);
  SegmentedFit result;
  result.last = last;
  result.coefficients.resize(static_cast<Eigen::Index>(segments.size()), x.cols());
  result.residuals.resize(n);
  std::vector<MatrixXd> inverse;  // (Z_j'Z_j)^-1
  for (std::size_t j = 0; j < segments.size(); ++j) {
    const auto [begin, rows] = segments[j];
    const LinearFit fit =
        solve(LinearLeastSquares{x.middleRows(begin, rows), y.segment(begin, rows)});
    result.coefficients.row(static_cast<Eigen::Index>(j)) = fit.coefficients.transpose();
    result.residuals.segment(begin, rows) = fit.residuals;
    inverse.push_back(fit.xtx_inverse);
  }
  const bool classical = errors.errors == Errors::classical;
  MatrixXd common_inverse, common_scores;
  if (classical && !errors.segment_moments) {
    common_inverse = n * solve(LinearLeastSquares{x, y}).xtx_inverse;
  }
  const double common_variance = result.residuals.squaredNorm() / n;
  const MatrixXd scores = regression_scores(x, result.residuals);
  if (!classical && !errors.segment_variances) {
    common_scores = score_covariance(scores, errors.errors, errors.prewhiten);
  }
  for (std::size_t j = 0; j < segments.size(); ++j) {
    const auto [begin, rows] = segments[j];
    if (classical) {
      const double variance = errors.segment_variances
                                  ? result.residuals.segment(begin, rows).squaredNorm() / rows
                                  : common_variance;
      result.covariance.push_back(
          variance * (errors.segment_moments ? inverse[j] : MatrixXd(common_inverse / rows)));
      continue;
    }
    const MatrixXd omega =
        errors.segment_variances
            ? score_covariance(scores.middleRows(begin, rows), errors.errors, errors.prewhiten)
            : common_scores;
    result.covariance.push_back(rows * inverse[j] * omega * inverse[j]);
  }
  return result;
}

}  // namespace amnok
