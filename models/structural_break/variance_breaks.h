// Breaks in the variance of a series with known mean zero (residuals): cumulated sums of squares.
//
//   C_k = e_1^2 + .. + e_k^2,   D_k = C_k / C_n - k / n
//
//   inclan_tiao  max_k sqrt(n / 2) |D_k|                      independent normal e
//                                     Inclan & Tiao 1994, J. American Statistical Association 89,
//                                     913-923
//   kappa1       max_k |C_k - k C_n / n| / sqrt(n (m_4 - s^4))         independent, any kurtosis
//   kappa2       max_k |C_k - k C_n / n| / sqrt(n w)                   w: long-run variance of e^2
//                                     Sanso, Arago & Carrion 2004, Revista de Economia Financiera
//                                     4, 32-53
//
// s^2 = C_n / n, m_4 the mean of e^4; w by Bartlett weights with lag floor(4 (n / 100)^(2/9)). All
// three are distributed in the limit as the largest excursion of a Brownian bridge (5 %: 1.358).
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

enum class VarianceTest { inclan_tiao, kappa1, kappa2 };

struct VarianceBreak {
  double statistic = kMissing, p_value = kMissing;
  int last = -1;  // index (0-based) of the last observation before the likeliest break
};

// NaN where every e^2 is the same.
VarianceBreak cusum_of_squares(const VectorView& e, VarianceTest test);

// Iterated cumulated sums of squares (Inclan & Tiao 1994, section 4): breaks are found from both
// ends of the sample inwards, then each is tested again between its neighbours until the dates
// settle. level: of each test.
std::vector<int> variance_breaks(const VectorView& e, VarianceTest test, double level);

}  // namespace amnok
