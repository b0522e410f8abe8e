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

// Each shape at phi: its concentrated log-likelihood, and the logarithm of its marginal likelihood
// (permanence.h) up to a constant of the data; minus infinity where the column tells nothing beyond
// the base. Empty: phi is not stationary.
struct ShapeScan {
  VectorXd log_likelihood, log_marginal;

  bool usable() const;               // some shape has a likelihood
  VectorXd probability() const;      // of each shape, proportional to its marginal likelihood
  double mean_log_marginal() const;  // log of the mean over shapes
};
ShapeScan scan_shapes(const PermanenceData& data, const std::vector<ResponseShape>& shapes,
                      const std::vector<double>& phi);

// Coefficients, sigma^2, phi and what of the shape is searched.
int effect_parameters(Response response, std::size_t starts);
Criteria criteria_of(double log_likelihood, double log_marginal, int parameters, int count);
// exp(-c / 2) over their sum.
VectorXd criterion_weights(const VectorXd& criterion);

}  // namespace amnok
