// Partial structural change: some coefficients of a regression change at unknown dates, others do
// not (Bai & Perron 1998, Econometrica 66, 47-78; 2003, J. Appl. Econometrics 18, 1-22, section
// 3.3).
//
//   y_t = x_t'b + z_t'd_j + e_t,   t in segment j = 1 .. m + 1
//
// The sum of squares is no longer a sum over segments, because b ties them together: dynamic
// programming gives the best dates for a given b only. Dates and b are found in turn from several
// starts (b without breaks; the dates when everything changes; one more break in the best dates with
// one fewer), then each date is moved, with b free, while a move lowers the sum of squares. One
// break is found by trying all dates, so it is exact; several are a local minimum that no move of
// one date improves.
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/partition_search.h"
#include "models/structural_break/segment_covariance.h"

namespace amnok {

struct PartialBreakSearch {
  MatrixXd common;    // n x p, coefficients that stay
  MatrixXd changing;  // n x q
  VectorXd y;
  int min_segment = 1;  // observations, more than q
  int max_breaks = 5;
};

// As the PartitionFit of a pure change: best[m] has m breaks.
PartitionFit solve(const PartialBreakSearch& problem);

// The regression at given dates.
struct PartialBreakFit {
  VectorXd common;        // p
  MatrixXd coefficients;  // segments x q
  // Of (common, first segment's, second segment's, ...): p + segments q.
  MatrixXd covariance;
  VectorXd residuals;
  double rss = 0;
};

// errors: classical with one variance, s2 (W'W)^-1 of the regressors W of all segments, or a
// variance each segment; hc; hac, of the scores of the sample or of each segment by itself (their
// long-run covariances added). Regressor moments are always the observed ones: common coefficients
// leave no block of a segment's own.
PartialBreakFit fit_partial_breaks(const PartialBreakSearch& problem, const std::vector<int>& last,
                                   const SegmentErrors& errors);

// Of each segment with room for it, its best further break given those at `last`.
std::vector<int> inserted_breaks(const PartialBreakSearch& problem, const std::vector<int>& last);

// Each break again, at its best place between its neighbours, the others at `last`.
std::vector<int> repartitioned(const PartialBreakSearch& problem, const std::vector<int>& last);

// RSS with a break after observation i (1-based), i = first .. last; rss_without: none.
VectorXd partial_split_rss(const PartialBreakSearch& problem, int first, int last,
                           double& rss_without);

}  // namespace amnok
