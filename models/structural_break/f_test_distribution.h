// Asymptotic distributions of sup-F, ave-F and exp-F over a range of dates (Hansen 1997, J.
// Business & Economic Statistics 15, 60-67): his response surfaces, by lines between his trimmings.
#pragma once

#include <string>

#include "engine/base/matrix.h"

namespace amnok {

enum class FStatistic { sup, ave, exp };

// The polynomials of ave-F and exp-F turn down far out (p below 6e-4), where the published p-value
// would rise again with the statistic: `held` keeps the p-value of the turning point, an upper
// bound; `as_published` follows the polynomial.
enum class Surface { held, as_published };

// P(statistic > x) for k coefficients; lambda of FPath, above or equal to 1. The equivalent
// trimming 1 / (1 + sqrt(lambda)) is held at 0.01 below; a single candidate (lambda 1) is
// chi-squared(k) for sup and ave. NaN for k > 40, which the tables do not reach.
double hansen_p_value(FStatistic statistic, double x, int k, double lambda,
                      Surface surface = Surface::held);

// The x with P(statistic > x) = level; NaN as above.
double hansen_critical_value(FStatistic statistic, double level, int k, double lambda);

}  // namespace amnok
