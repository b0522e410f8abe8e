// What a test assumes of the errors of its regression.
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

enum class Errors {
  classical,  // one variance, no correlation
  hc,         // a variance each, no correlation (White 1980, Econometrica 48, 817-838)
  hac         // correlated as well
};

// Residuals whose squares are no more than this share of the target's are rounding errors: the
// regression fits exactly.
inline constexpr double kRounding = 1e-24;

// The long-run covariance of regression scores x_t e_t (n x k) as Bai and Perron (2003, J. Appl.
// Econometrics 18, 1-22, section 4.1) take it: quadratic spectral kernel; bandwidth of Andrews
// (1991, Econometrica 59, 817-858, eq. 6.4) from AR(1) fits without a constant, all with weight 1;
// divided by n - k. `prewhiten` filters by a VAR(1) first (Andrews & Monahan 1992), where there are
// observations enough for it (k + 3).
MatrixXd long_run_covariance(const MatrixView& scores, bool prewhiten);

// Mean of s_t s_t' under hc; the long-run covariance under hac. Not for classical errors.
MatrixXd score_covariance(const MatrixView& scores, Errors errors, bool prewhiten);

}  // namespace amnok
