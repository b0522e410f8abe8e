// Tests of a unit root in one series, and of stationarity.
//
// Terms: a constant or a trend; only Dickey-Fuller also has none (elsewhere a ContractError).
// y: n values without a missing one. An InputError names the length of a series that is too short,
// a lag out of range, or how many values are missing. Where a statistic does not exist (a constant
// series, a regression without residuals) it is NaN, and so is its p-value. Scale does not matter
// (but see point_optimal), nor does location where the regression has a constant.
#pragma once

#include "engine/base/matrix.h"
#include "engine/regression/unit_root_tables.h"

namespace amnok {

// Augmented Dickey-Fuller (Dickey & Fuller 1979, J. Am. Statist. Assoc. 74, 427-431; Said & Dickey
// 1984, Biometrika 71, 599-607):
//
//   dy_t = [c] + [d t] + r y_{t-1} + sum_{j=1..lag} g_j dy_{t-j} + e_t,   tau = r / se(r)
//
// phi1, phi2, phi3: F statistics of Dickey & Fuller (1981, Econometrica 49, 1057-1072) for
// (c, r) = 0 with a constant, (c, d, r) = 0 and (d, r) = 0 with a trend; else NaN.
struct DickeyFuller {
  int lag = 0;
  int observations = 0;  // of the regression
  double tau = kMissing;
  double phi1 = kMissing, phi2 = kMissing, phi3 = kMissing;
  double p_value = kMissing;  // of tau: MacKinnon (1994)
  CriticalValues critical{};  // of tau: MacKinnon (2010)
};
DickeyFuller dickey_fuller(const VectorView& y, Deterministics terms, int lag);

// The lag among 1 .. max_lag (0 where max_lag is 0) with the least -2 log-likelihood + penalty
// k, penalty 2 (aic) or log n (bic). All lags are compared, and the chosen one estimated, on the
// observations that max_lag leaves: the convention of the R package urca.
enum class LagCriterion { aic, bic };
DickeyFuller dickey_fuller(const VectorView& y, Deterministics terms, int max_lag,
                           LagCriterion criterion);

// Phillips & Perron (1988, Biometrika 75, 335-346). y_t = c + [d t] + a y_{t-1} + u_t over n
// observations, s2 = sum u^2 / n, w2 its long-run variance (Bartlett, `lag` autocovariances):
//
//   Z_tau = sqrt(s2 / w2) t(a = 1) - (w2 - s2) / (2 sqrt(w2 m))
//   Z_alpha = n (a - 1) - (w2 - s2) / (2 m)
//
// m = sum of squares of the regression's y_t about their mean over n^2, or about their trend times
// (1 - 1/n^2) over n^2. p_value and critical: of Z_tau.
struct PhillipsPerron {
  int lag = 0;
  double z_tau = kMissing, z_alpha = kMissing;
  double p_value = kMissing;
  CriticalValues critical{};
};
PhillipsPerron phillips_perron(const VectorView& y, Deterministics terms, int lag);

// Kwiatkowski, Phillips, Schmidt & Shin (1992, J. Econometrics 54, 159-178): stationarity about a
// constant or a trend is the hypothesis.
//
//   sum_t S_t^2 / (n^2 w2),   S_t = e_1 + .. + e_t
//
// e: y about its mean or its line; w2: its long-run variance (Bartlett, `lag` autocovariances),
// without a correction for small samples. p_value is held in [0.01, 0.10].
struct Kpss {
  int lag = 0;
  double statistic = kMissing;
  double p_value = kMissing;
};
Kpss kpss(const VectorView& y, Deterministics terms, int lag);

// Elliott, Rothenberg & Stock (1996, Econometrica 64, 813-836). With a = 1 - c / n, c = 7 for a
// constant and 13.5 for a trend, the terms' coefficients are those of least squares on
// quasi-differences (y_1, y_2 - a y_1, ..).
struct ElliottRothenbergStock {
  int lag = 0;
  double statistic = kMissing;
  CriticalValues critical{};  // small values reject
  // DF-GLS with a constant: MacKinnon (1994), as its limit is that of a Dickey-Fuller test without
  // terms; else by lines between the critical values, held in [0.01, 0.10].
  double p_value = kMissing;
};

// DF-GLS: tau of a Dickey-Fuller regression without terms on the detrended series.
ElliottRothenbergStock dickey_fuller_gls(const VectorView& y, Deterministics terms, int lag);

// P_T = (S(a) - a S(1)) / w2: sums of squared quasi-difference residuals at a and at a unit root
// over an autoregressive estimate of the spectrum at zero, from a Dickey-Fuller regression with a
// constant and 1 .. max_lag lags (none where max_lag is 0). As in the R package urca, S(1) with a
// trend is taken about the mean of (0, dy_2, .., dy_n), and the lag is the one with the least BIC
// though each is estimated on its own sample; the choice can therefore depend on y's unit.
ElliottRothenbergStock point_optimal(const VectorView& y, Deterministics terms, int max_lag);

// Zivot & Andrews (1992, J. Business & Economic Statistics 10, 251-270): the least t(a = 1) over
// breaks after observation b = 1 .. n - 1 (no trimming) of
//
//   y_t = c + d t + [th 1(t > b)] + [ga (t - b) 1(t > b)] + a y_{t-1}
//         + sum_{j=1..lag} g_j dy_{t-j} + e_t
struct ZivotAndrews {
  int lag = 0;
  double t = kMissing;
  int last_observation_before = 0;  // b, counted from 1: the last one of the first regime
  CriticalValues critical{};
  double p_value = kMissing;  // by lines between the critical values, held in [0.01, 0.10]
};
ZivotAndrews zivot_andrews(const VectorView& y, BreakIn model, int lag);

// How often to difference y until a test at level alpha (held in [0.01, 0.10]) sees no unit root:
// the rule and the tests of `ndiffs` in the R package forecast 8.20 (Hyndman & Khandakar 2008, J.
// Statistical Software 27(3)):
//
//   kpss  about a constant, trunc(3 sqrt(n) / 13) lags
//   adf   a constant, one lag; p-value between Fuller's critical values
//   pp    Z_tau, a constant, trunc(4 (n / 100)^(1/4)) lags; between MacKinnon's (1991)
//
// n: the series tested (kpss), the observations of its regression (pp). Missing values are dropped
// and their neighbours joined. A (nearly) constant series ends the search, and a line is
// differenced once more; a series too short for the test ends it too, and then the last difference
// does not count.
enum class DifferenceTest { kpss, adf, pp };
int number_of_differences(const VectorView& y, DifferenceTest test = DifferenceTest::kpss,
                          double alpha = 0.05, int max_d = 2);

// Every value equals the first up to rounding: sum |y_t - y_1| <= 1.5e-8 sum |y_t| over those that
// differ.
bool nearly_constant(const VectorView& y);

}  // namespace amnok
