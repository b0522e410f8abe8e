// How many breaks by information criteria, of the best partition with each number m of breaks in a
// regression with k coefficients that change, n observations:
//
//   BIC   n (log(rss / n) + 1 + log 2 pi) + log(n) ((m + 1) k + m + 1)             Yao 1988
//   LWZ   log(rss / n) + 0.299 log(n)^2.1 p / n,  p = (m + 1) k + m     Liu, Wu & Zidek 1997
//   LWZ*  the same with log(rss / (n - p)), as in Bai & Perron (2006) and their programs
//   KT    sum_j (n_j log(rss_j / n_j) + k log n_j) + 2 (m + 1) log n
//                                          Kurozumi & Tuvaandorj (2011, J. Econometrics 164,
//                                          218-238)
//
// The smallest value chooses. LWZ* is not defined (NaN) where p reaches n.
#pragma once

#include <vector>

#include "engine/solver/partition_search.h"

namespace amnok {

struct BreakAnalysis {
  int min_segment = 0;
  std::vector<Partition> partitions;  // by number of breaks
  std::vector<double> bic, lwz, lwz_df, kt;
  int breaks_by_bic = 0, breaks_by_lwz = 0, breaks_by_lwz_df = 0, breaks_by_kt = 0;
};
BreakAnalysis analyse_breaks(const PartitionSearch& problem, const PartitionFit& fit);

// Sets the numbers of breaks from the criteria.
void choose_breaks(BreakAnalysis& analysis);

}  // namespace amnok
