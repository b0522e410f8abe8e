// Confidence intervals for break dates (Bai 1997, Rev. Econ. Statist. 79, 551-563).
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "models/structural_break/segment_covariance.h"

namespace amnok {

// The distribution of argmax V, V(s) = W1(-s) - |s|/2 for s <= 0 and
// sqrt(phi) W2(s) - xi |s|/2 for s > 0 (Bai 1997, Proposition 3 and Appendix B), phi = xi
// (phi2/phi1)^2.
double argmax_cdf(double x, double xi, double phi1, double phi2);

// What the distribution of one date hangs on: the estimated date less the true one is about
// -scale times argmax V.
struct BreakLimit {
  double xi = kMissing, phi1 = kMissing, phi2 = kMissing, scale = kMissing;

  // Of argmax V; NaN where a moment is zero.
  double quantile(double p) const;
};

struct BreakInterval {
  int last = 0;              // estimated last observation before the break, 0-based
  int lower = 0, upper = 0;  // of that index; may lie outside the sample
  bool exists = false;       // false: P(argmax V <= 0) is too near 0 or 1 for this level
};

struct BreakIntervalOptions {
  double level = 0.95;
  // Regressor moments Q and error variances of each side, or common. Under hc and hac errors the
  // covariances O of the scores take the place of s2 Q.
  SegmentErrors errors = {};
};

// last: indices of the last observations of all segments but the final. With the shift d between
// neighbouring coefficients, phi_j^2 = d'O_j d / d'Q_j d (s2 of the side under classical errors)
// and xi = d'Q2 d / d'Q1 d, the interval is [k - ceil(c_hi phi_1^2 / d'Q1 d), k - floor(c_lo
// phi_1^2 / d'Q1 d)] with c the quantiles above (Bai & Perron 2003, eq. 17).
std::vector<BreakLimit> break_limits(const MatrixView& x, const VectorView& y,
                                     const std::vector<int>& last, const SegmentErrors& errors);
std::vector<BreakInterval> bai_intervals(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last,
                                         const BreakIntervalOptions& options);

}  // namespace amnok
