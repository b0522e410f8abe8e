// What a user may ask of an elasticity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/regression/ardl_selection.h"
#include "engine/regression/robust_covariance.h"

namespace amnok {

// A belief about one coefficient, from outside the sample: normal, and within a range.
struct CoefficientPrior {
  std::string name;
  std::optional<double> mean, sd;  // both or neither
  std::optional<double> low, high;
};

struct ElasticitySpec {
  enum class Estimator { ols, two_stage, liml, gmm };
  enum class Resampling { none, wild, block };

  // Nothing: newey_west for a static equation, classical for a dynamic one, whose lags are there to
  // leave no autocorrelation.
  std::optional<RobustKind> errors;
  std::optional<int> lags;     // of Newey-West; nothing: automatic
  std::optional<int> cosines;  // of ewc
  bool prewhiten = false;
  bool constant = true;
  bool trend = false;
  bool seasonal_dummies = false;

  // Static equations.
  Estimator estimator = Estimator::ols;
  // The last columns of a sample's regressors are excluded instruments, as many as are named here.
  std::vector<std::string> instruments;
  std::vector<std::string> endogenous;  // regressors that are instrumented; empty: the first
  std::string regimes;                  // event from which on coefficients differ; empty: none
  bool time_varying = false;            // a table with the path of drifting coefficients
  std::vector<CoefficientPrior> priors;
  Resampling bootstrap = Resampling::none;
  int block = 0;  // rows of a block; 0: n^(1/3), rounded up
  int replications = 999;
  std::uint64_t seed = 1;

  // Dynamic equations.
  bool dynamic = false;
  std::optional<int> y_lags;  // nothing: chosen, as are x_lags when empty
  std::vector<int> x_lags;    // one for all regressors, or one for each
  int max_lag = 4;            // of a choice
  ArdlCriterion criterion = ArdlCriterion::bic;
  DeterministicCase terms = DeterministicCase::constant;
  bool asymmetric = false;
  int multiplier_horizon = 12;
};

}  // namespace amnok
