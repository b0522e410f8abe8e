#include "engine/stats/groups.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "engine/base/check.h"
#include "engine/base/cross_product.h"

namespace amnok {

namespace {

// Codes by the rank of each distinct label.
template <class Labels>
Groups group_sorted(const Labels& labels, std::size_t n) {
  Groups groups;
  groups.code.resize(n);
  if (n == 0) return groups;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return labels(i) < labels(j); });
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0 && labels(order[i - 1]) < labels(order[i])) ++groups.count;
    groups.code[order[i]] = groups.count;
  }
  ++groups.count;
  return groups;
}

}  // namespace

Groups group_by(const std::vector<std::string>& labels) {
  return group_sorted([&](std::size_t i) -> const std::string& { return labels[i]; },
                      labels.size());
}

Groups group_by(const VectorView& labels) {
  AMNOK_CHECK(!labels.hasNaN(), "a group label is missing");
  return group_sorted([&](std::size_t i) { return labels(static_cast<Eigen::Index>(i)); },
                      static_cast<std::size_t>(labels.size()));
}

Groups equal_blocks(Eigen::Index n, int length) {
  AMNOK_CHECK(length >= 1, "length {}", length);
  Groups groups;
  for (Eigen::Index t = 0; t < n; ++t) groups.code.push_back(static_cast<int>(t / length));
  groups.count = n == 0 ? 0 : groups.code.back() + 1;
  return groups;
}

Groups intersection(const Groups& a, const Groups& b) {
  AMNOK_CHECK(a.size() == b.size(), "sizes {} and {}", a.size(), b.size());
  const auto pair = [&](std::size_t i) {
    return static_cast<std::int64_t>(a.code[i]) * b.count + b.code[i];
  };
  return group_sorted(pair, a.code.size());
}

Groups group_subset(const Groups& groups, const std::vector<int>& rows) {
  Groups subset;
  subset.count = groups.count;
  subset.code.reserve(rows.size());
  for (int t : rows) subset.code.push_back(groups.code[static_cast<std::size_t>(t)]);
  return subset;
}

VectorXd group_sizes(const Groups& groups) {
  VectorXd sizes = VectorXd::Zero(groups.count);
  for (int g : groups.code) sizes(g) += 1;
  return sizes;
}

MatrixXd group_sums(const MatrixView& x, const Groups& groups) {
  AMNOK_CHECK(x.rows() == groups.size(), "{} rows, {} codes", x.rows(), groups.size());
  MatrixXd sums = MatrixXd::Zero(groups.count, x.cols());
  for (Eigen::Index c = 0; c < x.cols(); ++c) {
    const double* value = x.col(c).data();
    double* sum = sums.col(c).data();
    for (int g : groups.code) sum[g] += *value++;
  }
  return sums;
}

MatrixXd group_means(const MatrixView& x, const Groups& groups) {
  return group_sizes(groups).cwiseMax(1).cwiseInverse().asDiagonal() * group_sums(x, groups);
}

MatrixXd within_groups(const MatrixView& x, const Groups& groups) {
  const MatrixXd means = group_means(x, groups);
  MatrixXd within = x;
  for (Eigen::Index c = 0; c < x.cols(); ++c) {
    const double* mean = means.col(c).data();
    double* value = within.col(c).data();
    for (int g : groups.code) *value++ -= mean[g];
  }
  return within;
}

MatrixXd clustered_covariance(const MatrixView& scores, const Groups& groups) {
  return cross_product(group_sums(scores, groups));
}

MatrixXd clustered_covariance(const MatrixView& scores, const Groups& a, const Groups& b) {
  return clustered_covariance(scores, a) + clustered_covariance(scores, b) -
         clustered_covariance(scores, intersection(a, b));
}

}  // namespace amnok
