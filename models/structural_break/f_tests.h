// Tests of one change of all coefficients of y_t = x_t'b + e_t, at a known or an unknown date.
//
//   F(i) = k times the F statistic of a change after observation i,
//        = (RSS_0 - RSS(i)) / (RSS(i) / (n - 2k)),   RSS(i) = RSS(1..i) + RSS(i+1..n)
//
// or, with robust errors, the Wald statistic d'(V_1 + V_2)^-1 d of the difference d between the
// coefficients of both sides. Over the candidates first .. last (Andrews 1993, Econometrica 61,
// 821-856; Andrews & Ploberger 1994, Econometrica 62, 1383-1414):
//
//   sup-F = max F(i),   ave-F = mean F(i),   exp-F = log mean exp(F(i) / 2)
//
// x: n x k of full column rank, y: n. i counts the observations before the change, from 1.
#pragma once

#include "engine/base/matrix.h"
#include "models/structural_break/errors.h"

namespace amnok {

// RSS(i) for i = first .. last, by one forward and one backward pass of rank-one updates,
// O(n k^2).
VectorXd split_rss(const MatrixView& x, const VectorView& y, int first, int last);

struct FPath {
  int first = 0, last = 0;  // candidates: observations before the change
  int n = 0, k = 0;
  VectorXd f;  // last - first + 1
  double sup = 0, ave = 0, exp = 0;
  int argmax = 0;  // the first candidate at which F is largest, first .. last

  // Hansen's (1997) measure of the range: (n - first) last / (first (n - last)).
  double lambda() const;
};

struct FPathOptions {
  int first = 0, last = 0;  // k <= first <= last <= n - k; robust errors need more than k
  Errors errors = Errors::classical;
  bool prewhiten = false;  // of hac errors
};

// The path of given values of F, k coefficients changing.
FPath summarised_path(const VectorXd& f, int first, int n, int k);

FPath f_path(const MatrixView& x, const VectorView& y, const FPathOptions& options);

// Candidates with floor(share n) observations on each side, and at least k + 1.
FPathOptions trimmed_range(int n, int k, double share);

struct FTest {
  double statistic = kMissing, df1 = kMissing, df2 = kMissing, p_value = kMissing;
};

// A change after observation i (Chow 1960, Econometrica 28, 591-605): F(k, n - 2k); with robust
// errors the Wald statistic divided by k, against the same distribution.
FTest chow_test(const MatrixView& x, const VectorView& y, int i, Errors errors = Errors::classical,
                bool prewhiten = false);

// Chow's predictive test: do observations i + 1 .. n come from the regression of the first i?
//   F = ((RSS_0 - RSS(1..i)) / (n - i)) / (RSS(1..i) / (i - k)),   F(n - i, i - k)
FTest predictive_chow_test(const MatrixView& x, const VectorView& y, int i);

}  // namespace amnok
