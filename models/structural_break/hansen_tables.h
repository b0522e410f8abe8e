// Coefficients of Hansen's approximate distributions of the sup-F, exp-F and ave-F statistics
// (Hansen 1997, J. Business & Economic Statistics 15, 60-67; the tables that accompany the paper).
//
//   P(statistic > x) = P(chi-squared(df) > b_0 + b_1 x + b_2 x^2 + b_3 x^3)
//
// [k - 1][i]: k coefficients under test; trimming 0.49 - 0.02 i of each end, i = 0 .. 24. A row is
// b_0, b_1 (sup-F) or b_0 .. b_3 (the others), then df.
#pragma once

namespace amnok {

inline constexpr int kHansenCoefficients = 40, kHansenTrimmings = 25;

extern const double kHansenSup[40][25][3];
extern const double kHansenAve[40][25][5];
extern const double kHansenExp[40][25][5];

}  // namespace amnok
