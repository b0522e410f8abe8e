// Published distributions of unit-root statistics.
//
// n: observations of the test's regression, or of the series where a function says so.
#pragma once

namespace amnok {

// Deterministic terms under the alternative.
enum class Deterministics { none, constant, trend };

// What shifts at the break of Zivot and Andrews: models A, B and C of their paper.
enum class BreakIn { intercept, trend, both };

struct CriticalValues {
  double pct1, pct5, pct10;
};

// P(tau < observed) of the Dickey-Fuller t statistic, asymptotic: MacKinnon (1994, J. Business &
// Economic Statistics 12, 167-176, tables 3 and 4), p = Phi(polynomial in tau); 0 below and 1 above
// the range of the polynomials.
double dickey_fuller_p_value(double tau, Deterministics terms);

// Critical values of tau in a finite sample: MacKinnon (2010, Queen's University working paper
// 1227), b_inf + b_1 / n + b_2 / n^2 + b_3 / n^3.
CriticalValues dickey_fuller_critical_values(Deterministics terms, int n);

// Tau with a constant: Fuller (1976, Introduction to Statistical Time Series, table 8.5.2), the row
// of the first sample size above n; n: differences of the series.
CriticalValues fuller_critical_values(int n);
// Tau with a constant: the response surface of MacKinnon (1991, in Engle & Granger, Long-Run
// Economic Relationships, 267-276), b_inf + b_1 / n + b_2 / n^2.
CriticalValues mackinnon_1991_critical_values(int n);

// Upper tail of the KPSS statistic between the points 10, 5, 2.5 and 1 % of Kwiatkowski, Phillips,
// Schmidt and Shin (1992, J. Econometrics 54, 159-178, table 1), by lines. Never below 0.01 or
// above 0.10: outside the table the end is returned.
double kpss_p_value(double statistic, bool trend);

// Tau after GLS detrending; n: length of the series. A constant: that of Dickey-Fuller without
// one; a trend: Elliott, Rothenberg and Stock (1996, Econometrica 64, 813-836, table I.C), the
// table's first sample size at or above n.
CriticalValues gls_critical_values(Deterministics terms, int n);
// The point-optimal statistic (tables I.A and I.B); small values reject.
CriticalValues point_optimal_critical_values(Deterministics terms, int n);

// Zivot and Andrews (1992, J. Business & Economic Statistics 10, 251-270, tables 2 to 4).
CriticalValues zivot_andrews_critical_values(BreakIn model);

// A p-value by lines between three critical values of a test that rejects below them, held in
// [0.01, 0.10].
double interpolated_p_value(double statistic, const CriticalValues& critical);

}  // namespace amnok
