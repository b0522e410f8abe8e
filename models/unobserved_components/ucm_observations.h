// Figures that are not one exact number a period: measurement errors of their own, published sums.
//
//   state (alpha_t, eps_t, y_{t-1}, ..., y_{t-L}),   y_t = z' alpha_t + eps_t
//
// A figure is y_t + N(0, sd_t^2), a sum is sum_j w_j y_{t-j} + N(0, h); L is the longest reach of a
// sum. The irregular is a part of the state, because a sum holds those of all its periods. What
// comes after the sample depends on alpha alone.
#pragma once

#include <vector>

#include "engine/statespace/kalman_filter.h"
#include "models/unobserved_components/ucm_likelihood.h"

namespace amnok {

// The states of a model with its irregular and the lags that the sums of `data` need.
StateSpace ucm_state_space(const InvariantModel& model, const UcmData& data);

// By period; with their regressors (scaled) unless `coefficients` (of scaled regressors) are given,
// whose part is then taken out of the values.
std::vector<Observation> ucm_observations(const InvariantModel& model, const UcmData& data,
                                          const VectorXd* coefficients);

// invariant_filter's result for such data: the error of a sum stands in its last period, moments
// are of alpha.
InvariantFilterResult filter_inexact(const InvariantModel& model, const UcmData& data);

}  // namespace amnok
