#include "engine/evaluation/combination_weights.h"

#include "engine/solver/linear_least_squares.h"
#include "engine/solver/simplex_least_squares.h"

namespace amnok {

VectorXd inverse_mse_weights(const VectorView& actual, const MatrixView& forecasts) {
  const VectorXd squares =
      (forecasts.colwise() - VectorXd(actual)).colwise().squaredNorm().transpose();
  const double best = squares.minCoeff();
  const VectorXd weights =
      best > 0 ? VectorXd(best / squares.array()) : VectorXd((squares.array() == 0).cast<double>());
  return weights / weights.sum();
}

VectorXd granger_ramanathan_weights(const VectorView& actual, const MatrixView& forecasts) {
  MatrixXd x(forecasts.rows(), forecasts.cols() + 1);
  x << VectorXd::Ones(forecasts.rows()), forecasts;
  return solve(LinearLeastSquares{x, actual}).coefficients;
}

VectorXd mixture_weights(const VectorView& actual, const MatrixView& forecasts) {
  return simplex_least_squares(forecasts, actual).weights;
}

}  // namespace amnok
