#include "models/builtin.h"

#include "models/arima/arima.h"
#include "models/combination/combination.h"
#include "models/ets/ets.h"
#include "models/structural_break/structural_break.h"
#include "models/theta/theta.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "models/unobserved_components/unobserved_components.h"
#include "models/vector_autoregression/vector_autoregression.h"

namespace amnok {

const PluginList& builtin_plugins() {
  static const PluginList plugins = [] {
    PluginList all = {arima_plugin(),
                      ets_plugin(),
                      naive_plugin(),
                      structural_break_plugin(),
                      theta_plugin(),
                      trade_elasticity_plugin(),
                      unobserved_components_plugin()};
    // Members are any of the others that explain one series.
    all.insert(all.begin() + 1, combination_plugin(all));
    all.push_back(vector_autoregression_plugin());
    return all;
  }();
  return plugins;
}

}  // namespace amnok
