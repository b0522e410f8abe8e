// Tests of a relationship in levels whatever the regressors' order of integration: the bounds tests
// of Pesaran, Shin & Smith (2001, J. Applied Econometrics 16, 289-326).
//
//   F: the level terms of an error-correction form are zero (with a restricted constant or trend);
//   t: the coefficient of y_{t-1} is zero.
//
// Their distributions lie between two, with all k forcing variables I(0) or all I(1). A statistic
// beyond the second rejects whatever they are; one that does not reach the first does not reject.
#pragma once

#include <optional>
#include <string>

#include "engine/base/matrix.h"
#include "engine/regression/ardl.h"

namespace amnok {

enum class BoundsStatistic { f, t };

// A value for each bound.
struct BoundsPair {
  double i0 = kMissing, i1 = kMissing;
};

// Published asymptotic critical values: tables CI(i) to (v), CII(i), (iii), (v). level: 0.10, 0.05,
// 0.025 or 0.01; k: 0 .. 10. Nothing elsewhere, nor for t with a restricted term.
std::optional<BoundsPair> pss_critical_values(BoundsStatistic statistic, DeterministicCase terms,
                                              int k, double level);

// The same experiment at many sample sizes, as response surfaces in the residual degrees of freedom
// of the error-correction form (bounds_table.h). Lags of differences count by the degrees of
// freedom they cost: of samples of 40 with two forcing variables 4.7 to 5.2 % reject at 5 % by F
// with ARDL(1,1,1) and 4.2 to 5.6 % with ARDL(2,2,2), over all cases and both bounds, where the
// asymptotic distribution rejects 6 to 10 %. t with a restricted term has the distribution of the
// free one: its regression is the same. Probabilities are read between those of the table, from
// 0.99 to 0.001, by lines in normal quantiles; below 10 degrees of freedom and above 10 forcing
// variables there is nothing.
std::optional<BoundsPair> bounds_critical_values(BoundsStatistic statistic, DeterministicCase terms,
                                                 int k, double level, double df);

// P(F > statistic) or P(t < statistic) under each bound; `beyond` where the statistic lies beyond
// the table, whose last probability is then given. df: infinity for the asymptotic ones.
struct BoundsPValue {
  double p = kMissing;
  bool beyond = false;
  std::string words() const;  // 0.0213, < 0.001, > 0.99
};
struct BoundsPValues {
  BoundsPValue i0, i1;
};
std::optional<BoundsPValues> bounds_p_values(BoundsStatistic statistic, DeterministicCase terms,
                                             int k, double value, double df);

struct BoundsTest {
  enum class Verdict { relationship, inconclusive, none, unknown };
  BoundsStatistic statistic = BoundsStatistic::f;
  double value = kMissing;
  int k = 0;             // forcing variables
  int restrictions = 0;  // of F
  int df = 0;
  std::optional<BoundsPValues> finite, asymptotic;
  Verdict verdict = Verdict::unknown;  // at `level`, in a sample of this size
  std::string words;
};

// F: Wald statistic over the number of restrictions, from the covariance of the fit (classical:
// the F statistic of the two sums of squares).
BoundsTest bounds_f_test(const ArdlFit& fit, double level = 0.05);
BoundsTest bounds_t_test(const ArdlFit& fit, double level = 0.05);

}  // namespace amnok
