// An elasticity that several units share (cities, goods, partners): the equation's own and those of
// `panel`, bound to a sample that carries their series as further columns.
//
//   y_it = a_i + g_t + x_it'b + e_it
//
//   effects    none (one constant), unit (a_i fixed), two_way (a_i and g_t fixed), random (a_i)
//   mean_group, cce, cce_pooled   b_i differs by unit; b is their mean (heterogeneous_panel.h)
//
// Units need not be observed in the same periods. The result is the equation of the own unit,
//
//   y_1t = a_1 + x_1t'b + u_t
//
// with the pooled b, which a scenario projects: a_1 is the own unit's effect (random: its best
// linear prediction), period effects and common factors count as their mean, and what they vary
// goes to u, whose variance is that of the own unit's residuals. Observations counted in the result
// are the own unit's; the table `panel` has those of all.
//
// The covariance is of (a_1, b) together. Both are sums over rows of an influence times e_it,
//
//   b:    (X'X)^-1 x~_it
//   a_1:  1(i = 1) / T_1 - mean(x_1)'(X'X)^-1 x~_it    (unit and two-way; x~ less its effects)
//
// so one formula serves every error structure. errors (nothing: clustered by unit from
// kManyClusters units on, driscoll_kraay with fewer or where all units share a regressor):
//   clustered          by unit; Student's t, units - 1
//   two_way_clustered  by unit and by period; t, the smaller number - 1; negative eigenvalues of
//                      the covariance are set to zero
//   driscoll_kraay     by period, with lags (given, or 4 (T / 100)^(2/9)); t, periods - 1
//   classical, hc0     t, residual degrees of freedom
// The factor G / (G - 1) (n - 1) / (n - k) goes with the first three, G clusters or periods.
//
// Input errors: units of different numbers of regressors, without rows; regressors that effects or
// period means absorb, by name and with the reason.
#pragma once

#include <memory>

#include "engine/model/model.h"
#include "models/trade_elasticity/elasticity_spec.h"

namespace amnok {

inline constexpr int kManyClusters = 20;

std::unique_ptr<BoundModel> bind_panel_elasticity(const ElasticitySpec& spec, const Sample& sample);

}  // namespace amnok
