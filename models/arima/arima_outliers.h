// Outliers of an arima model: detection and joint estimation (Chen & Liu 1993, J. Amer. Statist.
// Assoc. 88, 284-297), on the exact whitened data.
//
//   y_t = x_t' beta + sum_k omega_k L_k(t - T_k) + z_t,   z_t ARIMA
//
//   AO  additive     L(i) = 1 for i = 0: one observation
//   LS  level shift  L(i) = 1 for i >= 0: goes on over the horizon
//   TC  transitory   L(i) = 0.7^i: fades
//   SO  seasonal     L(i) = 1 where i is a multiple of the season s, -1 / (s - 1) elsewhere: the
//                    season's pattern changes and the level does not (X-13ARIMA-SEATS; Kaiser &
//                    Maravall 2001, Estadistica 53, 97-142); only in models with seasonal terms
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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/model.h"
#include "models/arima/arima_data.h"

namespace amnok {

inline constexpr double kTransitoryDecay = 0.7;

std::string_view outlier_code(OutlierType type);  // AO, LS, TC, SO
std::optional<OutlierType> parse_outlier(std::string_view code);
std::string outlier_name(const Outlier& outlier);  // LS_2017-09

// L(i) for a period i steps after the outlier's; 0 before it.
double outlier_shape(OutlierType type, std::int64_t i, int season);
TransferInput outlier_input(const Outlier& outlier, const PeriodRange& range, int season);

// Those that the sample can tell: their period lies in it and has an observation (a level shift:
// also one before it). The others had no place in a fit to this sample, and leave no trace after
// it.
std::vector<Outlier> determined_outliers(const std::vector<Outlier>& outliers,
                                         const Sample& sample);

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

// Adds the table of outliers and a sentence for each to a fit.
void report_outliers(const ArimaSpec& spec, const Transform& transform, FitResult& fit);

}  // namespace amnok
