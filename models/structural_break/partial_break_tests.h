// The tests of bai_perron_tests.h and f_tests.h, and the criteria of break_criteria.h, where p
// coefficients stay and q change (Bai & Perron 1998, 2003; partial_break.h).
//
// Limits and critical values are those of q changing coefficients. Statistics are Wald statistics
// of the differences between neighbouring segments' coefficients in the regression of all segments,
// times (n - p - (m + 1) q) / n with m breaks. supF(l + 1 | l) takes the break that lowers the sum
// of squares most in each segment, all coefficients free, and tests it alone.
#pragma once

#include "models/structural_break/bai_perron_tests.h"
#include "models/structural_break/break_criteria.h"
#include "models/structural_break/f_tests.h"
#include "models/structural_break/partial_break.h"

namespace amnok {

// supF(0 | last.size()) at given dates.
double sup_f_at(const PartialBreakSearch& problem, const std::vector<int>& last,
                const SegmentErrors& errors);

InsertedBreak best_inserted_break(const PartialBreakSearch& problem, const std::vector<int>& last,
                                  const SegmentErrors& errors);

BaiPerronTests bai_perron_tests(const PartialBreakSearch& problem, const PartitionFit& fit,
                                const SegmentErrors& errors);

SequentialBreaks sequential_breaks(const PartialBreakSearch& problem, double trimming, double level,
                                   const SegmentErrors& errors);

// F(i), i = options.first .. options.last: under classical errors
//   (RSS_0 - RSS(i)) / (RSS(i) / (n - p - 2q)),
// else the Wald statistic with each segment's own covariance. k of the path is q.
FPath f_path(const PartialBreakSearch& problem, const FPathOptions& options);

// The p coefficients count as parameters once.
BreakAnalysis analyse_breaks(const PartialBreakSearch& problem, const PartitionFit& fit);

}  // namespace amnok
