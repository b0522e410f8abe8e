// Simulated ARIMA series and samples for tests of the arima plugin.
#pragma once

#include <string>

#include "engine/model/sample.h"
#include "models/arima/arima_spec.h"

namespace amnok {

// A complete sample without regressors.
Sample arima_sample(const VectorXd& y, int season = 1, Period first = {Frequency::undated, 1});

// n observations after a run-in, with innovations of unit variance: normal, or Student's t with
// `df` degrees of freedom: phi(B) Phi(B^s) (1 - B)^d (1 - B^s)^D y = theta(B) Theta(B^s) e. theta:
// ar, ma, sar, sma.
VectorXd simulated_arima(const ArimaOrder& order, const VectorXd& theta, int n, std::uint32_t seed,
                         double df = 0);

// A column of a file in tests/reference/data.
VectorXd reference_column(const std::string& file, const std::string& column);

}  // namespace amnok
