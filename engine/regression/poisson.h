// Poisson pseudo maximum likelihood, with fixed effects absorbed if asked.
//
//   E[y_t | x_t] = mu_t = exp(o_t + x_t'b + a_{i(t)} + g_{s(t)}),   y_t >= 0 of any kind
//   sum (y_t - mu_t) x_t = 0
//
// Right where the mean is, whatever the distribution of y, zeros included (Gourieroux, Monfort &
// Trognon 1984; Santos Silva & Tenreyro 2006, Rev. Econ. Stat. 88, 641-658). Iteratively reweighted
// least squares of z = eta + (y - mu) / mu with weights mu, halving a step that raises the deviance
//
//   D = 2 sum [y log(y / mu) - (y - mu)]
//
// Coefficients may not exist: where a combination of columns is zero wherever y > 0, and of one
// sign elsewhere, rows with y = 0 can be fitted perfectly by sending it to infinity. Such rows are
// found before the fit by iterated weighted least squares (Correia, Guimaraes & Zylkin 2019,
// arXiv:1903.01633, section 3), listed and left out; columns that vanish with them are named. So
// are groups of an effect in which y is zero throughout.
//
// Input errors: y negative or not finite (row named), all zero, collinear columns by index.
#pragma once

#include <string>
#include <vector>

#include "engine/regression/error_structure.h"
#include "engine/regression/fixed_effects.h"
#include "engine/solver/fit_status.h"

namespace amnok {

struct PoissonOptions {
  VectorXd offset;           // o, n; empty: none
  Effects effects;           // none without groups: then x holds its own constant
  double tolerance = 1e-10;  // of the change of the deviance, relative to 0.1 + |D|
  int most_iterations = 100;
  bool find_separation = true;
};

struct PoissonFit {
  FitStatus status = FitStatus::not_run;
  std::string message;
  VectorXd coefficients;            // k; 0 for columns separation takes away
  std::vector<int> separated_rows;  // left out, ascending
  std::vector<int> separated_columns;
  std::vector<int> rows;       // used
  VectorXd fitted, residuals;  // mu and y - mu of the rows used
  double deviance = 0;
  double log_likelihood = 0;  // with log Gamma(y + 1): Poisson's where y are counts
  int effect_parameters = 0, df_residual = 0, iterations = 0;
  MatrixXd bread;   // (X'diag(mu)X)^-1, effects taken out with weights mu; zeros where separated
  MatrixXd scores;  // rows used x k: (y - mu) x, effects taken out
};

PoissonFit fit_poisson(const MatrixView& x, const VectorView& y,
                       const PoissonOptions& options = {});

// bread times the score covariance times bread; homoskedastic: the bread itself, Poisson's own
// variance. Clusters are of the rows of x.
MatrixXd poisson_covariance(const PoissonFit& fit, const ErrorStructure& errors);

}  // namespace amnok
