// Tests of multiple breaks (Bai & Perron 1998, Econometrica 66, 47-78; 2003, J. Appl. Econometrics
// 18, 1-22; 2006, in Econometric Theory and Practice, Cambridge) in a regression all of whose q
// coefficients change.
//
//   supF(0 | k) = (n - (k + 1) q) / (n k)  d'R'(R V R')^-1 R d
//
// at the k dates that minimise the RSS; R d: the k differences of neighbouring coefficients, V
// their covariance (segment_covariance.h). It is divided by k but not by q, as the published
// critical values are.
//   UDmax = max_k supF(0 | k),   WDmax = max_k c(q, 1) / c(q, k) supF(0 | k)
// with the critical values c of supF at the level of the test.
//   supF(l + 1 | l) = the largest supF(0 | 1) within the l + 1 segments of the best l breaks
// A segment shorter than two minimal ones takes no further break and counts as zero.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/partition_search.h"
#include "models/structural_break/critical_values.h"
#include "models/structural_break/segment_covariance.h"

namespace amnok {

// supF(0 | last.size()) at given dates.
double sup_f_at(const MatrixView& x, const VectorView& y, const std::vector<int>& last,
                const SegmentErrors& errors);

// supF(l + 1 | l) given l breaks, and the break it would add (-1: no room for one).
struct InsertedBreak {
  double statistic = 0;
  int last = -1;
};
InsertedBreak best_inserted_break(const MatrixView& x, const VectorView& y,
                                  const std::vector<int>& last, int min_segment,
                                  const SegmentErrors& errors);

struct BaiPerronTests {
  std::vector<double> sup_f;       // supF(0 | k), k = 1 .. largest number of breaks
  std::vector<double> sequential;  // supF(l + 1 | l), l = 0 .. largest number - 1
  double udmax = kMissing;

  // NaN where a critical value is missing.
  CriticalValue wdmax(double trimming, double level, int q) const;
};

// search: the regression; fit: its best partitions.
BaiPerronTests bai_perron_tests(const PartitionSearch& search, const PartitionFit& fit,
                                const SegmentErrors& errors);

// Breaks one at a time (Bai & Perron 1998, section 5): the break that supF(l + 1 | l) finds is kept
// while the test rejects at `level`; earlier breaks stay where they are. Ends without a published
// critical value, which `words` then says.
struct SequentialBreaks {
  std::vector<int> last;
  std::string words;
};
SequentialBreaks sequential_breaks(const PartitionSearch& search, double trimming, double level,
                                   const SegmentErrors& errors);
// The same by any test of one more break; coefficients: how many change.
SequentialBreaks sequential_breaks(
    const std::function<InsertedBreak(const std::vector<int>&)>& one_more, int coefficients,
    int max_breaks, double trimming, double level);

// Each break again, by the best split between its neighbours (Bai 1997, Econometric Theory 13,
// 315-352): the dates then have the distribution that intervals rest on.
std::vector<int> repartitioned(const PartitionSearch& search, const std::vector<int>& last);

}  // namespace amnok
