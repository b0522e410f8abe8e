// Linear regressions on panels: entities i observed in periods t, not all in every one.
//
//   y_it = x_it'b + a_i + g_t + e_it
//
//   pooled             least squares, a = g = 0, with a constant
//   within             fixed effects of entities, periods or both (fixed_effects.h)
//   between            entity means on entity means, with a constant
//   first_differences  of neighbouring periods, with a constant (a common trend)
//   random_effects     a_i ~ (0, s2_a): rows less theta_i times their entity's mean, with
//                      theta_i = 1 - sqrt(s2_e / (s2_e + T_i s2_a))
//
// Every fit keeps the transformed regression that it is, rows and groups included, so that one set
// of robust covariances serves all. Rows come in any order. x has no constant; where a model has
// one, it is coefficient 0. Input errors: collinear columns by index, too few rows.
#pragma once

#include <string>

#include "engine/regression/fixed_effects.h"
#include "engine/stats/diagnostic.h"

namespace amnok {

struct PanelData {
  VectorXd y;
  MatrixXd x;
  Groups entity, time;  // every entity has rows; time codes ascend, neighbours differ by one
  bool constant = true;

  Eigen::Index rows() const { return y.size(); }
};

struct PanelFit {
  std::string estimator;
  bool constant = false;
  VectorXd coefficients;
  MatrixXd xtx_inverse;
  MatrixXd x;          // transformed regressors, with the (transformed) constant if any
  VectorXd residuals;  // of the transformed rows
  double rss = 0;
  int df_residual = 0;  // effects counted
  Groups entity, time;  // of the transformed rows; time is empty in `between`

  double sigma2() const { return rss / df_residual; }
  MatrixXd covariance() const { return sigma2() * xtx_inverse; }
  Eigen::Index slopes() const { return coefficients.size() - (constant ? 1 : 0); }
};

enum class PanelEffects { entity, time, two_way };

PanelFit pooled(const PanelData& data);
PanelFit between(const PanelData& data);
PanelFit first_differences(const PanelData& data);

struct WithinFit : PanelFit {
  double r2_within = 0;  // 1 - rss / sum of squares of y less its effects
  int effect_parameters = 0;
  VectorXd entity_effects, time_effects;  // of one set: in levels; of two: entities in levels,
                                          // periods relative to the first of their part
};
WithinFit within(const PanelData& data, PanelEffects effects);

// Variances of e and a, by
//   swamy_arora      within and between residuals (1972, Econometrica 40, 261-275), unbalanced by
//                    Baltagi & Chang (1994, J. Econometrics 62, 67-89)
//   wallace_hussain  pooled residuals (1969, Econometrica 37, 55-72)
//   amemiya          residuals of the within slopes (1971, Int. Econ. Rev. 12, 1-13)
//   nerlove          variance of the estimated effects, weighted by observations, and rss / n
//                    (1971, Econometrica 39, 359-382)
// The middle two: in complete panels sums of squares within entities over n - N and of their means
// over N, without a correction for slopes; else solved from the sums' expectations, unbiased
// (Baltagi & Chang). A negative s2_a becomes zero.
enum class VarianceComponents { swamy_arora, wallace_hussain, amemiya, nerlove };
struct RandomEffectsFit : PanelFit {
  double sigma2_idiosyncratic = 0, sigma2_entity = 0;
  bool truncated = false;  // sigma2_entity came out negative
  VectorXd theta;          // of each entity
};
RandomEffectsFit random_effects(const PanelData& data, VarianceComponents method);

// Covariances of the coefficients of a fit; no small-sample factor.
//   white            sum of x e^2 x'
//   entity, time     clustered (Arellano 1987, Oxford Bull. Econ. Stat. 49, 431-434)
//   both             entity + time - white (Cameron, Gelbach & Miller 2011)
//   driscoll_kraay   Newey-West of the period sums of x e (1998, Rev. Econ. Stat. 80, 549-560)
//   panel_corrected  errors of a period correlated across entities, S_ij the mean of e_it e_jt over
//                    common periods (Beck & Katz 1995, Amer. Polit. Sci. Rev. 89, 634-647)
//   within_corrected the same with the roles of entity and time exchanged
enum class PanelErrors {
  white,
  entity,
  time,
  both,
  driscoll_kraay,
  panel_corrected,
  within_corrected
};
MatrixXd panel_covariance(const PanelFit& fit, PanelErrors errors, int lags = 0);

// G / (G - 1) (n - 1) / (n - k), k the coefficients and not the effects.
double cluster_factor(const PanelFit& fit, const Groups& clusters);

// Hausman (1978, Econometrica 46, 1251-1271): d'(V_c - V_e)^-1 d of the slopes of a consistent and
// an efficient estimate; chi-squared(slopes). NaN where the difference of covariances is singular.
Diagnostic hausman(const PanelFit& consistent, const PanelFit& efficient);
// F test that all fixed effects are equal.
Diagnostic effects_f_test(const PanelFit& pooled, const WithinFit& within);
// Breusch & Pagan (1980, Rev. Econ. Stud. 47, 239-253) for s2_a = 0, unbalanced by Baltagi & Li
// (1990): n^2 A^2 / (2 (sum T_i^2 - n)), A = sum_i (sum_t e)^2 / sum e^2 - 1; chi-squared(1).
Diagnostic breusch_pagan_effects(const PanelFit& pooled);
// Wooldridge (2002, 10.5.4): within residuals on their first lag with a constant; without serial
// correlation the slope is -1 / (T - 1), T the mean number of periods. F(1, rows - 2), clustered;
// NaN where one entity alone has neighbouring periods.
Diagnostic wooldridge_within(const PanelFit& within);
// Wooldridge (2002, 10.6.3; Drukker 2003): residuals of first differences on their lag; the slope
// is -1/2 without serial correlation of e.
Diagnostic wooldridge_differences(const PanelFit& first_differences);
// Pesaran (2004, CESifo 1229): sum_{i<j} sqrt(T_ij) r_ij / sqrt(pairs), r_ij the correlation of the
// residuals over the T_ij common periods; standard normal. Pairs with fewer than two do not count.
Diagnostic pesaran_cd(const VectorView& residuals, const Groups& entity, const Groups& time);
// Residuals of each entity's own regression (with a constant) in the rows' order.
VectorXd entity_regression_residuals(const PanelData& data);

}  // namespace amnok
