// What options of an elasticity go together.
#pragma once

#include "engine/base/input_error.h"
#include "engine/model/plugin.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

// What a dynamic equation, instruments and several units cannot be combined with.
void check_combination(const EquationSpec& equation, const ElasticitySpec& spec,
                       ProblemList& problems);

// Lags, cosines and prewhitening that the kind of errors does not have.
void warn_of_idle(const EquationSpec& equation, const ElasticitySpec& spec, ProblemList& problems);

}  // namespace amnok
