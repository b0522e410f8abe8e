// Standard normals into values of a sample, each with the same probability:
//
//   x(u) = the i-th smallest value,   (i - 1) / n <= Phi(u) < i / n
//
// Found by a table of first guesses (Chen & Asau 1974, AIIE Transactions 6, 163-166): the cost does
// not grow with n.
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

class EmpiricalQuantile {
 public:
  explicit EmpiricalQuantile(const VectorXd& values);  // at least two

  Eigen::Index size() const { return values_.size(); }
  const VectorXd& values() const { return values_; }  // sorted

  // Phi^{-1} of the middle of the probabilities at which x comes out (or would).
  double inverse(double x) const;
  double operator()(double u) const {
    Eigen::Index i = 0;
    if (u >= thresholds_.front()) {
      const double cell = (u - thresholds_.front()) * cells_per_unit_;
      const auto last = static_cast<double>(guide_.size() - 1);
      i = guide_[static_cast<std::size_t>(cell < last ? cell : last)];
      const auto count = static_cast<Eigen::Index>(thresholds_.size());
      while (i < count && u >= thresholds_[static_cast<std::size_t>(i)]) ++i;
      while (i > 0 && u < thresholds_[static_cast<std::size_t>(i - 1)]) --i;  // rounding of `cell`
    }
    return values_(i);
  }

 private:
  VectorXd values_;
  std::vector<double> thresholds_;   // Phi^{-1}(i / n), i = 1 .. n - 1
  std::vector<Eigen::Index> guide_;  // by cell: thresholds at or below its start
  double cells_per_unit_ = 0;
};

}  // namespace amnok
