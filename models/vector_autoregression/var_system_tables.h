// What a system says beside its coefficients, as tables.
//
// Of the whole system: lags compared, roots, correlations of the shocks, causality, tests of the
// residuals, and of an error-correction model the trace test, its relations and loadings.
// Of each variable: its responses to shocks and the shares of the shocks in its forecast error
// variance. Orthogonal shocks are in the order of the targets; generalised ones are S e_j /
// sqrt(s_jj), each with what usually comes with it (Pesaran & Shin 1998, Economics Letters 58,
// 17-29). Bands are quantiles of responses at drawn coefficients and covariances.
#pragma once

#include <vector>

#include "models/vector_autoregression/var_system_fit.h"

namespace amnok {

std::vector<ResultTable> system_tables(const VarSystemSpec& spec, const VarSystemData& data,
                                       const VarSystemFit& fit);
std::vector<ResultTable> response_tables(const VarSystemSpec& spec, const VarSystemFit& fit);

}  // namespace amnok
