// The logarithm of the determinant of a symmetric positive definite matrix.
#pragma once

#include <Eigen/Cholesky>

#include "engine/base/matrix.h"

namespace amnok {

inline double log_determinant(const MatrixView& positive) {
  return positive.ldlt().vectorD().array().log().sum();
}

}  // namespace amnok
