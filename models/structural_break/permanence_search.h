// What permanence.h and its simulations share: the regression without an effect, the likelihood of
// every shape of a response at given noise, and information weights.
#pragma once

#include <vector>

#include "models/structural_break/permanence.h"

namespace amnok {

struct PermanenceData {
  ObservedPeriods observed;
  VectorXd y;     // N
  MatrixXd base;  // N x k: regressors, seasonal dummies, controls; no column aliased
  std::vector<Eigen::Index> kept;     // which of base_row's columns these are
  std::vector<int> controls;          // first periods of those controls that are kept
  std::vector<Eigen::Index> columns;  // their columns of base
};
PermanenceData permanence_data(const PermanenceProblem& problem);

// Regressors, seasonal dummies and controls of one period, aliased ones included.
VectorXd base_row(const PermanenceProblem& problem, int t);

MatrixXd with_column(const MatrixXd& base, const VectorXd& column);

// The concentrated log-likelihood of each shape at phi; minus infinity where the column tells
// nothing beyond the base. Empty: phi is not stationary.
VectorXd shape_log_likelihoods(const PermanenceData& data, const std::vector<ResponseShape>& shapes,
                               const std::vector<double>& phi);

// Probabilities proportional to exp(l).
VectorXd likelihood_weights(const VectorXd& log_likelihood);

// Coefficients, sigma^2, phi and what of the shape is searched.
int effect_parameters(Response response, std::size_t starts);
void set_criteria(double log_likelihood, int parameters, int count, double& aicc, double& bic);
void set_weights(std::vector<Alternative>& alternatives);

}  // namespace amnok
