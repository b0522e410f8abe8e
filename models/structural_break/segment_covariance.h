// Covariances of the coefficients of a regression whose coefficients all change at given dates
// (Bai & Perron 1998, Econometrica 66, 47-78; 2003, J. Appl. Econometrics 18, 1-22, section 4).
//
// Of segment j with n_j observations Z_j and residuals e, q coefficients:
//   classical  s^2 (Z_j'Z_j)^-1,  s^2 = e'e / n_j of the segment, or e'e / n of the sample
//   hc, hac    n_j (Z_j'Z_j)^-1 O (Z_j'Z_j)^-1,  O the covariance of its scores, or the sample's
// With common regressor moments (n_j / n) Z'Z stands for Z_j'Z_j under classical errors.
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "models/structural_break/errors.h"

namespace amnok {

struct SegmentErrors {
  Errors errors = Errors::classical;
  bool prewhiten = true;          // of hac
  bool segment_moments = true;    // regressor moments of each segment (classical errors)
  bool segment_variances = true;  // error variance or score covariance of each segment
};

struct SegmentedFit {
  std::vector<int> last;  // index (0-based) of the last observation of all segments but the final
  MatrixXd coefficients;  // segments x q
  VectorXd residuals;     // n
  std::vector<MatrixXd> covariance;  // q x q, a segment each; they are independent
};

// last may be empty: one segment. Each segment holds more than q observations.
SegmentedFit fit_segments(const MatrixView& x, const VectorView& y, const std::vector<int>& last,
                          const SegmentErrors& errors);

// First and last observation of each segment, 0-based.
struct SegmentRows {
  int begin = 0, rows = 0;
};
std::vector<SegmentRows> segment_rows(const std::vector<int>& last, int n);

}  // namespace amnok
