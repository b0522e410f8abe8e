// Linear regression with instruments.
//
//   y = W b_w + X b_x + e,   X = W P_w + Z P_z + V,   E[e | W, Z] = 0
//
//   W  n x a  exogenous regressors (the constant among them, where there is one)
//   X  n x m  endogenous regressors
//   Z  n x b  excluded instruments, b >= m
//
// Everything classical follows from the triangle R of the QR of [W Z X y]: its first a + b rows are
// the part of each column that the instruments explain, the others what they do not. Products of
// the instruments with errors need the rows themselves.
//
// Coefficients come in the order W, X. Input errors: too few instruments or rows, and every column
// that is a linear combination of those before it, by its index.
#pragma once

#include <string>

#include "engine/regression/error_structure.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

struct InstrumentalRegression {
  VectorXd y;
  MatrixXd exogenous, endogenous, instruments;  // W, X, Z; W may have no columns
};

// The regression on its instruments. `data` must outlive it.
struct InstrumentalProjection {
  explicit InstrumentalProjection(const InstrumentalRegression& regression);

  const InstrumentalRegression& data;
  Eigen::Index n, a, b, m;  // rows; columns of W, Z, X
  MatrixXd r;               // triangle, columns W, Z, X, y

  Eigen::Index k() const { return a + m; }  // coefficients
  Eigen::Index df_first_stage() const { return n - a - b; }
  // Coordinates of the regressors [W X], and of y, that the instruments explain: a + b rows.
  MatrixXd explained_regressors() const;
  VectorXd explained_target() const;
  // Orthonormal rows q_t that span [W Z]: n x (a + b), in the same coordinates.
  MatrixXd orthonormal_instruments() const;
  // Rows [w_t x_t] times coefficients b, and [W X] itself.
  MatrixXd regressors() const;
  VectorXd residuals(const VectorView& coefficients) const;
};

struct InstrumentalFit {
  VectorXd coefficients;  // a + m
  VectorXd residuals;
  double rss = 0;
  double kappa = 1;  // 0: least squares, 1: two-stage least squares
  MatrixXd bread;    // ([W X]'(I - kappa M)[W X])^-1, M the instruments' residual maker
  double sigma2(bool small_sample = true) const;  // rss / (n - k), or / n
};

// The k-class (Theil 1958; Nagar 1959): b = ([W X]'(I - kappa M)[W X])^-1 [W X]'(I - kappa M) y.
InstrumentalFit k_class(const InstrumentalProjection& projection, double kappa);
InstrumentalFit two_stage_least_squares(const InstrumentalProjection& projection);

// Limited-information maximum likelihood (Anderson & Rubin 1949): kappa is the smallest root of
// |[y X]'M_w[y X] - kappa [y X]'M[y X]| = 0; Fuller (1977, Econometrica 45, 939-953) subtracts
// c / (n - a - b), c = 1 for the least bias and 4 for the least mean squared error; c = 0: LIML.
double liml_kappa(const InstrumentalProjection& projection);
InstrumentalFit limited_information(const InstrumentalProjection& projection, double fuller = 0);

// Of the coefficients: sigma2 bread (n - k with small_sample, else n), or bread S bread with the
// scores of the transformed regressors (I - kappa M)[w_t x_t].
MatrixXd instrumental_covariance(const InstrumentalProjection& projection,
                                 const InstrumentalFit& fit, const ErrorStructure& errors);

// Two-step efficient GMM (Hansen 1982, Econometrica 50, 1029-1054): weights the moments by the
// inverse of their covariance S at the 2SLS residuals; the covariance of the coefficients has S at
// the GMM residuals. Moments are not centred.
struct GmmFit {
  VectorXd coefficients;
  VectorXd residuals;
  MatrixXd covariance;
  Diagnostic hansen_j;  // g'S^-1 g, chi-squared(b - m); NaN when exactly identified
};
GmmFit two_step_gmm(const InstrumentalProjection& projection, const ErrorStructure& errors);

// Sargan (1958, Econometrica 26, 393-415): n times the share of the residuals' squares that the
// instruments explain, chi-squared(b - m); NaN when exactly identified.
Diagnostic sargan(const InstrumentalProjection& projection, const InstrumentalFit& fit);

// Wu (1973), Hausman (1978): F test of the first-stage residuals in the regression of y on W, X.
Diagnostic wu_hausman(const InstrumentalProjection& projection);

}  // namespace amnok
