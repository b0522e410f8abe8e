// Tests of cointegration: Engle-Granger, Phillips-Ouliaris and Johansen.
//
// Rows are consecutive observations; n of them. An InputError names missing values, lags out of
// range and samples that are too short.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/regression/cointegration_tables.h"
#include "engine/regression/deterministic_case.h"
#include "engine/regression/unit_root_tests.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

// Engle & Granger (1987, Econometrica 55, 251-276). The static regression of y on x and its terms,
// a Dickey-Fuller regression without terms on its residuals, and their second step:
//
//   dy_t = c + a u_{t-1} + b'dx_t + e_t
//
// tau: residuals have a unit root when there is no cointegration. Terms: of the static regression.
struct EngleGranger {
  LinearFit static_fit;  // [constant], [trend 1 .. n], x
  int lag = 0;
  double tau = kMissing;
  std::optional<double> p_value;           // MacKinnon (1994), up to 6 variables
  std::optional<CriticalValues> critical;  // MacKinnon (2010), up to 12 variables
  LinearFit error_correction;              // constant, u_{t-1}, dx_t
  std::string words;
};
EngleGranger engle_granger(const VectorView& y, const MatrixView& x, Deterministics terms, int lag);
// The lag of least AIC or BIC among those that dickey_fuller compares.
EngleGranger engle_granger(const VectorView& y, const MatrixView& x, Deterministics terms,
                           int max_lag, LagCriterion criterion);

// Phillips & Ouliaris (1990, Econometrica 58, 165-193), with z = (y, x), W the long-run covariance
// of the residuals of z_t on z_{t-1} and the terms (Bartlett, `lag` autocovariances, over n - 1), u
// the residuals of the static regression:
//
//   Pu = (n - 1) w_yy.x / (u'u / (n - 1))
//   Pz = (n - 1) tr(W M^-1),   M = sum_{t>1} z_t z_t' / (n - 1)
//
// M is of raw moments, as in the R package urca: Pz depends on the location of z where there are
// terms. Large values reject.
//
//   Z_alpha, Z_tau: those of Phillips (1987) on u_t = a u_{t-1} + k_t with residual_lag
//   autocovariances of k; small values reject. Z_tau has the Engle-Granger distribution.
struct PhillipsOuliaris {
  int lag = 0, residual_lag = 0;
  double pu = kMissing, pz = kMissing;
  double z_alpha = kMissing, z_tau = kMissing;
  std::optional<CriticalValues> pu_critical, pz_critical;
  std::optional<double> z_tau_p_value;
};
PhillipsOuliaris phillips_ouliaris(const VectorView& y, const MatrixView& x, Deterministics terms,
                                   int lag, int residual_lag);

// Johansen (1988, J. Economic Dynamics and Control 12, 231-254; 1991, Econometrica 59, 1551-1580):
//
//   dx_t = a b'x*_{t-1} + sum_{i=1..K-1} G_i dx_{t-i} + [terms, dummies] + e_t
//
// x* holds a restricted constant or trend too. The long-run form has x*_{t-K} with other G_i and
// the same eigenvalues, a and b; only the trend's origin differs.
struct JohansenSpec {
  int lags = 2;  // K: of the levels, at least 1
  DeterministicCase terms = DeterministicCase::constant;
  bool long_run_form = false;
  int season = 0;        // periods a year: centred seasonal dummies; 0: none
  MatrixXd dummies;      // n x m, or empty: other regressors without restriction
  int season_start = 0;  // season of the first row, from 0
};

struct Johansen {
  JohansenSpec spec;
  int variables = 0, observations = 0;
  VectorXd eigenvalues;            // p, falling
  VectorXd trace, max_eigenvalue;  // of rank r = 0 .. p - 1
  VectorXd trace_p, max_p;         // Doornik (1998)
  std::vector<std::string> names;  // of the rows of beta: x.l1 (x.l2 ..), constant, trend.l1
  MatrixXd beta;                   // a relation a column, its first element 1
  MatrixXd alpha;                  // p x p: loadings of those relations
  // Residuals of dx_t and of x* on what is not restricted.
  MatrixXd change_residuals, level_residuals;
  double log_likelihood_of_rank(int rank) const;

  // The first rank that the trace test does not reject at a level.
  int rank(double level = 0.05) const;
};
Johansen johansen(const MatrixView& x, const std::vector<std::string>& names,
                  const JohansenSpec& spec);

// All relations lie in the space of H (rows of beta x s): b = H f. Likelihood ratio,
// chi-squared(r (rows - s)) under a rank r.
struct RestrictedBeta {
  Diagnostic test;
  VectorXd eigenvalues;
  MatrixXd beta;  // rows x rank
};
RestrictedBeta restrict_beta(const Johansen& unrestricted, int rank, const MatrixView& h);

// Weak exogeneity for beta: the rows `variables` of alpha are zero. Likelihood ratio,
// chi-squared(r count) under a rank r.
Diagnostic weak_exogeneity(const Johansen& unrestricted, int rank,
                           const std::vector<int>& variables);

}  // namespace amnok
