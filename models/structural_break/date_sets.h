// Confidence sets of break dates by inverted likelihood ratios, and joint draws of dates.
//
// Of one break, its neighbours held at their estimates (Eo & Morley 2015, Quantitative Economics 6,
// 463-497; one break: Hansen 2000, Econometrica 68, 575-603):
//
//   LR(i) = n log(RSS(i) / RSS),   set = {i : LR(i) <= c}
//
// with RSS(i) of the partition whose break follows observation i. At the true date LR is distributed
// as the largest value of two independent Brownian motions with downward drift,
//
//   P(LR <= c) = (1 - exp(-c s^2 / (2 phi_1^2))) (1 - exp(-c s^2 / (2 phi_2^2)))
//
// where s^2 = RSS / n and phi_j^2 = d'O_j d / d'Q_j d of each side (break_dates.h), s^2 under
// classical errors with one variance: c = 7.35 at 95 %. A set lies within the sample, keeps the
// shortest segment, holds the estimate, and may have gaps; it widens by itself where the shift is
// small, where Bai's interval is too short.
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/break_dates.h"

namespace amnok {

// Dates begin .. end, both included: indices (0-based) of last observations before the break.
struct DateRun {
  int begin = 0, end = 0;
};

struct DateSet {
  int last = 0;               // the estimate
  std::vector<DateRun> runs;  // in order, not adjacent
  double critical = kMissing;

  int dates() const;
  bool contains(int index) const;
};

// c above; NaN where a variance is not positive.
double likelihood_ratio_critical_value(double level, double ratio1, double ratio2);

// last: the least-squares dates; min_segment: candidates leave so many observations on each side.
std::vector<DateSet> likelihood_ratio_sets(const MatrixView& x, const VectorView& y,
                                           const std::vector<int>& last, int min_segment,
                                           const BreakIntervalOptions& options);

// Joint draws of all dates, a column a draw, from the likelihood of the dates with coefficients at
// their best for each partition and the error variance at its estimate,
//
//   P(t_1, ..., t_m) proportional to exp(-sum_j RSS(t_{j-1} + 1, t_j) / (2 v))
//
// over all partitions with segments of at least min_segment: sums forward over the partitions, draws
// backward, so order and shortest segments hold and the draws are independent. With a flat prior it
// approximates the posterior of the dates. v = s^2 n / (n - (m + 1) k) under classical errors; under
// hc and hac errors the mean of phi_1^2 and phi_2^2 over the breaks, which flattens the likelihood
// when errors are correlated. Draw r hangs on the key and r alone.
Eigen::MatrixXi draw_break_dates(const MatrixView& x, const VectorView& y,
                                 const std::vector<int>& last, int min_segment,
                                 const SegmentErrors& errors, const StreamKey& key, int draws);

}  // namespace amnok
