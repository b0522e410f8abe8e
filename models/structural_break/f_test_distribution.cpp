#include "models/structural_break/f_test_distribution.h"

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <cmath>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "models/structural_break/hansen_tables.h"

namespace amnok {

namespace {

// Where b_1 x + b_2 x^2 + b_3 x^3 turns down; infinite when it does not. No polynomial of the
// tables has more than one such point.
double turning_point(const double* row) {
  const double a = 3 * row[3], b = 2 * row[2], c = row[1];
  if (a == 0) return b < 0 ? -c / b : INFINITY;
  const double discriminant = b * b - 4 * a * c;
  if (a > 0 || discriminant < 0) return INFINITY;
  return (-b - std::sqrt(discriminant)) / (2 * a);
}

// The p-value at one of Hansen's trimmings; `row` holds `terms` polynomial coefficients, then df.
double surface_p_value(const double* row, int terms, double x, Surface surface) {
  if (terms == 4 && surface == Surface::held) x = std::min(x, turning_point(row));
  double value = 0;
  for (int j = terms - 1; j >= 0; --j) value = value * x + row[j];
  return chi_squared_sf(std::max(value, 0.0), row[terms]);
}

struct Question {
  FStatistic statistic;
  double x;
  int k;
  Surface surface;

  double at_trimming(int i) const {
    switch (statistic) {
      case FStatistic::sup:
        return surface_p_value(kHansenSup[k - 1][i], 2, x, surface);
      case FStatistic::ave:
        return surface_p_value(kHansenAve[k - 1][i], 4, x, surface);
      case FStatistic::exp:
        return surface_p_value(kHansenExp[k - 1][i], 4, x, surface);
    }
    return kMissing;
  }

  // Of one known date; exp-F is then half of F.
  double at_one_date() const { return chi_squared_sf(statistic == FStatistic::exp ? 2 * x : x, k); }
};

}  // namespace

double hansen_p_value(FStatistic statistic, double x, int k, double lambda, Surface surface) {
  AMNOK_CHECK(k >= 1 && lambda >= 1, "k {}, lambda {}", k, lambda);
  if (k > kHansenCoefficients || std::isnan(x)) return kMissing;
  const Question p{statistic, x, k, surface};
  const double trimming = 1 / (1 + std::sqrt(lambda));
  if (trimming >= 0.49) {
    const double weight = (0.5 - trimming) / 0.01;
    return weight * p.at_trimming(0) + (1 - weight) * p.at_one_date();
  }
  if (trimming <= 0.01) return p.at_trimming(kHansenTrimmings - 1);
  const double place = (0.49 - trimming) / 0.02;
  const int i = std::min(static_cast<int>(std::floor(place)), kHansenTrimmings - 2);
  const double weight = place - i;
  return (1 - weight) * p.at_trimming(i) + weight * p.at_trimming(i + 1);
}

double hansen_critical_value(FStatistic statistic, double level, int k, double lambda) {
  if (k > kHansenCoefficients) return kMissing;
  const auto excess = [&](double x) { return hansen_p_value(statistic, x, k, lambda) - level; };
  double high = 10;
  while (excess(high) > 0) high *= 2;
  double low = high;
  // The polynomials are fitted to the upper tail: come from above.
  while (low > 1e-3 && excess(low) <= 0) low *= 0.9;
  boost::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(
      excess, low, high, boost::math::tools::eps_tolerance<double>(45), iterations);
  return 0.5 * (a + b);
}

}  // namespace amnok
