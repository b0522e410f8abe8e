// Fluctuation processes of a regression y_t = x_t'b + e_t: cumulated or moving sums of residuals,
// and recursive or moving estimates, whose largest excursion tests whether b is constant
// (overview: Zeileis, Leisch, Hornik & Kleiber 2002, J. Statistical Software 7(2)).
//
//   OLS-CUSUM  sum_{t<=i} e_t / (s sqrt n)                        Ploberger & Kraemer 1992
//   Rec-CUSUM  sum_{t<=i} w_t / (s_w sqrt m), over 1 + 2 i / m    Brown, Durbin & Evans 1975
//   OLS-MOSUM  sum over a window of h n residuals / (s sqrt n)    Chu, Hornik & Kuan 1995a
//   Rec-MOSUM  sum over a window of h m recursive residuals       Bauer & Hackl 1978; as above
//   RE         i / (s sqrt(i n)) (X_i'X_i)^1/2 (b_i - b)          Ploberger, Kraemer & Kontrus 1989
//   ME         the same in windows of h n observations            Chu, Hornik & Kuan 1995b
//
// e: OLS residuals, s^2 their squares about their mean over n - k; w: the m = n - k recursive
// residuals, s_w their standard deviation about their mean with m - 1 (Rec-MOSUM: m - k) degrees of
// freedom. These are the choices of R's strucchange, so that numbers can be compared.
#pragma once

#include "engine/base/matrix.h"
#include "models/structural_break/errors.h"

namespace amnok {

// A process and where it strays farthest. Rows are dates, columns coefficients (one for residual
// processes).
struct Fluctuation {
  MatrixXd process;
  double statistic = 0;  // the largest absolute value, Rec-CUSUM: over its boundary's shape
  int at = 0;            // observations up to it (of a window: up to its end), from 1
};

// errors = hac replaces s^2 of the residual sums by the long-run variance of e (quadratic spectral
// kernel, Andrews' bandwidth) times n / (n - k). The others know classical errors only.
Fluctuation ols_cusum(const MatrixView& x, const VectorView& y, Errors errors = Errors::classical);
Fluctuation ols_mosum(const MatrixView& x, const VectorView& y, double h,
                      Errors errors = Errors::classical);
Fluctuation recursive_cusum(const MatrixView& x, const VectorView& y);
Fluctuation recursive_mosum(const MatrixView& x, const VectorView& y, double h);
Fluctuation recursive_estimates(const MatrixView& x, const VectorView& y);
Fluctuation moving_estimates(const MatrixView& x, const VectorView& y, double h);

// Nyblom (1989, J. American Statistical Association 84, 223-230) and Hansen (1992, J. Policy
// Modeling 14, 517-533): all k coefficients and the error variance are constant, jointly.
//   L = 1/n sum_i S_i' V^-1 S_i,  S_i = sum_{t<=i} f_t,  f_t = (x_t e_t, e_t^2 - e'e / n),  V = sum
//   f_t f_t'
double nyblom_hansen(const MatrixView& x, const VectorView& y);

}  // namespace amnok
