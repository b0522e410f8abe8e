// What a table with plugin = "vector_autoregression" asks for: one system of K equations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/regression/bayesian_var.h"
#include "engine/regression/deterministic_case.h"

namespace amnok {

struct VarSystemSpec {
  enum class Estimator { ols, minnesota, vecm };
  enum class LagRule { given, aic, bic, hq };

  std::vector<std::string> targets;  // K, as written: log(imports)
  int position = 0;                  // of the equation among them
  Estimator estimator = Estimator::ols;
  LagRule lag_rule = LagRule::aic;
  int lags = 1;      // when given
  int max_lags = 4;  // lags that samples hold; at least `lags`
  bool constant = true, trend = false, seasonal_dummies = false;

  // minnesota
  MinnesotaPrior prior;
  bool choose_tightness = true;

  // vecm
  DeterministicCase terms = DeterministicCase::constant;
  std::optional<int> rank;  // nothing: by the trace test
  double rank_level = 0.05;

  // Responses to shocks, in tables.
  int responses = 12;  // periods; 0: none
  bool generalised = false;
  double response_level = 0.9;
  int response_draws = 1000;

  int size() const { return static_cast<int>(targets.size()); }
};

}  // namespace amnok
