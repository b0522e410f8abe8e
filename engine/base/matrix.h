// The matrix types of all layers.
#pragma once

#include <Eigen/Core>
#include <limits>

namespace amnok {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using MatrixView = Eigen::Ref<const MatrixXd>;
using VectorView = Eigen::Ref<const VectorXd>;

// Draws: one row a period, one column a draw; a period's draws lie side by side.
using DrawMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace amnok
