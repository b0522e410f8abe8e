// The Gaussian likelihood of an unobserved-components model.
//
//   log L = -1/2 sum_t (log 2 pi F_t + v_t^2 / F_t) - 1/2 sum log F_inf,t
//
// over the observations that the diffuse start leaves (Durbin & Koopman 2012, section 7.2.2).
// Regression coefficients are parameters like others; at given variances their maximum is the least
// squares of the whitened errors.
#pragma once

#include "engine/model/linearised_sums.h"
#include "models/unobserved_components/ucm_spec.h"

namespace amnok {

struct UcmData {
  MatrixXd columns;                  // n x (1 + k): y and regressors; rows with a NaN are gaps
  VectorXd sd;                       // measurement standard deviations; empty: exact
  std::vector<SumObservation> sums;  // those whose regressors are known, one a period at most
  VectorXd regressor_scale;          // k: what regressors are divided by
  double unit = 1;  // size of the series' changes: the measure of standard deviations
  double first_value = 0, variance = 0;
  int observed = 0;  // single figures

  // One exact figure a period, or none.
  bool exact() const { return sums.empty() && (sd.size() == 0 || (sd.array() == 0).all()); }
  int information() const { return observed + static_cast<int>(sums.size()); }
};

// path: where sums are linearised, n; empty without sums. Throws InputError where the series is constant or too short for the spec.
UcmData ucm_data(const Sample& sample, const UcmSpec& spec, const VectorXd& path);

struct UcmFit {
  bool ok = false;
  UcmValues values;
  double log_likelihood = kMissing;
  VectorXd coefficients;            // k, of the regressors as they came
  MatrixXd coefficient_covariance;  // k x k, given the variances
  InvariantModel model;
  InvariantFilterResult filter;
  VectorXd errors;        // n, v_t with the regressors' part taken out; NaN where none
  double rss = kMissing;  // sum v^2 / F
};

// coefficients: given ones, or null for the best.
UcmFit evaluate_ucm(const UcmSpec& spec, const UcmData& data, const UcmValues& values,
                    const VectorXd* coefficients = nullptr);

}  // namespace amnok
