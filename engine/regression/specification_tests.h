// Specification tests of a linear regression, each from the literature's auxiliary regression.
//
// x is n x k with a column of ones where the regression has a constant; fit is its least squares.
#pragma once

#include "engine/base/matrix.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

// The index of a column of equal values; -1: there is none.
int constant_column(const MatrixView& x);

// Breusch (1978) and Godfrey (1978): residuals on X and `lag` of their own lags, with zeros before
// the sample. statistic n R^2, chi-squared(lag); f_form: the F statistic of the lags.
Diagnostic breusch_godfrey(const MatrixView& x, const LinearFit& fit, int lag, bool f_form = false);

// Koenker (1981, J. Econometrics 17, 107-112): n R^2 of e^2 on X; robust to kurtosis.
Diagnostic breusch_pagan_koenker(const MatrixView& x, const LinearFit& fit);
// Breusch & Pagan (1979, Econometrica 47, 1287-1294): half the explained sum of squares of
// e^2 / (rss / n) on X; needs normal errors.
Diagnostic breusch_pagan(const MatrixView& x, const LinearFit& fit);

// White (1980, Econometrica 48, 817-838): n R^2 of e^2 on X, squares and cross-products.
Diagnostic white_test(const MatrixView& x, const LinearFit& fit);

// Ramsey (1969): F test of powers 2 .. highest of the fitted values.
Diagnostic reset_test(const MatrixView& x, const VectorView& y, const LinearFit& fit, int highest);

// Durbin & Watson (1950): sum (e_t - e_{t-1})^2 / sum e_t^2.
double durbin_watson(const VectorView& residuals);
// P(DW < d) under no autocorrelation given X: exact, by Imhof (1961, Biometrika 48, 419-426) from
// the eigenvalues of M A; or from its first two moments and a normal distribution (for long
// samples).
double durbin_watson_p(const MatrixView& x, double d);
double durbin_watson_p_normal(const MatrixView& x, double d);

// Recursive residuals w_{k+1} .. w_n (Brown, Durbin & Evans 1975, J. R. Statist. Soc. B 37,
// 149-192); one for each row that does not raise the rank, so n - k for X of full column rank.
VectorXd recursive_residuals(const MatrixView& x, const VectorView& y);
// Harvey & Collier (1977, J. Econometrics 6, 103-119): |t| of the mean recursive residual.
Diagnostic harvey_collier(const MatrixView& x, const VectorView& y);

// 1 / (1 - R_j^2) of column j on the other columns (centred); NaN for the constant.
VectorXd variance_inflation(const MatrixView& x);

}  // namespace amnok
