// The vector_autoregression plugin: several variables, each on the past of all.
//
//   y_t = B'd_t + A_1 y_{t-1} + ... + A_p y_{t-p} + u_t,   E[u_t u_t'] = S
//
// One table of the config is K equations (engine/study/joint_equations.h). The lags are regressors
// like any other, so that systems solve it, and scenarios change it, as they do other equations.
// Every equation estimates the whole system on the same data and answers for its own row; parameter
// draws are joint (var_posterior.h). Estimators:
//
//   ols        least squares; lags given or by AIC, BIC or Hannan & Quinn's criterion
//   minnesota  engine/regression/bayesian_var.h
//   vecm       engine/regression/vecm.h, rank given or by the trace test; coefficients of the levels
//
// Luetkepohl (2005, New Introduction to Multiple Time Series Analysis, chapters 3, 4 and 7).
#pragma once

#include <memory>

#include "engine/model/plugin.h"
#include "models/vector_autoregression/var_system_spec.h"

namespace amnok {

Plugin vector_autoregression_plugin();

std::unique_ptr<Model> make_vector_autoregression(VarSystemSpec spec);

}  // namespace amnok
