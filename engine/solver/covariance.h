// Covariance matrices of estimates. Every one has a name that is printed beside the numbers.
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

// Inverse of a symmetric positive definite information matrix, scaled by its diagonal first; false
// when it is not positive definite (a flat or ridge-like optimum).
bool invert_information(const MatrixView& information, MatrixXd& covariance);

// Of least-squares coefficients.
enum class RegressionCovariance { classical, hc0, hc1, hc2, hc3, newey_west };
std::string covariance_name(RegressionCovariance kind);

// White (1980); MacKinnon & White (1985, J. Econometrics 29, 305-325) for HC1 to HC3:
//   (X'X)^-1 [sum w_t x_t x_t'] (X'X)^-1,  w = e^2 (HC0), n/(n-k) e^2 (HC1), e^2/(1-h) (HC2),
//   e^2/(1-h)^2 (HC3)
MatrixXd heteroskedastic_covariance(const MatrixView& x, const LinearFit& fit,
                                    RegressionCovariance kind);

// (X'X)^-1 S (X'X)^-1 with S a long-run covariance of the scores x_t e_t.
MatrixXd sandwich(const MatrixView& xtx_inverse, const MatrixView& meat);

// x_t e_t, row by row.
MatrixXd regression_scores(const MatrixView& x, const VectorView& residuals);

}  // namespace amnok
