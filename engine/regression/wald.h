// Wald tests of linear restrictions R b = r on estimated coefficients.
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

// (R b - r)' (R V R')^-1 (R b - r), chi-squared with the rows of R; with df_residual > 0 it is
// divided by the rows and compared with F(rows, df_residual). NaN where R V R' is singular.
Diagnostic wald_test(const std::string& name, const VectorView& coefficients,
                     const MatrixView& covariance, const MatrixView& restrictions,
                     const VectorView& values, int df_residual = 0);

}  // namespace amnok
