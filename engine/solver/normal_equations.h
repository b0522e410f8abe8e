// b = (X'X)^-1 X'y from a cross-product, where its condition allows.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

struct NormalEquations {
  VectorXd coefficients;
  MatrixXd inverse;  // (X'X)^-1
};

// gram: the cross-product of [X y]. Columns are scaled to unit length and factored by Cholesky; the
// answer is right to about eleven digits. False, and nothing solved, where a column leaves less
// than 1/300 of its length beyond those before it: then a QR of the rows is called for.
bool solve_normal_equations(const MatrixView& gram, NormalEquations& solution);

}  // namespace amnok
