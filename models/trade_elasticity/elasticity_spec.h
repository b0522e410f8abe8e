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

// Another unit (city, commodity, partner) that is pooled with the equation's own. A sample carries
// its target and its regressors as further columns; `shared`: it has the equation's regressors.
struct PanelUnit {
  std::string name;
  int regressors = 0;
  bool shared = true;
};

struct ElasticitySpec {
  enum class Estimator { ols, two_stage, liml, gmm, poisson, mean_group, cce, cce_pooled };
  enum class PanelEffectsKind { none, unit, two_way, random };
  enum class PanelErrorsKind { automatic, classical, hc0, clustered, two_way, driscoll_kraay };
  enum class Resampling { none, wild, block };

  // Nothing: of least squares ewc, but newey_west where lags or prewhitening are asked for and with
  // priors; newey_west with instruments and of a Poisson regression; classical for a dynamic
  // equation, whose lags are there to leave no autocorrelation.
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
  // The last column of a sample's regressors weighs its rows: weighted least squares.
  bool weighted = false;
  std::string regimes;         // event from which on coefficients differ; empty: none
  bool time_varying = false;   // a table with the path of drifting coefficients
  bool cointegration = false;  // tests, and the long run by other estimators; dynamic ones as well
  std::vector<CoefficientPrior> priors;
  Resampling bootstrap = Resampling::none;
  int block = 0;  // rows of a block; 0: n^(1/3), rounded up
  int replications = 999;
  std::uint64_t seed = 1;

  // Several units: the equation's own and these. `errors` above is then left empty.
  std::vector<PanelUnit> panel;
  std::string own_unit;  // its name in tables; empty: the target's
  PanelEffectsKind effects = PanelEffectsKind::unit;
  PanelErrorsKind panel_errors = PanelErrorsKind::automatic;

  // Dynamic equations.
  bool dynamic = false;
  std::optional<int> y_lags;  // nothing: chosen, as are x_lags when empty
  std::vector<int> x_lags;    // one for all regressors, or one for each
  int max_lag = 4;            // of a choice
  ArdlCriterion criterion = ArdlCriterion::bic;
  DeterministicCase terms = DeterministicCase::constant;
  bool asymmetric = false;
  int multiplier_horizon = 12;

  // Columns of a sample's regressors that a projection does not need: instruments, other units.
  Eigen::Index carried_columns() const {
    auto count = static_cast<Eigen::Index>(instruments.size()) + (weighted ? 1 : 0);
    for (const PanelUnit& unit : panel) count += 1 + (unit.shared ? 0 : unit.regressors);
    return count;
  }
};

}  // namespace amnok
