// Long-run covariances of regression scores (heteroskedasticity and autocorrelation consistent).
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

// Newey-West long-run covariance of regression scores (Newey & West 1987, Econometrica 55,
// 703-708).
//
//   S = G(0) + sum_{j=1..L} w_j (G(j) + G(j)'),   w_j = 1 - j / (L + 1),   G(j) = sum_t s_t
//   s_{t-j}'
//
// scores: n x k, row t is x_t e_t.  lags: L, in [0, n - 1].  Returns k x k, symmetric, positive
// semidefinite. No small-sample factor is applied; the caller multiplies by n / (n - k) when it
// reports that choice.
MatrixXd newey_west(const MatrixView& scores, int lags);
// The same of the scores x_t e_t, which are made on the way.
MatrixXd newey_west(const MatrixView& x, const VectorView& residuals, int lags);

enum class Kernel { bartlett, quadratic_spectral };

// The same sum with weights k(j / bandwidth), j = 0, 1, ...; Bartlett: k(x) = 1 - x on [0, 1);
// quadratic spectral: Andrews (1991, Econometrica 59, 817-858), eq. 2.7, weights below 1e-7
// dropped.
MatrixXd kernel_covariance(const MatrixView& scores, Kernel kernel, double bandwidth);

// Its one-sided part, G(0) + sum_{j>0} k(j / bandwidth) G(j): how the scores move with those of the
// past. Row i, column c: s_{t,i} with s_{t-j,c}.
MatrixXd one_sided_covariance(const MatrixView& scores, Kernel kernel, double bandwidth);

// VAR(1) prewhitening of scores (Andrews & Monahan 1992, Econometrica 60, 953-966): residuals of
// s_t = A s_{t-1} + u_t (least squares, no constant) and the recolouring matrix D = (I - A)^-1, so
// that S = D S_u D'.
struct Prewhitened {
  MatrixXd residuals;  // n - 1 rows
  MatrixXd recolour;
};
Prewhitened prewhiten(const MatrixView& scores);

// Automatic bandwidth of Newey & West (1994, Rev. Econ. Stud. 61, 631-653), Bartlett kernel. The
// moments enter with the given weights (0 for the constant's). `prewhitened`: scores are the
// residuals of a VAR(1), which changes the truncation constant from 4 to 3. The lag is its floor.
double newey_west_bandwidth(const MatrixView& scores, const VectorView& weights, bool prewhitened);

// Automatic bandwidth of Andrews (1991), eqs 6.2 and 6.4, from AR(1) fits with a constant.
double andrews_bandwidth(const MatrixView& scores, const VectorView& weights, Kernel kernel);

}  // namespace amnok
