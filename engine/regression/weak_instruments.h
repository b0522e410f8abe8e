// How much the instruments say about the endogenous regressors, and inference that holds when they
// say little. Notation of instrumental_variables.h; c_j: coordinates of endogenous column j in the
// excluded instruments, W partialled out and orthonormal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/regression/instrumental_variables.h"

namespace amnok {

// Of one endogenous regressor on W and Z.
struct FirstStage {
  double partial_r2 = 0;   // of Z, W partialled out
  Diagnostic f;            // F test of Z: F(b, n - a - b)
  Diagnostic robust_f;     // Wald test over b under the given errors, same degrees of freedom
  Diagnostic conditional;  // Sanderson & Windmeijer (2016, J. Econometrics 190, 212-221): of what
                           // Z says beyond the other endogenous regressors, F(b - m + 1, n - a - b)
};
std::vector<FirstStage> first_stages(const InstrumentalProjection& projection,
                                     const ErrorStructure& errors);

// Cragg & Donald (1993): smallest eigenvalue of the matrix of first-stage F statistics. Stock &
// Yogo (2005) tabulate it; with one endogenous regressor it is the F.
double cragg_donald(const InstrumentalProjection& projection);

// Effective F of Montiel Olea & Pflueger (2013, J. Bus. Econ. Stat. 31, 358-369), one endogenous
// regressor: c'c / tr(S), S the covariance of c under the given errors. It exceeds the critical
// value with probability `level` at most when the Nagar bias of 2SLS may be above `tau` of the
// worst case. The simplified critical value holds for every covariance of y's and X's first stages;
// the general one uses the covariance that there is and is never larger.
struct EffectiveF {
  double statistic = kMissing;
  double level = 0.05;
  struct Critical {
    double tau = 0;  // 0.05, 0.10, 0.20, 0.30
    double simplified = kMissing, general = kMissing;
  };
  std::vector<Critical> critical;
};
EffectiveF effective_f(const InstrumentalProjection& projection, const ErrorStructure& errors,
                       double level = 0.05);

// Critical value of Montiel Olea & Pflueger from the covariance S of c: the upper `level` quantile
// of a noncentral chi-squared(K, K x) over K, x = bias_bound / tau and K their effective degrees of
// freedom (eq. 14). bias_bound 1: simplified.
double effective_f_critical(const MatrixView& covariance, double tau, double bias_bound,
                            double level);

// Anderson & Rubin (1949): F(b, n - a - b) test that Z says nothing about y - X beta. Its size is
// right however weak the instruments. With homoskedastic errors the exact F; else the Wald test of
// the reduced form of y - X beta, over b.
Diagnostic anderson_rubin(const InstrumentalProjection& projection, const VectorView& beta,
                          const ErrorStructure& errors);

// The coefficients that the Anderson-Rubin test at 1 - confidence does not reject.
struct ConfidenceSet {
  enum class Shape { empty, interval, two_rays, line, several };
  Shape shape = Shape::empty;
  std::vector<std::pair<double, double>> intervals;  // ascending, ends may be infinite
  std::string text() const;                          // "[-1.6, -0.7]", "(-inf, 2] or [5, inf)"
  bool contains(double value) const;
};
// One endogenous regressor. Homoskedastic errors: the solution of a quadratic inequality. Others:
// the statistic is a ratio of polynomials in beta; its crossings of the critical value are looked
// for on 4000 points of the projective line and then refined.
ConfidenceSet anderson_rubin_set(const InstrumentalProjection& projection, double confidence,
                                 const ErrorStructure& errors);

}  // namespace amnok
