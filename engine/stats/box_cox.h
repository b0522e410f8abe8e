// The parameter of the Box-Cox transformation (y^lambda - 1) / lambda, log y at 0, of a positive
// series (Box & Cox 1964, J. R. Statist. Soc. B 26, 211-252). NaN values are left out.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

inline constexpr double kLeastLambda = -1, kLargestLambda = 2;

// Guerrero (1993, J. Forecasting 12, 37-48): the lambda in [lower, upper] with the smallest
// coefficient of variation over blocks of
//   s_b / m_b^(1 - lambda)
// m_b, s_b: mean and standard deviation of block b, `block` observations (the period, or 2),
// counted from the end. Throws InputError when a value is not positive, fewer than two blocks have
// two values, or all blocks are constant.
double guerrero_lambda(const VectorView& y, int block, double lower = kLeastLambda,
                       double upper = kLargestLambda);

// The profile log-likelihood of lambda when the transformed series is a linear trend, seasonal
// dummies (period above 1) and normal errors:
//   l(lambda) = -n/2 (log(2 pi RSS(lambda) / n) + 1)
// RSS: the residual sum of squares of the transformed series divided by g^(lambda - 1), g the
// geometric mean of y (Box & Cox 1964, sec. 3). n: observations that are there. R's
// forecast::BoxCox.lambda(method = "loglik") takes the maximum on the grid.
class BoxCoxLikelihood {
 public:
  // Throws InputError when a value is not positive, n is not more than two periods, or the series
  // is constant.
  BoxCoxLikelihood(const VectorView& y, int period);

  double operator()(double lambda) const;
  // The best of lower, lower + 0.05, ... in [lower, upper].
  double grid_maximum(double lower = kLeastLambda, double upper = kLargestLambda) const;
  // The maximum in [lower, upper], to about eight digits.
  double maximum(double lower = kLeastLambda, double upper = kLargestLambda) const;

 private:
  VectorXd centred_log_;  // log y - log g
  double mean_log_ = 0;   // log g
  MatrixXd basis_;        // orthonormal columns that span the regressors
};

}  // namespace amnok
