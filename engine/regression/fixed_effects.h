// Least squares with one or two sets of fixed effects absorbed.
//
//   y_t = x_t'b + a_{i(t)} + g_{s(t)} + e_t,   min sum w_t e_t^2
//
// Effects are never columns of a regression: every column of [x y] is taken less its own weighted
// effects, which solve
//
//   [N  C] [a]   [sums over i]
//   [C' S] [g] = [sums over s]
//
// with N and S the (weighted) sizes of the groups and C those of their cells. Where the panel is
// complete and unweighted, the solution is a difference of means. Else the larger set is
// eliminated; the matrix of the smaller one, S - C'N^-1 C, is factored when cells and groups are
// few enough, and left to conjugate gradients preconditioned by S otherwise (until the residual is
// 1e-12 of the start).
//
// A few passes over the rows, which may have any order; those sorted by the first set and
// consecutive in the second are the fastest. Memory beyond the input: n + (N + S)(k + 1) numbers.
//
// Input errors: columns that the effects and the columns before them leave nothing of, by index;
// fewer rows than coefficients and effects.
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "engine/solver/fit_status.h"
#include "engine/stats/groups.h"

namespace amnok {

struct Effects {
  Groups first;   // entities, say
  Groups second;  // periods; count 0: one set only
};

// Column c of row t less its effects is x(t, c) - first(i(t), c) - second(s(t), c).
struct ColumnEffects {
  MatrixXd first, second;  // N x columns, S x columns
};

struct FixedEffectsFit {
  FitStatus status = FitStatus::not_run;  // of the iteration for the effects, where there is one
  std::string message;
  VectorXd coefficients;  // k
  MatrixXd xtx_inverse;   // of the weighted columns less their effects
  VectorXd residuals;     // n
  double rss = 0;         // weighted
  int parameters = 0;     // of the effects: groups, less one for each connected part of two sets
  int df_residual = 0;    // n - k - parameters
  ColumnEffects effects;  // of [x y]

  double sigma2() const { return rss / df_residual; }
  // The estimated effects a and g: those of y less those of x times b.
  VectorXd first_effects() const;
  VectorXd second_effects() const;
};

// weights: n positive numbers; empty: ones.
FixedEffectsFit fit_fixed_effects(const MatrixView& x, const VectorView& y, const Effects& effects,
                                  const VectorView& weights = VectorXd());

// The columns of x less their effects.
MatrixXd less_effects(const MatrixView& x, const Effects& effects,
                      const VectorView& weights = VectorXd());

// Clustered covariance of the coefficients of an unweighted fit, scores made on the way:
//   (X'X)^-1 sum_g s_g s_g' (X'X)^-1, with small_sample times G / (G - 1) (n - 1) / (n - k).
// k counts slopes only: effects nested in clusters cost nothing (Cameron & Miller 2015, J. Human
// Resources 50, 330). The caller whose effects are not nested adds their parameters.
MatrixXd clustered_fixed_effects(const MatrixView& x, const Effects& effects,
                                 const FixedEffectsFit& fit, const Groups& clusters,
                                 bool small_sample, int more_parameters = 0);

}  // namespace amnok
