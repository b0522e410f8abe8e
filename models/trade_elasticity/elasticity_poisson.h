// An elasticity of a level, zeros included: Poisson pseudo maximum likelihood bound to a sample.
//
//   E[y_t | x_t] = mu_t = exp(x_t'b),   y_t = mu_t m(z_t) >= 0
//
// x as in elasticity_design.h; the target is the level itself. Estimated by
// engine/regression/poisson.h with robust errors: no distribution of y is assumed for b. For
// projections the relative error y / mu has one variance v, estimated by the mean of
// ((y - mu) / mu)^2, and m is the shock of floored_shock.h: never negative, mean exactly mu, zero
// with positive probability where v is large. A result's sigma2 is v times the squared mean of the
// sample, so that sigma is in units of the target at a typical level.
//
// Forecast: mean mu and variance v mu^2. Draws of parameters move mu and sigma. A path that a
// scenario fixes is reached through m, a path of zero by any shock low enough.
//
// With a panel the slopes are those of all units and the constant is the own unit's
// (panel_estimate.h); rows, residuals and projection are the own unit's.
//
// Input errors: a transformed target, a negative one (with its period), zero throughout, collinear
// columns. Columns and rows that are separated are named in notes; such a coefficient is zero and
// has no standard error.
#pragma once

#include <memory>

#include "engine/model/model.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

std::unique_ptr<BoundModel> bind_poisson_elasticity(const ElasticitySpec& spec,
                                                    const Sample& sample);

}  // namespace amnok
