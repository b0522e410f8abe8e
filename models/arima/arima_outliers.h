// Outliers of an arima model: detection and joint estimation (Chen & Liu 1993, J. Amer. Statist.
// Assoc. 88, 284-297), on the exact whitened data.
//
//   y_t = x_t' beta + sum_k omega_k L_k(t - T_k) + z_t,   z_t ARIMA
//
// L_k as in outlier_effects.h; seasonal ones only in models with seasonal terms.
//
// With e the whitened residuals and x the whitened L (the pi-weights of pi(B) L(B), exact from the
// first observation on, through gaps, sums and measurement errors alike), M the projection off all
// other columns, the test of one outlier at T is
//
//   tau = x'M e / (s sqrt(x'M x)),   s = 1.4826 MAD(e) sqrt(m / (m - k))
//
//   1. fit the model;
//   2. with its ARMA parameters held, take in the largest |tau| above the critical value, one at a
//      time;
//   3. estimate all of them with the ARMA parameters by maximum likelihood; while the smallest
//      joint |t| is below the critical value, drop it and estimate again;
//   4. again from 2 with the new ARMA parameters and no outliers, until the set does not change (at
//      most ten rounds; when sets go in a circle, the one with the smallest BIC).
//
// Critical value: z(1 - 0.05 / (2 N)) for N tests (dates times types), Bonferroni's bound, so that
// a clean Gaussian series shows a false outlier in about 5 % of cases at any length: 3.6 for 50
// observations and three types, 3.9 for 150 and four, 4.2 for 450. TRAMO's line from 3.0 (50)
// to 4.0 (450) finds one in a quarter to a third of clean series of up to 100 observations, which
// is no ground for words about a policy; `critical` sets another value.
//
// An outlier that equals an earlier column (a level shift where an event's step begins) has no
// variation of its own and is never taken: what a known event explains is no outlier.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "models/arima/arima_data.h"

namespace amnok {

double outlier_critical_value(std::size_t tests);

struct FoundOutliers {
  std::vector<Outlier> outliers;  // by period
  VectorXd start;                 // the joint estimate, in unconstrained coordinates
  std::vector<std::string> notes;
};

// spec.outlier_search must be there and the orders given. Throws InputError where a plain fit
// would.
FoundOutliers find_outliers(const ArimaSpec& spec, const Sample& sample);

// The bound model with its outliers. With automatic orders: orders, outliers, orders once more with
// the outliers in the model, and outliers again if the orders changed.
std::unique_ptr<BoundModel> bind_with_outliers(const ArimaSpec& spec, const Sample& sample);

}  // namespace amnok
