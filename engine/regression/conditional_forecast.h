// Forecasts under conditions on the future: exact conditioning of a gaussian path.
//
//   y ~ N(m, V),   R y = r + e,   e ~ N(0, W),   e independent of y
//
//   G = V R'(R V R' + W)^-1
//   E[y | r] = m + G (r - R m),   Var(y | r) = V - G R V
//
// y stacks the forecasts, N of them: step-major where it comes from a vector autoregression (all
// variables at step 1, then step 2, ...). W = 0 is a hard condition, which then holds exactly; a
// positive variance is a soft one, trusted as far as its standard deviation says (Doan, Litterman &
// Sims 1984, Econometric Reviews 3, 1-100; Waggoner & Zha 1999, Rev. Econ. Stat. 81, 639-651).
//
// With V = C C' and y = m + C e, the conditional mean of the shocks C'R'(..)^-1 (r - R m) is, for
// hard conditions, the smallest |e| that brings them about; it depends on the factor C (a lower
// triangle orders the variables), while the path does not.
//
// Input errors: sizes, negative variances, and hard conditions that depend on each other: named
// when they contradict each other, dropped when they repeat each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/regression/vector_autoregression.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

struct GaussianPath {
  VectorXd mean;    // N
  MatrixXd factor;  // C, N x s: V = C C'

  MatrixXd covariance() const { return factor * factor.transpose(); }
};

struct PathCondition {
  VectorXd weights;     // a row of R
  double value = 0;     // of r
  double variance = 0;  // of W; 0: hard
  std::string name;     // for messages
};

// y(at) = value, or y(at) ~ N(value, sd^2).
PathCondition path_condition(Eigen::Index size, Eigen::Index at, double value, double sd = 0);

struct ConditionalPath {
  VectorXd mean;
  MatrixXd factor;        // of the covariance, N x s
  VectorXd shocks;        // conditional mean of e, s
  MatrixXd gain;          // G, N x conditions kept
  std::vector<int> kept;  // conditions that say something of their own
  // How far the conditions lie from what is forecast: d = r - R m, d'(R V R' + W)^-1 d, chi-squared
  // with the conditions kept; a small p-value says the scenario is implausible.
  Diagnostic plausibility;

  MatrixXd covariance() const { return factor * factor.transpose(); }
  VectorXd standard_deviations() const { return factor.rowwise().norm(); }
};
ConditionalPath condition_path(const GaussianPath& path,
                               const std::vector<PathCondition>& conditions);

// Draws of a path, N x count. Draw r depends on the seed and r alone.
MatrixXd draw_paths(const VectorView& mean, const MatrixView& factor, std::uint64_t seed,
                    int count);

// The forecasts of a vector autoregression, parameters as known: C holds the responses to
// orthogonal shocks, block (h, s) F_{h-s} P.
GaussianPath forecast_path(const VectorAutoregression& var, int horizon,
                           const MatrixView& future_exogenous = MatrixXd());

}  // namespace amnok
