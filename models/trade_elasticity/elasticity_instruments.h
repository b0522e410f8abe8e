// An elasticity whose regressors answer to the price: estimated with instruments.
//
// Two-stage least squares, limited information or two-step GMM (engine/regression/
// instrumental_variables.h), with what a reader must see beside it: first stages, the effective F,
// the Anderson-Rubin set, Wu-Hausman, Sargan or Hansen, and in words what each instrument has to
// be.
#pragma once

#include "engine/model/fit_result.h"
#include "engine/regression/instrumental_variables.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

struct InstrumentedData {
  InstrumentalRegression regression;
  std::vector<std::string> exogenous_names, endogenous_names, instrument_names;
  std::string target;
};

struct InstrumentedElasticity {
  VectorXd coefficients;  // exogenous, endogenous
  MatrixXd covariance;
  VectorXd residuals;
  std::string covariance_name;
  std::vector<ResultTable> tables;
  std::vector<std::string> notes;
};

// The error structure that a kind of robust covariance means where scores, not least squares, are
// weighed. An InputError says which kinds `what` has: classical, hc0, hc1, newey_west (lags given, or
// 4 (n / 100)^(2/9)).
ErrorStructure score_errors(const ElasticitySpec& spec, Eigen::Index n, const std::string& what);

InstrumentedElasticity fit_instrumented(const InstrumentedData& data, const ElasticitySpec& spec);

}  // namespace amnok
