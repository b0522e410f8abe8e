// A break in a linear trend whether the noise is stationary or has a unit root (Perron & Yabu 2009,
// J. Business & Economic Statistics 27, 369-396).
//
//   y_t = m + b t + [s 1(t > T)] + [g (t - T) 1(t > T)] + u_t,   u_t = a u_{t-1} + ...
//
//   intercept  a shift of the level s (model I)
//   trend      a change of slope g that leaves the lines joined (model II)
//   both       (model III)
//
// At each T: a from an autoregression of the least-squares residuals, corrected for its bias (Roy &
// Fuller 2001, J. Business & Economic Statistics 19, 482-493) and set to 1 where sqrt(n) |a - 1| <=
// 1, which makes it converge faster at 1 and gives the Wald statistic W(T) of the quasi-differenced
// regression one limit for both kinds of noise. Its error variance is the long-run one: from the
// autoregression at a = 1, with the quadratic spectral kernel below. With a unit root a shift of the
// level is one observation's, so that its own autoregression is applied to it.
//
//   Exp-W = log( (1 / n) sum_T exp(W(T) / 2) ),   T = trim n .. (1 - trim) n
#pragma once

#include "engine/base/matrix.h"
#include "engine/regression/unit_root_tables.h"
#include "engine/regression/unit_root_tests.h"

namespace amnok {

struct TrendBreakOptions {
  BreakIn model = BreakIn::trend;
  double trim = 0.15;  // 0.01, 0.05, 0.10, 0.15 or 0.25: those of the table
  int max_lag = -1;    // of the autoregression; -1: 12 (n / 100)^(1/4)
  LagCriterion criterion = LagCriterion::bic;
};

struct TrendBreak {
  double exp_wald = kMissing;
  CriticalValues critical{};  // large values reject
  // The largest W(T), its T counted from 1, and the a there.
  double sup_wald = kMissing;
  int last_observation_before = 0;
  double ar = kMissing;
};

// An InputError names the length of a series that is too short, a trimming outside the table, or how
// many values are missing.
TrendBreak perron_yabu(const VectorView& y, const TrendBreakOptions& options);

// W(T) at a known date, chi-squared with 1 (intercept, trend) or 2 (both) degrees of freedom.
struct KnownTrendBreak {
  double wald = kMissing, ar = kMissing;
  int lag = 0;
};
KnownTrendBreak perron_yabu_at(const VectorView& y, int last_observation_before,
                               const TrendBreakOptions& options);

}  // namespace amnok
