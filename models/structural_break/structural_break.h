// The structural_break plugin: a regression whose coefficients change at unknown dates.
#pragma once

#include <memory>

#include "engine/model/plugin.h"
#include "models/structural_break/break_dates.h"

namespace amnok {

Plugin structural_break_plugin();

struct StructuralBreakSpec {
  int max_breaks = 5;
  double trim = 0.15;
  int min_segment = 0;  // observations; 0: from trim
  enum class Criterion { bic, lwz, fixed } criterion = Criterion::bic;
  int fixed_breaks = 0;  // of Criterion::fixed
  bool trend = false;
};

// Everything a partition search tells, on observations without gaps. Criteria:
//   BIC  n (log(rss / n) + 1 + log 2 pi) + log(n) ((m + 1) k + m + 1)
//   LWZ  log(rss / n) + 0.299 log(n)^2.1 ((m + 1) k + m) / n     (Liu, Wu & Zidek 1997)
struct BreakAnalysis {
  int min_segment = 0;
  std::vector<Partition> partitions;  // by number of breaks
  std::vector<double> bic, lwz;
  int breaks_by_bic = 0, breaks_by_lwz = 0;
};
BreakAnalysis analyse_breaks(const PartitionSearch& problem, const PartitionFit& fit);

// Coefficients of each segment, one row a segment.
MatrixXd segment_coefficients(const MatrixView& x, const VectorView& y,
                              const std::vector<int>& last);

std::unique_ptr<Model> make_structural_break(StructuralBreakSpec spec);

}  // namespace amnok
