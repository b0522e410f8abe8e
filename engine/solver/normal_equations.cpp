#include "engine/solver/normal_equations.h"

#include <Eigen/Cholesky>

namespace amnok {

bool solve_normal_equations(const MatrixView& gram, NormalEquations& solution) {
  constexpr double kLeastRemainder = 1.0 / 300;
  const Eigen::Index k = gram.cols() - 1;
  const VectorXd squares = gram.diagonal().head(k);
  if (k > 0 && (!gram.allFinite() || squares.minCoeff() < 1e-200 || squares.maxCoeff() > 1e200)) {
    return false;
  }
  const VectorXd shrink = squares.cwiseSqrt().cwiseInverse();
  const Eigen::LLT<MatrixXd> llt(shrink.asDiagonal() * gram.topLeftCorner(k, k) *
                                 shrink.asDiagonal());
  if (llt.info() != Eigen::Success) return false;
  if (k > 0 && llt.matrixLLT().diagonal().minCoeff() < kLeastRemainder) return false;
  solution.coefficients = shrink.cwiseProduct(llt.solve(shrink.cwiseProduct(gram.col(k).head(k))));
  solution.inverse =
      shrink.asDiagonal() * llt.solve(MatrixXd::Identity(k, k)) * shrink.asDiagonal();
  return true;
}

}  // namespace amnok
