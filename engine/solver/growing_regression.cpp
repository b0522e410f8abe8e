#include "engine/solver/growing_regression.h"

#include <cmath>

namespace amnok {

GrowingRegression::GrowingRegression(const VectorXd& scale)
    : k_(static_cast<int>(scale.size())),
      scale_(scale),
      row_(k_ + 1),
      r_(MatrixXd::Zero(k_, k_ + 1)) {}

double GrowingRegression::add(const MatrixView& x, const VectorView& y, Eigen::Index t) {
  row_.head(k_) = x.row(t).transpose();
  row_(k_) = y(t);
  for (int i = 0; i < k_; ++i) {
    // Rounding left by earlier rotations is no information.
    if (std::fabs(row_(i)) <= 1e-13 * scale_(i)) continue;
    if (r_(i, i) == 0) {
      // The first row with something new in this column becomes the row of R, whole.
      r_.row(i).tail(k_ + 1 - i) = (row_(i) > 0 ? 1 : -1) * row_.tail(k_ + 1 - i).transpose();
      ++rank_;
      return 0;
    }
    const double radius = std::sqrt(r_(i, i) * r_(i, i) + row_(i) * row_(i));
    const double c = r_(i, i) / radius, s = row_(i) / radius;
    for (int j = i; j <= k_; ++j) {
      const double up = r_(i, j), down = row_(j);
      r_(i, j) = c * up + s * down;
      row_(j) = c * down - s * up;
    }
  }
  rss_ += row_(k_) * row_(k_);
  return row_(k_);
}

VectorXd column_scale(const MatrixView& x) {
  return x.cwiseAbs().colwise().maxCoeff().transpose();
}

}  // namespace amnok
