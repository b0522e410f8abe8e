// a'b in eight partial sums: several times as fast as in one, and the same bits on every machine.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

double lane_dot(const double* a, const double* b, Eigen::Index n);

// J'r and J'J.
VectorXd lane_products(const MatrixXd& j, const VectorXd& r);
MatrixXd lane_gram(const MatrixXd& j);

}  // namespace amnok
