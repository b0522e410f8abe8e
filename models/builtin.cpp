#include "models/builtin.h"

#include "models/arima/arima.h"
#include "models/ets/ets.h"
#include "models/structural_break/structural_break.h"
#include "models/theta/theta.h"
#include "models/trade_elasticity/trade_elasticity.h"

namespace amnok {

const PluginList& builtin_plugins() {
  static const PluginList plugins = {arima_plugin(), ets_plugin(), structural_break_plugin(),
                                     theta_plugin(), trade_elasticity_plugin()};
  return plugins;
}

}  // namespace amnok
