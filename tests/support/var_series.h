// A simulated vector autoregression of two variables.
#pragma once

#include <Eigen/Dense>

#include "tests/support/dynamic_series.h"

namespace amnok {

// y_t = m + A y_{t-1} + P e_t from zero; the first 100 values are left out.
struct SimulatedVar {
  Eigen::Matrix2d a = (Eigen::Matrix2d() << 0.5, 0.2, -0.3, 0.4).finished();
  Eigen::Matrix2d p = (Eigen::Matrix2d() << 1, 0, 0.5, 0.8).finished();
  Eigen::Vector2d m{1, -0.5};

  Eigen::Matrix2d covariance() const { return p * p.transpose(); }
  MatrixXd draw(std::uint32_t draw, int n) const {
    const MatrixXd e = normal_matrix(2005, draw, n + 100, 2);
    MatrixXd y = MatrixXd::Zero(n + 100, 2);
    for (Eigen::Index t = 0; t < y.rows(); ++t) {
      Eigen::Vector2d next = m + p * e.row(t).transpose();
      if (t > 0) next += a * y.row(t - 1).transpose();
      y.row(t) = next.transpose();
    }
    return y.bottomRows(n);
  }
};

}  // namespace amnok
