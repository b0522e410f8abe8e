// Systems of linear equations, some regressors of which are explained by other equations.
//
//   y_i = X_i d_i + u_i,   i = 1 .. G,   E[u_i u_j'] = s_ij I,   E[Z'u_i] = 0
//
//   y_i  n        the dependent variable of equation i
//   X_i  n x k_i  its regressors, endogenous where they are not among the instruments
//   Z    n x L    the instruments: all predetermined variables of the system
//
//   ols           X_i on y_i
//   two_stage     P X_i on y_i, P = Z (Z'Z)^-1 Z'            (Theil 1953; Basmann 1957)
//   sur           GLS of all equations together              (Zellner 1962)
//   three_stage   the same of P X_i                          (Zellner & Theil 1962, Econometrica
//                                                             30, 54-78)
//   fiml          gaussian maximum likelihood of the complete system, identities included
//
// sur and three_stage weigh by S of the residuals of ols and two_stage; iterated, by that of their
// own until the coefficients stay. Covariance of the coefficients: (A'(S^-1 (x) I) A)^-1 with the
// S that weighed and A the regressors used; of ols and two_stage with their own residuals' S.
//
// S is divided, element (i, j), by sqrt((n - k_i)(n - k_j)) or by n: the latter is that of most
// tables of 3SLS in print, and the only one for fiml. Where equations differ in k_i the divisor
// also moves the coefficients of sur and three_stage.
//
// Input errors, all at once and with the equation's name: unknown columns, missing values, too few
// observations, collinear regressors, and equations that are not identified (the order condition:
// as many instruments left out as there are endogenous regressors; the rank condition: the
// instruments explain each of them given the others).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

struct StructuralEquation {
  std::string name, dependent;
  std::vector<std::string> regressors;  // columns; a constant is a column of ones
};

// sum of weight times column = 0 in every row.
struct LinearIdentity {
  std::vector<std::pair<std::string, double>> terms;
};

struct EquationSystem {
  std::vector<std::string> columns;
  MatrixXd values;  // n x columns
  std::vector<StructuralEquation> equations;
  std::vector<std::string> instruments;    // of two_stage, three_stage, fiml
  std::vector<LinearIdentity> identities;  // of fiml: they make the system complete

  VectorXd column(const std::string& name) const;
  MatrixXd columns_of(const std::vector<std::string>& names) const;
};

enum class SystemMethod { ols, two_stage, sur, three_stage, fiml };
enum class SystemDivisor { degrees_of_freedom, observations };

struct SystemOptions {
  SystemMethod method = SystemMethod::three_stage;
  SystemDivisor divisor = SystemDivisor::degrees_of_freedom;
  bool iterate = false;  // of sur and three_stage
  int max_iterations = 500;
  double tolerance = 1e-10;  // of the largest change of a coefficient, relative to its error
};

struct SystemFit {
  SystemOptions options;
  std::vector<VectorXd> coefficients;  // by equation
  std::vector<Eigen::Index> first;     // where an equation's coefficients start in the covariance
  MatrixXd covariance;                 // of all coefficients
  MatrixXd residuals;                  // n x G
  MatrixXd residual_covariance;        // of these residuals, by the divisor
  FitStatus status = FitStatus::not_run;
  std::string message;
  int iterations = 0;
  double log_likelihood = kMissing;  // sur: of the system; fiml

  VectorXd standard_errors(std::size_t equation) const;
};
SystemFit fit_system(const EquationSystem& system, const SystemOptions& options);

// What the order and rank conditions say of each equation.
struct EquationIdentification {
  std::string name;
  int endogenous = 0;  // regressors that are no instruments
  int excluded = 0;    // instruments that are no regressors
  int rank = 0;        // of the regressors given the instruments; identified: all of them
  int regressors = 0;
  std::string words;  // "over-identified by 4", "not identified: ..."

  bool order() const { return excluded >= endogenous; }
  bool identified() const { return order() && rank == regressors; }
};
std::vector<EquationIdentification> identification(const EquationSystem& system);

// Overidentifying restrictions of a three_stage fit (Hansen 1982): the moments that the weighted
// system leaves, u'(S^-1 (x) P)u, chi-squared(G L - sum k_i).
Diagnostic system_overidentification(const EquationSystem& system, const SystemFit& fit);

}  // namespace amnok
