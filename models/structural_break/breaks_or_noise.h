// Breaks, or errors that hang together? Persistent errors without a break look like breaks to tests
// and criteria that take errors as independent. Here both have autoregressive errors, by the exact
// likelihood with gaps (engine/statespace/ar_regression.h):
//
//   C(m) = min over p = 0 .. 3 of -2 log L(m, p) + log(n) (coefficients + m + p + 1)
//
// of the least-squares partition with m breaks, which Yao's (1988) criterion becomes with p = 0.
//
//   gain = C(0) - min over m >= 1 of C(m)
//
// is positive where breaks describe the series better than correlation does. Its p-value is the
// share of gains at least as large in series drawn from the regression without a break: the
// autoregression of C(0) with resampled innovations. Draws end early when ten gains reach the
// observed one (Besag & Clifford 1991, Biometrika 78, 301-304). Regressors count as given; the errors
// have one variance.
#pragma once

#include <cstdint>
#include <vector>

#include "models/structural_break/partial_break.h"

namespace amnok {

struct BreaksOrNoiseOptions {
  int max_ar = 3;
  int replications = 199;
  std::uint64_t seed = 1;
  int threads = 0;  // 0: all; the numbers are the same for any
};

struct BreaksOrNoise {
  std::vector<double> criterion;         // C(m); empty: the regression fits exactly
  int breaks = 0;                        // with the smallest
  std::vector<double> phi, phi_without;  // of that number, and of none
  double gain = kMissing, p_value = kMissing;
};

// rows: period of each observation, ascending, below `periods`. Everything changes where problem has
// no common columns. Without draws the p-value is 1 where gain is not positive.
BreaksOrNoise breaks_or_noise(const PartialBreakSearch& problem, const std::vector<int>& rows,
                              int periods, const BreaksOrNoiseOptions& options = {});

}  // namespace amnok
