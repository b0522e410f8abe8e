// The trade_elasticity plugin: how a price or a flow answers to others, in logarithms.
#pragma once

#include <memory>
#include <optional>

#include "engine/model/plugin.h"
#include "engine/solver/covariance.h"

namespace amnok {

Plugin trade_elasticity_plugin();

struct ElasticitySpec {
  RegressionCovariance covariance = RegressionCovariance::newey_west;
  std::optional<int> lags;  // of Newey-West; nothing: the automatic bandwidth of 1994
  bool prewhiten = false;
  bool constant = true;
  bool trend = false;
  bool seasonal_dummies = false;
};

std::unique_ptr<Model> make_trade_elasticity(ElasticitySpec spec);

}  // namespace amnok
