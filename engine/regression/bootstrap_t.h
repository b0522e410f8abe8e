// Bootstrap distributions of the t-ratio of one least-squares coefficient.
//
//   wild   y* = X b_0 + v_g e_0, b_0 and e_0 with the null hypothesis imposed, v_g drawn once for
//          each cluster (each row without): mean 0, variance 1 (Cameron, Gelbach & Miller 2008,
//          Rev. Econ. Stat. 90, 414-427). t* by the errors' own covariance, HC or clustered
//   block  overlapping blocks of rows (x_t, y_t), drawn with replacement (Kuensch 1989, Ann.
//          Statist. 17, 1217-1241); t* = (b* - b) / se*, se* from the sums of scores over its
//          blocks (Goetze & Kuensch 1996, Ann. Statist. 24, 1914-1933), se of the sample from
//          Newey-West with block - 1 lags
//
// Replication r uses draw r of the stream, so that numbers do not depend on how many are drawn.
#pragma once

#include <cstdint>

#include "engine/regression/error_structure.h"

namespace amnok {

// rademacher: -1, 1. mammen: two points with third moment 1. webb: six points, for few clusters
// (Webb 2023, Can. J. Econ. 56, 839-858).
enum class WildWeights { rademacher, mammen, webb };

struct BootstrapTOptions {
  int replications = 999;
  std::uint64_t seed = 1;
  std::uint32_t equation = 0;  // of the stream
};

struct BootstrapT {
  double coefficient = 0, standard_error = 0;
  double statistic = 0;  // (coefficient - null) / standard_error
  double p_value = 1;    // two-sided, symmetric: (1 + #{|t*| >= |t|}) / (1 + replications)
  VectorXd replicates;   // t*, ascending; those that could not be computed are left out

  // [b - se q(1 - a/2), b - se q(a/2)] with the quantiles of t*.
  struct Interval {
    double low, high;
  };
  Interval equal_tailed(double confidence) const;
};

// errors: heteroskedastic or one-way clusters.
BootstrapT wild_bootstrap_t(const MatrixView& x, const VectorView& y, int coefficient, double null,
                            const ErrorStructure& errors, WildWeights weights,
                            const BootstrapTOptions& options = {});

// block: rows of a block, in [1, n / 2].
BootstrapT block_bootstrap_t(const MatrixView& x, const VectorView& y, int coefficient, double null,
                             int block, const BootstrapTOptions& options = {});

}  // namespace amnok
