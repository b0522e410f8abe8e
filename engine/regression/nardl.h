// Asymmetric ARDL (Shin, Yu & Greenwood-Nimmo 2014, in Festschrift in Honor of Peter Schmidt,
// 281-314): rises and falls of a regressor have effects of their own, as closing and reopening a
// border may.
//
//   x_t = x_1 + x_t(+) + x_t(-)
//   x_t(+) = sum_{s<=t} dx_s 1(dx_s > c),   x_t(-): the sum of the other changes
//
// Both enter an ARDL as regressors x_pos and x_neg with the same order.
#pragma once

#include <string>
#include <vector>

#include "engine/regression/ardl.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

struct PartialSums {
  VectorXd positive, negative;  // zero at the first observation
};
PartialSums partial_sums(const VectorView& x, double threshold = 0);

struct NardlSpec {
  ArdlOrder order;              // q: one for each x of the data
  std::vector<int> asymmetric;  // columns of x to split
  double threshold = 0;         // c
  DeterministicCase terms = DeterministicCase::constant;
  CovarianceChoice covariance;
};

// Where one split regressor stands among the x of the ARDL.
struct SplitRegressor {
  std::string name;
  int positive = -1, negative = -1;
};

struct NardlFit {
  ArdlFit ardl;
  std::vector<SplitRegressor> split;
};

// An InputError names a column out of range, or a split that leaves fewer than two changes on one
// side.
NardlFit fit_nardl(const ArdlData& data, const NardlSpec& spec);

// Wald tests of symmetry, as F statistics: of the long run (both levels have one coefficient), of
// the short run (the same sum of all coefficients of differences), and of every difference alike.
struct SymmetryTests {
  Diagnostic long_run, short_run_sum, short_run_each;  // NaN where q is 0: no differences
};
SymmetryTests symmetry_tests(const NardlFit& fit, const SplitRegressor& split);

// What y has changed by after a lasting rise and a lasting fall of one unit, and the sum of the
// two: zero under symmetry.
struct AsymmetricMultipliers {
  DynamicMultipliers rise, fall, asymmetry;
};
AsymmetricMultipliers asymmetric_multipliers(const NardlFit& fit, const SplitRegressor& split,
                                             int horizon, double level = 0.95);

}  // namespace amnok
