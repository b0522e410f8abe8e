// Start values of ARMA parameters: Hannan & Rissanen (1982, Biometrika 69, 81-94).
#pragma once

#include <vector>

#include "models/arima/arima_likelihood.h"

namespace amnok {

// Seasonal and ordinary coefficients from a regression of w on its own lags and on lags of the
// residuals of a long autoregression; zeros when w is too short. Order: ar, ma, sar, sma. They need
// not be admissible.
VectorXd hannan_rissanen(const VectorView& w, const ArimaOrder& order);

// Start values in the likelihood's unconstrained coordinates. The first: Hannan-Rissanen on the
// residuals of a plain regression. All: besides, a little off zero in every direction; and, for mixed
// models, whose surface has several optima, on either side of the line where their factors cancel.
VectorXd first_start(const ArimaLikelihood& likelihood);
std::vector<VectorXd> start_values(const ArimaLikelihood& likelihood);

// Those that are worth a search, the best first: one, or two for a mixed model. With `also`, a
// neighbour's optimum: the better of it and the first.
std::vector<VectorXd> promising_starts(const ArimaLikelihood& likelihood,
                                       const VectorXd& also = {});

// For given orders, which are fitted once: the end of a rough search from the promising starts. Where
// it looks doubtful (starts that ended apart, or a coefficient that the data hardly know) all of
// start_values instead, and two with a factor of each side near the unit circle, at frequency zero or at the
// highest: there a long memory of small size hides.
std::vector<VectorXd> thorough_starts(const ArimaLikelihood& likelihood);

// The optimum of one order as a start for another: partial autocorrelations that are new are zero,
// so that a larger model starts from the same fit. Empty: the two have other parameters besides.
VectorXd carried_over(const ArimaOrder& from, const VectorXd& u, const ArimaOrder& to);

// A start for an order of many lags: the optimum with at most one lag a factor, carried over to
// two, and so on. Empty: the order has no more than one. Complete or gappy data without measurement
// errors.
VectorXd grown_start(const ArimaLikelihood& likelihood);

// The optimum of the conditional likelihood of the same model; empty: none was found, or the sample is
// too short for one.
VectorXd conditional_optimum(const ArimaLikelihood& likelihood);

}  // namespace amnok
