// Groups of observations (clusters, entities, periods) as integers.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// Observation t belongs to group code[t], in [0, count).
struct Groups {
  std::vector<int> code;
  int count = 0;

  Eigen::Index size() const { return static_cast<Eigen::Index>(code.size()); }
};

// Groups of equal labels, in the labels' order.
Groups group_by(const std::vector<std::string>& labels);
Groups group_by(const VectorView& labels);
// Consecutive runs of `length` observations: 0 0 0 1 1 1 2 ...
Groups equal_blocks(Eigen::Index n, int length);
// Groups of observations that share both groups.
Groups intersection(const Groups& a, const Groups& b);

// The groups of some observations; codes stay, so that groups may be empty.
Groups group_subset(const Groups& groups, const std::vector<int>& rows);

VectorXd group_sizes(const Groups& groups);
// Row g: the sum of x over group g. count x k.
MatrixXd group_sums(const MatrixView& x, const Groups& groups);
// Zero for a group without observations.
MatrixXd group_means(const MatrixView& x, const Groups& groups);
// Each row less its group's mean.
MatrixXd within_groups(const MatrixView& x, const Groups& groups);

// Covariance of a sum of scores that depend within groups only (Liang & Zeger 1986, Biometrika 73,
// 13-22): sum_g s_g s_g', s_g the group's sum. No small-sample factor.
MatrixXd clustered_covariance(const MatrixView& scores, const Groups& groups);

// Dependence within groups of either kind (Cameron, Gelbach & Miller 2011, J. Bus. Econ. Stat. 29,
// 238-249, eq. 2.7): S_a + S_b - S_ab. Need not be positive semidefinite.
MatrixXd clustered_covariance(const MatrixView& scores, const Groups& a, const Groups& b);

}  // namespace amnok
