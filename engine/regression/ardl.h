// Autoregressive distributed lags, estimated in their conditional error-correction form (Pesaran,
// Shin & Smith 2001, J. Applied Econometrics 16, 289-326, eq. 8).
//
//   y_t = [c] + [d t] + sum_{i=1..p} f_i y_{t-i} + sum_j sum_{l=0..q_j} b_jl x_{j,t-l} + g'w_t
//         + e_t
//
//   dy_t = [c] + [d t] + r y_{t-1} + sum_j h_j x_{j,t-1} + sum_{i=1..p-1} dy_{t-i} terms
//          + sum_j sum_{l=0..q_j-1} dx_{j,t-l} terms + g'w_t + e_t
//
// are one regression in two sets of coordinates. x_j with q_j = 0 enters the second at t. Long run:
// theta_j = -h_j / r; r is the speed of adjustment. t counts the observations from 1. The sample
// starts after the longest lag.
//
// An InputError names missing values (unless gaps are allowed), columns of another length, an order out of range, too few
// observations, or columns that are linear combinations of others.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/regression/coefficient_covariance.h"
#include "engine/regression/deterministic_case.h"
#include "engine/regression/ratio_set.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

struct ArdlData {
  std::string y_name;
  VectorXd y;                        // n
  std::vector<std::string> x_names;  // k
  MatrixXd x;                        // n x k
  std::vector<std::string> fixed_names;
  MatrixXd fixed;  // n x m, or empty: regressors without lags outside the long run
  // Rows in which a lag is missing are left out, instead of refused.
  bool gaps = false;
};

struct ArdlOrder {
  int p = 1;           // lags of y, at least 1
  std::vector<int> q;  // lags of each x, at least 0

  int longest() const;
  std::string name() const;  // ARDL(3,1,3,2)
};

struct ArdlFit {
  ArdlOrder order;
  DeterministicCase terms = DeterministicCase::constant;
  std::string y_name;
  std::vector<std::string> x_names;

  std::vector<std::string> names;  // const, trend, L.y, L.x or x, dL1.y .., dL0.x .., fixed
  MatrixXd design;                 // n x k
  VectorXd target;                 // dy_t
  int first = 0;                   // the earliest 0-based observation that can be a row
  std::vector<int> rows;           // the observation of each row
  LinearFit fit;
  MatrixXd covariance;
  std::string covariance_name;
  // Columns; -1: there is none.
  int constant = -1, trend = -1, level = -1;
  std::vector<int> forcing;  // the level of each x

  double log_likelihood = kMissing;
  double aic = kMissing, bic = kMissing, aicc = kMissing;  // sigma^2 is a parameter

  double coefficient(int column) const { return fit.coefficients(column); }
  double standard_error(int column) const;
  // The columns that vanish when there is no level relationship: of y, of every x, and of a
  // restricted term.
  std::vector<int> level_columns() const;
};

// first: the first observation of the sample, for a common sample of several orders; at least the
// longest lag, which is the default.
ArdlFit fit_ardl(const ArdlData& data, const ArdlOrder& order, DeterministicCase terms,
                 const CovarianceChoice& covariance = {}, std::optional<int> first = {});

// The coefficients f_1 .. f_p and b_j0 .. b_jq of the first equation.
struct ArdlLevels {
  std::vector<std::string> names;  // L1.y .., x, L1.x ..
  VectorXd coefficients;
  MatrixXd jacobian;  // d coefficients / d (those of ArdlFit)
  MatrixXd covariance;
};
ArdlLevels ardl_levels(const ArdlFit& fit);

// One term of the level relationship: an x, a restricted constant ("const") or trend ("trend").
struct LongRunCoefficient {
  std::string name;
  Ratio ratio;
  RatioSet delta, fieller;

  double value() const { return ratio.value(); }
  double standard_error() const { return ratio.standard_error(); }
  const RatioSet& set() const { return fieller; }  // the one to report
};
// level: of the sets, with the t quantile of the residual degrees of freedom. The Fieller set is
// the one to report. Coverage of nominal 95 % sets in 2000 samples of 60, an ARDL(1,1) whose
// regressor is an autoregression with coefficient 0.5, 0.8, 0.95 or 1:
//
//   f     delta interval  Fieller set (unbounded at most)
//   0.4   93 - 94 %       94 - 95 %  (0 %)
//   0.6   92 - 93 %       94 - 95 %  (0 %)
//   0.8   86 - 93 %       94 - 95 %  (1 %)
//   0.9   80 - 94 %       93 - 95 %  (16 %)
//
// The delta interval is the worse, the slower the adjustment and the less persistent the regressor.
std::vector<LongRunCoefficient> long_run(const ArdlFit& fit, double level = 0.95);

struct Adjustment {
  double speed = kMissing, standard_error = kMissing, t = kMissing;
  // Periods until half of a deviation is gone, log(1/2) / log(1 + speed); nothing unless -1 < speed
  // < 0.
  std::optional<double> half_life;
  // The speed differs from zero at the level asked for, so that Fieller sets are intervals.
  bool identified = false;
  std::string words;  // what a reader must know before reading the long run
};
Adjustment adjustment(const ArdlFit& fit, double level = 0.95);

// The restricted error-correction form: dy_t on the deviation from the estimated long run, the
// short-run terms and the unrestricted deterministic ones. Coefficients and residuals are those of
// ArdlFit; degrees of freedom differ.
struct RestrictedEcm {
  std::vector<std::string> names;  // ec first
  LinearFit fit;
  VectorXd deviation;  // y_{t-1} - theta'x_{t-1} [- constant] [- trend], a row of the sample each
};
RestrictedEcm restricted_ecm(const ArdlFit& fit);

// Cumulative dynamic multipliers: what y has changed by after h = 0, 1, .. periods when x changes
// for good by `change` (k) in period 0. Bands by the delta method from the coefficients'
// covariance.
struct DynamicMultipliers {
  VectorXd cumulative, standard_error, lower, upper;  // horizon + 1
  double long_run = kMissing;
};
DynamicMultipliers dynamic_multipliers(const ArdlFit& fit, const VectorView& change, int horizon,
                                       double level = 0.95);

}  // namespace amnok
