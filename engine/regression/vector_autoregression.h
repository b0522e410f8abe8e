// Vector autoregressions by least squares.
//
//   y_t = B'd_t + A_1 y_{t-1} + ... + A_p y_{t-p} + u_t,   E[u_t u_t'] = S,   t = p + 1 .. n
//
//   y  n x K   the variables; the first p rows are the presample
//   d          terms: constant, trend (t, the row's number from 1), centred seasonal dummies
//              (1 - 1 / season in their season, -1 / season elsewhere; the last season is the base),
//              then exogenous columns
//
// All equations have the same regressors, so that least squares equation by equation is generalised
// least squares and, given normal errors, maximum likelihood (Zellner 1962; Luetkepohl 2005, New
// Introduction to Multiple Time Series Analysis, section 3.2). T = n - p observations, q regressors
// an equation. S is estimated by U'U / T (maximum likelihood) and by U'U / (T - q).
//
// With skip_missing, rows of t in which y_t, a lag of it or an exogenous column is missing (NaN) are
// left out, and T counts those that stay.
//
// Input errors: missing values otherwise, lags below 0, too few rows, collinear columns, by name.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

enum class VarTerms { none, constant, trend, constant_and_trend };

// By which S is divided wherever one is needed: T - q, or T (maximum likelihood).
enum class VarDivisor { degrees_of_freedom, observations };

struct VarSpec {
  int lags = 1;
  VarTerms terms = VarTerms::constant;
  int season = 0;                                 // periods a year of the seasonal dummies; 0: none
  MatrixXd exogenous;                             // n x m, or empty
  std::vector<std::string> exogenous_names = {};  // m; empty: exog1, exog2, ...
  VarDivisor divisor = VarDivisor::degrees_of_freedom;
  bool skip_missing = false;
  int season_start = 0;  // season of the first row of y, from 0
};

struct VectorAutoregression {
  VarSpec spec;
  std::vector<std::string> variables;   // K
  std::vector<std::string> regressors;  // q: const, trend, season1 .., exog1 .., y1.l1, y2.l1, ...
  MatrixXd y;                           // n x K, presample included
  std::vector<int> rows;                // T: the row of y of each observation
  MatrixXd x;                           // T x q
  MatrixXd coefficients;                // q x K: an equation a column
  MatrixXd residuals;                   // T x K
  MatrixXd xtx_inverse;                 // q x q
  double log_likelihood = kMissing;     // gaussian, at S = U'U / T
  MatrixXd given_sigma;                 // the S of sigma() where it is not that of the residuals

  int size() const { return static_cast<int>(y.cols()); }             // K
  int observations() const { return static_cast<int>(x.rows()); }     // T
  int regressor_count() const { return static_cast<int>(x.cols()); }  // q
  int term_count() const { return regressor_count() - size() * spec.lags; }
  int df_residual() const { return observations() - regressor_count(); }
  MatrixXd explained() const { return y(rows, Eigen::all); }  // T x K

  MatrixXd sigma_ml() const;                // U'U / T
  MatrixXd sigma_adjusted() const;          // U'U / (T - q)
  MatrixXd sigma() const;                   // given_sigma, or what spec.divisor names
  MatrixXd lag_matrix(int lag) const;       // A_lag, K x K: row an equation
  MatrixXd coefficient_covariance() const;  // S (x) (X'X)^-1: equation by equation, qK x qK
  // Of vec(A_1, ..., A_p), column by column: (X'X)^-1 of the lags (x) S. K^2 p x K^2 p.
  MatrixXd lag_covariance() const;
  MatrixXd standard_errors() const;  // q x K
};

VectorAutoregression fit_var(const MatrixView& y, const std::vector<std::string>& names,
                             const VarSpec& spec);
// Its data and regressors alone, checked, for other estimators; needs no more rows than lags.
VectorAutoregression prepare_var(const MatrixView& y, const std::vector<std::string>& names,
                                 const VarSpec& spec);

// The terms of the `horizon` rows after the last one, given their exogenous columns (when the fit
// has any): horizon x (q - Kp).
MatrixXd var_future_terms(const VectorAutoregression& var, int horizon, const MatrixView& future);

// Criteria of a fit with maximum likelihood covariance S~ and m coefficients in all equations:
//
//   ln|S~| + c m / T,   c = 2 (Akaike), ln T (Schwarz), 2 ln ln T (Hannan & Quinn)
//   FPE = ((T + q) / (T - q))^K |S~|                          (Luetkepohl 2005, eq. 4.3.1)
//
// m counts the coefficients of lags alone, K^2 p, as Luetkepohl's do (eqs. 4.3.2, 4.3.8, 4.3.9), or
// all of them, qK; on one sample with the same terms both choose the same lags.
struct VarCriteria {
  int lags = 0;
  double aic = kMissing, bic = kMissing, hq = kMissing, fpe = kMissing;
};
VarCriteria var_criteria(const VectorAutoregression& var, bool count_terms = false);

// Criteria of 0 .. max_lags lags on the observations that max_lags leaves, and the lags of their
// minima.
struct VarLagChoice {
  std::vector<VarCriteria> criteria;
  int aic = 0, bic = 0, hq = 0, fpe = 0;
};
VarLagChoice choose_var_lags(const MatrixView& y, const std::vector<std::string>& names,
                             const VarSpec& spec, int max_lags);

// The companion matrix of A_1 .. A_p (Kp x Kp) and the moduli of its eigenvalues, falling; below
// one when the process is stable.
MatrixXd companion_matrix(const VectorAutoregression& var);
VectorXd companion_moduli(const VectorAutoregression& var);

// F_0 = I, F_1, ..., F_horizon with y_t = m_t + sum_s F_s u_{t-s} (Luetkepohl 2005, eq. 2.1.22).
std::vector<MatrixXd> moving_average(const VectorAutoregression& var, int horizon);

// Forecasts of the rows after the last one, parameters taken as known:
//
//   MSE(h) = sum_{s<h} F_s S F_s'          S by spec.divisor
//
// `with_estimation` adds the uncertainty of the coefficients, by the delta method given the last
// observations: the forecasts are m_h = J z_h with z_h linear in z_{h-1}, so that their derivative
// by the coefficients follows the same recursion.
struct VarForecast {
  MatrixXd mean;              // H x K
  std::vector<MatrixXd> mse;  // of step 1 .. H, K x K

  VectorXd standard_errors(int step) const;  // K; step from 1
};
VarForecast forecast_var(const VectorAutoregression& var, int horizon,
                         const MatrixView& future_exogenous = MatrixXd(),
                         bool with_estimation = false);

}  // namespace amnok
