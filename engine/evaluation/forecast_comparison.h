// Tests of two forecasts of the same thing against each other.
//
//   d_t = L(e1_t) - L(e2_t),   L(e) = |e|^p:   positive where the second forecast is better
//
// Forecasts h steps ahead have errors that overlap; the variance of the mean of d therefore counts
// autocovariances up to lag h - 1. Missing (NaN) errors drop their period.
#pragma once

#include <string>

#include "engine/base/matrix.h"

namespace amnok {

// rectangular: gamma_0 + 2 sum_{j<h} gamma_j (may be negative); bartlett: weights 1 - j / h.
enum class LossVariance { rectangular, bartlett };
enum class Alternative { two_sided, first_is_better, second_is_better };

struct ComparisonOptions {
  int horizon = 1;
  double power = 2;  // of the absolute error
  LossVariance variance = LossVariance::rectangular;
  Alternative alternative = Alternative::two_sided;
};

struct ComparisonTest {
  double statistic = kMissing, p_value = kMissing;
  double df = kMissing;
  double mean_difference = kMissing;  // of losses
  int count = 0;
  int horizon = 1;   // 1 where the variance of the requested one came out negative
  std::string note;  // why there is no statistic, or another horizon
};

// Diebold & Mariano (1995, J. Bus. Econ. Statist. 13, 253-263) with the correction of Harvey,
// Leybourne & Newbold (1997, Int. J. Forecasting 13, 281-291): times sqrt((n + 1 - 2h + h(h-1)/n) /
// n), against Student's t with n - 1 degrees of freedom.
ComparisonTest diebold_mariano(const VectorView& first_errors, const VectorView& second_errors,
                               const ComparisonOptions& options = {});

// Does the first forecast encompass the second? d_t = (e1_t - e2_t) e1_t has mean zero when nothing
// is gained by mixing the second in, a positive one otherwise; one-sided (Harvey, Leybourne &
// Newbold 1998, J. Bus. Econ. Statist. 16, 254-259).
ComparisonTest encompassing_test(const VectorView& first_errors, const VectorView& second_errors,
                                 int horizon = 1,
                                 LossVariance variance = LossVariance::rectangular);

// Giacomini & White (2006, Econometrica 74, 1545-1578): can the difference of losses be foretold by
// a constant and its value of h periods before? Wald statistic, chi-squared(2); Newey-West with
// h - 1 lags.
ComparisonTest giacomini_white(const VectorView& first_errors, const VectorView& second_errors,
                               const ComparisonOptions& options = {});

}  // namespace amnok
