// Tests of a seasonal unit root, as the R package forecast 8.20 asks them for the number of
// seasonal differences.
//
// y: without missing values; period: observations a year, at least 2. D y_t = y_t - y_{t-1},
// D_s y_t = y_t - y_{t-period}. An InputError names missing values and a period below 2. A series
// that is too short for the regression has no statistic (NaN).
#pragma once

#include "engine/base/matrix.h"

namespace amnok {

struct SeasonalUnitRoot {
  int lag = 0;
  double statistic = kMissing;
  double critical = kMissing;  // at 5 %
  bool found = false;          // the test does not reject a seasonal unit root
};

// Osborn, Chui, Smith & Birchenhall (1988, Oxford Bulletin of Economics and Statistics 50,
// 361-377): t of b2 in
//
//   D D_s y_t = b1 z_{t-1} + b2 v_{t-period} + sum_{j=1..lag} a_j D D_s y_{t-j} + e_t
//
// z = l(B) D_s y, v = l(B) D y, l(B): the autoregression of order lag of D D_s y without a
// constant. A t below the critical value (forecast's smoothed simulations, a function of the
// period alone) rejects. The lag is one less than the one of 1, 2, 3 with the least AIC on the
// common sample: forecast counts so, and the reference values need it.
SeasonalUnitRoot osborn_chui_smith_birchenhall(const VectorView& y, int period);

// Hylleberg, Engle, Granger & Yoo (1990, J. Econometrics 44, 215-238): F of every root but that at
// frequency zero in
//
//   D_s y_t = c + d t + p_1 (y_{t-1} + .. + y_{t-period}) + [p_2 .. p_period: the other filters]
//             + sum_{j=1..lag} a_j D_s y_{t-j} + e_t
//
// without seasonal dummies; the lag among 0 .. 3 by AIC on a common sample, then re-estimated on
// all of it. The filters span y_{t-1} .. y_{t-period}, which the regression uses.
enum class HegyTable {
  // The 5 % point by simulation of seasonal random walks: 1 + 3.12 (period - 1)^-0.535. Simulated
  // for 12 periods from 2 to 52 and 12 to 60 years, which hardly matter; 40,000 walks each, fewer
  // for periods above 12. Within 0.07 of every one, but 0.1 to 0.2 too high for 3 a year.
  simulated,
  // The response surface of Diaz-Emparanza (2014, Computational Statistics and Data Analysis 76,
  // 237-247) for lags chosen by AIC, as the R package uroot 2.1 has it. Below about 400
  // observations it is far from the distribution (at 200 the 5 % point of this F statistic is
  // negative, at 100 it is 15 where simulation gives 2); here to compare with forecast only.
  response_surface
};
SeasonalUnitRoot hylleberg_engle_granger_yoo(const VectorView& y, int period,
                                             HegyTable table = HegyTable::simulated);

// 0 or 1: whether the test finds a seasonal unit root. 0 for a (nearly) constant series and for
// one no longer than the period or too short for the test.
enum class SeasonalDifferenceTest { ocsb, hegy };
int number_of_seasonal_differences(const VectorView& y, int period, SeasonalDifferenceTest test,
                                   HegyTable table = HegyTable::simulated);

}  // namespace amnok
