// The trade_elasticity plugin: how a price or a flow answers to others, in logarithms.
#pragma once

#include <memory>

#include "engine/model/plugin.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

Plugin trade_elasticity_plugin();

std::unique_ptr<Model> make_trade_elasticity(ElasticitySpec spec);

// An ARDL(1,1) drawn from known parameters, for the contract test.
ModelExample dynamic_elasticity_example();
// A level with a log-linear mean, three units with one slope, and such units of levels, likewise.
ModelExample poisson_elasticity_example();
ModelExample panel_elasticity_example();
ModelExample poisson_panel_elasticity_example();

}  // namespace amnok
