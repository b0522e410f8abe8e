// A static elasticity equation bound to a sample.
//
//   y_t = d_t'c + x_t'b + a_t (g + x_t'h) + e_t
//
// d: deterministic terms; x: regressors; a: the activity of a dated event (regimes), or nothing.
// Least squares with robust inference, mixed estimation with priors, or instruments.
#pragma once

#include <memory>

#include "engine/model/model.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

std::unique_ptr<BoundModel> bind_static_elasticity(const ElasticitySpec& spec,
                                                   const Sample& sample);

}  // namespace amnok
