// Unit-root tests by Lagrange multipliers with one or two breaks that exist under both hypotheses
// (Lee & Strazicich 2003, Rev. Econ. Statist. 85, 1082-1089; 2004/2013, Economics Bulletin 33,
// 2483-2492).
//
//   dy_t = d'dZ_t + f S_{t-1} + sum_{j=1..lag} g_j dS_{t-j} + e_t,   S_t = y_t - y_1 - (Z_t - Z_1)'d~
//
// Z_t = (t, 1(t > b), ..) with a shift of the level at each break b (crash), and (t - b) 1(t > b) as
// well (both); d~ from the regression of dy on dZ. The statistic is the least t of f = 0 over the
// breaks. Small values reject the unit root, here in favour of a trend with breaks, for a unit root
// with breaks is in the null.
#pragma once

#include <vector>

#include "engine/base/matrix.h"
#include "engine/regression/unit_root_tables.h"

namespace amnok {

enum class LmBreak { crash, both };

struct LeeStrazicichOptions {
  LmBreak model = LmBreak::both;
  int breaks = 1;  // or 2
  int max_lag = 8;
  // From max_lag downwards the first whose last lag has |t| > 1.645 (Ng & Perron 1995), for each
  // break; false: max_lag.
  bool choose_lag = true;
  double trim = 0.10;  // of each end
};

struct LeeStrazicich {
  double t = kMissing;
  std::vector<int> last_observation_before;  // b, counted from 1
  int lag = 0;
  // Of samples of 100; `both` with the table's nearest break fractions (one break: by lines between
  // them).
  CriticalValues critical{};
};

// An InputError names the length of a series that is too short, or how many values are missing.
LeeStrazicich lee_strazicich(const VectorView& y, const LeeStrazicichOptions& options);

}  // namespace amnok
