// Confidence intervals for break dates (Bai 1997, Rev. Econ. Statist. 79, 551-563).
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// The distribution of argmax V, V(s) = W1(-s) - |s|/2 for s <= 0 and
// sqrt(phi) W2(s) - xi |s|/2 for s > 0 (Bai 1997, Proposition 3 and Appendix B), phi = xi
// (phi2/phi1)^2.
double argmax_cdf(double x, double xi, double phi1, double phi2);

struct BreakInterval {
  int last = 0;              // estimated last observation before the break, 0-based
  int lower = 0, upper = 0;  // of that index; may lie outside the sample
  bool exists = false;       // false: P(argmax V <= 0) is too near 0 or 1 for this level
};

struct BreakIntervalOptions {
  double level = 0.95;
  bool segment_moments = true;    // regressor second moments of each side, else common
  bool segment_variances = true;  // error variance of each side, else common
};

// last: indices of the last observations of all segments but the final. With the shift delta
// between neighbouring coefficients, moments Q and variances s2 on each side, xi = d'Q2 d / d'Q1 d
// and the interval is [k - ceil(c_hi s2 / d'Q1 d), k - floor(c_lo s2 / d'Q1 d)] with c the
// quantiles above.
std::vector<BreakInterval> bai_intervals(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last,
                                         const BreakIntervalOptions& options);

}  // namespace amnok
