// Estimates at the edge of what an arima model can tell, in words.
//
//   an AR factor's root within 1 % of the unit circle    difference once more, or a cycle that
//                                                        hardly fades
//   an MA factor's root within 1 % of it                 differenced once too often
//   roots of an AR and an MA factor that nearly cancel   a smaller model says the same
//   starts that ended in different optima                how far apart in log-likelihood
//
// A factor's roots are those of its polynomial in its own lag (B, or B^s for a seasonal one).
// Cancelling is measured between inverse roots, which all lie in the unit disc: within 0.1 of each
// other.
#pragma once

#include <string>
#include <vector>

#include "models/arima/arima_spec.h"

namespace amnok {

// theta: ar, ma, sar, sma in natural units, and more that is not looked at.
std::vector<std::string> boundary_notes(const ArimaOrder& order, const VectorXd& theta);

// Log-likelihoods reached from each start; empty when they differ by less than 0.1.
std::string optima_note(const std::vector<double>& log_likelihoods);

}  // namespace amnok
