// A dynamic elasticity equation bound to a sample: an autoregressive distributed lag.
//
//   y_t = [c] + [d t] + sum_{i=1..p} f_i y_{t-i} + sum_j sum_{l=0..q_j} b_jl x_{j,t-l} + g'w_t
//         + e_t
//
// estimated in error-correction form (engine/regression/ardl.h), w seasonal dummies. Parameters are
// those of the equation above, so that a scenario simulates it draw by draw: lags reach back into
// the sample, target and regressors alike. asymmetric: every x_j is replaced by the sums of its
// rises and of its falls, which go on from their values at the end of the sample.
//
// Rows with a gap in any lag are left out. In the history of a simulation a missing regressor keeps
// its last value, and periods after the last observation of the target are simulated as well.
#pragma once

#include <memory>

#include "engine/model/model.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

std::unique_ptr<BoundModel> bind_dynamic_elasticity(const ElasticitySpec& spec,
                                                    const Sample& sample);

}  // namespace amnok
