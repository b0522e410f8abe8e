// Monitoring: do new observations still follow the regression of a historical sample, looked at
// again with each of them? The first m of n observations are the history, t = i / m > 1 after it.
//
//   recursive_cusum  sum_{j<=i} w_j / (s sqrt m)          over sqrt(t (a^2 + log t))
//   ols_cusum        sum_{j<=i} e_j / (s sqrt m)          over sqrt(t (t-1) (a^2 + log(t / (t-1))))
//   ols_mosum        sum_{i-[hm]<j<=i} e_j / (s sqrt m)   over c sqrt(max(1, log t))
//
// w: recursive residuals; e: residuals from the historical coefficients; s: the standard deviation
// of the history's (recursive) residuals, or their long-run one under hac. An alarm is the first
// observation at which the process leaves its boundary; without change the probability that it ever
// does is `level`.
//
// Sources. Both CUSUMs: Chu, Stinchcombe & White (1996, Econometrica 64, 1045-1065) and Zeileis,
// Leisch, Kleiber & Hornik (2005, J. Appl. Econometrics 20, 99-121), with the crossing probability
//   P(|W(t)| >= sqrt(t (a^2 + log t)) for some t >= 1) = 2 (1 - Phi(a) + a phi(a))
// of Robbins & Siegmund (1970, Annals of Math. Statistics 41, 1410-1429), which is P(X > a^2) with
// X chi-squared of 3 degrees of freedom; W(t) - t W(1) is (t - 1) times a Brownian motion at t / (t
// - 1), which makes it the same for ols_cusum. It holds for
// monitoring without end, so that a shorter one is somewhat conservative. MOSUM: Leisch, Hornik &
// Kuan (2000, Econometric Theory 16, 835-854), its c(h, T) for monitoring up to T histories
// simulated by amnok-monitoring-values (benchmarks/accuracy), linear in T between the simulated
// ones.
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "models/structural_break/errors.h"

namespace amnok {

enum class MonitoringProcess { recursive_cusum, ols_cusum, ols_mosum };

struct MonitoringOptions {
  MonitoringProcess process = MonitoringProcess::ols_cusum;
  double level = 0.05;                // of MOSUM: 0.10, 0.05, 0.025 or 0.01
  Errors errors = Errors::classical;  // or hac
  double window = 0.5;                // h, of MOSUM: 0.25, 0.5 or 1
  double horizon = 10;                // T, of MOSUM: in [2, 10]
};

struct Monitoring {
  int history = 0;
  VectorXd process, boundary;  // of observations history .. n - 1; the process crosses +- boundary
  double critical = kMissing;  // a, or c
  std::string source;          // of it
  double sigma = kMissing;     // s
  int alarm = -1;              // first observation beyond its boundary, 0-based; -1: none
  double statistic = 0;        // the largest |process| / boundary
};

// x: n x k, y: n, both without gaps; k + 1 < history < n. Throws InputError for a history that is
// too short, and for a MOSUM window, horizon or level that is not tabulated.
Monitoring monitor(const MatrixView& x, const VectorView& y, int history,
                   const MonitoringOptions& options = {});

// a with 2 (1 - Phi(a) + a phi(a)) = level.
double monitoring_cusum_critical_value(double level);
// c(h, T); NaN where it is not tabulated.
double monitoring_mosum_critical_value(double level, double window, double horizon);

}  // namespace amnok
