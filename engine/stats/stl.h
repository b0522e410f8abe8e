// STL: a seasonal-trend decomposition by loess.
//
//   y_t = seasonal_t + trend_t + remainder_t
//
// The inner loop smooths each cycle-subseries of y - trend, takes the low frequencies out of the
// result (moving averages of length period, period and 3, then loess), and smooths
// y - seasonal. The outer loop gives the observations robustness weights
//   rho_t = B(|remainder_t| / (6 median |remainder|)),   B(u) = (1 - u^2)^2 for u < 1, else 0
// that multiply the tricube weights of the loess. Loess of window q fits a polynomial of degree 0
// or 1 to the q nearest points; on a series of m < q points its bandwidth is that of all points
// plus (q - m) / 2, as in R (the paper multiplies by q / m). With a jump above 1, loess is fitted
// at every jump-th point and at the last, and interpolated linearly.
//
// The median is exact. R's stl, given an even number of observations, takes another order statistic
// in some passes (the two indices of its partial sort are not in increasing order), so robust
// components differ from R's by up to 2 % of their range in the reference series; without
// robustness they agree to rounding.
//
// Source: Cleveland, Cleveland, McRae & Terpenning (1990, J. Official Statistics 6, 3-73).
#pragma once

#include <optional>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct LoessOptions {
  int window = 0;  // observations, odd, at least 3
  int degree = 1;  // 0 or 1
  int jump = 1;    // fitted at every jump-th point
};

struct StlOptions {
  int period = 0;  // observations a cycle, at least 2
  LoessOptions seasonal, trend, low_pass;
  // The seasonal component repeats: means of the smoothed cycle-subseries, taken at the end.
  bool periodic = false;
  int inner = 2;  // passes of the inner loop for each set of robustness weights
  int outer = 0;  // updates of the robustness weights; 0: none
};

// The choices of R's stl: seasonal degree 0, trend and low-pass degree 1, trend window the odd
// number next to 1.5 period / (1 - 1.5 / seasonal window), low-pass window next to the period,
// jumps a tenth of the windows; robust: 15 updates of 1 pass, else 2 passes without weights.
// No seasonal window: periodic. An even window is raised by one, as R does inside.
// Throws InputError when the seasonal window is below 3.
StlOptions r_stl_options(int n, int period, std::optional<int> seasonal_window,
                         bool robust = false);
// A tenth of the window, rounded up: R's jump.
int r_stl_jump(int window);
// The odd number that R takes for x: x rounded, and one more where that is even.
int next_odd(double x);

struct StlResult {
  VectorXd seasonal, trend, remainder;
  VectorXd weights;  // robustness weights of the last pass; 1 without an outer loop
};

// Loess on equally spaced points.
class Loess {
 public:
  Loess() = default;
  // longest: the longest series it will smooth.
  Loess(const LoessOptions& options, int longest);

  // Fitted values of y_0 .. y_{n-1}, which has n values; robustness may be null. Where all weights
  // of a neighbourhood are zero, y itself. fitted must not overlap y.
  void smooth(const double* y, int n, const double* robustness, double* fitted);
  // The fitted value at x in [-1, n], one step beyond the ends included.
  double at(int x, const double* y, int n, const double* robustness, double fallback);

 private:
  void tabulate(int bandwidth, int distance);

  LoessOptions options_;
  int bandwidth_ = 0, tabulated_ = 0;  // of the table
  std::vector<double> tricube_;        // by distance
  std::vector<double> weights_;
};

// One decomposition after another of series of the same length, in the same memory; one object a
// thread.
class Stl {
 public:
  // n: observations, more than two periods. Throws InputError with every bad option.
  Stl(int n, const StlOptions& options);

  // Throws InputError when y has another length or a value that is not finite. Allocates only when
  // result has another size.
  void decompose(const VectorView& y, StlResult& result);

 private:
  void inner_pass(const VectorView& y, const double* robustness, StlResult& result);
  void smooth_cycle_subseries(const double* robustness);
  void low_pass();

  StlOptions options_;
  int n_;
  Loess seasonal_loess_, trend_loess_, low_pass_loess_;
  VectorXd detrended_;                 // n; y less the trend, then y less the seasonal component
  VectorXd cycle_, filtered_;          // n + 2 period, one more period at each end
  VectorXd part_, part_fit_, part_w_;  // one cycle-subseries
};

StlResult stl(const VectorView& y, const StlOptions& options);

}  // namespace amnok
