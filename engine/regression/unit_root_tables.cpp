#include "engine/regression/unit_root_tables.h"

#include <array>
#include <cmath>
#include <limits>

#include "engine/base/check.h"
#include "engine/base/matrix.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// p = Phi(small(tau)) up to `star`, Phi(large(tau)) above; coefficients by rising power.
struct Tail {
  double lowest, star, highest;
  std::array<double, 3> small;
  std::array<double, 4> large;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Tail kTails[] = {
    {-19.04, -1.04, kInfinity, {0.6344, 1.2378, 0.032496}, {0.4797, 0.93557, -0.06999, 0.033066}},
    {-18.83, -1.61, 2.74, {2.1659, 1.4412, 0.038269}, {1.7339, 0.93202, -0.12745, -0.010368}},
    {-16.18, -2.89, 0.70, {3.2512, 1.6047, 0.049588}, {2.5261, 0.61654, -0.37956, -0.060285}}};

// By terms, then 1, 5 and 10 %: b_inf, b_1, b_2, b_3.
constexpr double kMacKinnon2010[3][3][4] = {{{-2.56574, -2.2358, -3.627, 0},
                                             {-1.94100, -0.2686, -3.365, 31.223},
                                             {-1.61682, 0.2656, -2.714, 25.364}},
                                            {{-3.43035, -6.5393, -16.786, -79.433},
                                             {-2.86154, -2.8903, -4.234, -40.040},
                                             {-2.56677, -1.5384, -2.809, 0}},
                                            {{-3.95877, -9.0531, -28.428, -134.155},
                                             {-3.41049, -4.3904, -9.036, -45.374},
                                             {-3.12705, -2.5856, -3.925, -22.380}}};

// Rows: 25, 50, 100, 250, 500 and more observations.
constexpr CriticalValues kFuller[] = {{-3.75, -3.00, -2.63}, {-3.58, -2.93, -2.60},
                                      {-3.51, -2.89, -2.58}, {-3.46, -2.88, -2.57},
                                      {-3.44, -2.87, -2.57}, {-3.43, -2.86, -2.57}};

// Rows: 50, 100, 200 and more observations.
constexpr CriticalValues kGlsTrend[] = {
    {-3.77, -3.19, -2.89}, {-3.58, -3.03, -2.74}, {-3.46, -2.93, -2.64}, {-3.48, -2.89, -2.57}};
constexpr CriticalValues kPointOptimalConstant[] = {
    {1.87, 2.97, 3.91}, {1.95, 3.11, 4.17}, {1.91, 3.17, 4.33}, {1.99, 3.26, 4.48}};
constexpr CriticalValues kPointOptimalTrend[] = {
    {4.22, 5.72, 6.77}, {4.26, 5.64, 6.79}, {4.05, 5.66, 6.86}, {3.96, 5.62, 6.89}};

constexpr CriticalValues kZivotAndrews[] = {
    {-5.34, -4.80, -4.58}, {-4.93, -4.42, -4.11}, {-5.57, -5.08, -4.82}};

constexpr double kKpssProbability[] = {0.10, 0.05, 0.025, 0.01};
constexpr double kKpssConstant[] = {0.347, 0.463, 0.574, 0.739};
constexpr double kKpssTrend[] = {0.119, 0.146, 0.176, 0.216};

template <std::size_t n>
double polynomial(const std::array<double, n>& coefficients, double x) {
  double value = 0;
  for (std::size_t i = n; i-- > 0;) value = value * x + coefficients[i];
  return value;
}

std::size_t row_of_elliott(int n) {
  return n <= 50 ? 0 : n <= 100 ? 1 : n <= 200 ? 2 : 3;
}

// The line through (x, p) at a point; x rises, and beyond the ends p stays.
template <std::size_t n>
double interpolate(const double (&x)[n], const double (&p)[n], double at) {
  if (std::isnan(at)) return kMissing;
  if (at <= x[0]) return p[0];
  for (std::size_t i = 1; i < n; ++i) {
    if (at <= x[i]) return p[i - 1] + (p[i] - p[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
  }
  return p[n - 1];
}

}  // namespace

double dickey_fuller_p_value(double tau, Deterministics terms) {
  const Tail& tail = kTails[static_cast<int>(terms)];
  if (std::isnan(tau)) return kMissing;
  if (tau > tail.highest) return 1;
  if (tau < tail.lowest) return 0;
  return normal_cdf(tau <= tail.star ? polynomial(tail.small, tau) : polynomial(tail.large, tau));
}

CriticalValues dickey_fuller_critical_values(Deterministics terms, int n) {
  const auto at = [&](int level) {
    const double* b = kMacKinnon2010[static_cast<int>(terms)][level];
    return b[0] + (b[1] + (b[2] + b[3] / n) / n) / n;
  };
  return {at(0), at(1), at(2)};
}

CriticalValues fuller_critical_values(int n) {
  return kFuller[n < 25 ? 0 : n < 50 ? 1 : n < 100 ? 2 : n < 250 ? 3 : n < 500 ? 4 : 5];
}

CriticalValues mackinnon_1991_critical_values(int n) {
  const double u = 1.0 / n;
  return {-3.4335 - (5.999 + 29.25 * u) * u, -2.8621 - (2.738 + 8.36 * u) * u,
          -2.5671 - (1.438 + 4.48 * u) * u};
}

double kpss_p_value(double statistic, bool trend) {
  return interpolate(trend ? kKpssTrend : kKpssConstant, kKpssProbability, statistic);
}

CriticalValues gls_critical_values(Deterministics terms, int n) {
  AMNOK_CHECK(terms != Deterministics::none, "GLS detrending needs a constant or a trend");
  if (terms == Deterministics::constant) {
    return dickey_fuller_critical_values(Deterministics::none, n);
  }
  return kGlsTrend[row_of_elliott(n)];
}

CriticalValues point_optimal_critical_values(Deterministics terms, int n) {
  AMNOK_CHECK(terms != Deterministics::none, "GLS detrending needs a constant or a trend");
  return (terms == Deterministics::constant ? kPointOptimalConstant
                                            : kPointOptimalTrend)[row_of_elliott(n)];
}

CriticalValues zivot_andrews_critical_values(BreakIn model) {
  return kZivotAndrews[static_cast<int>(model)];
}

double interpolated_p_value(double statistic, const CriticalValues& critical) {
  const double x[] = {critical.pct1, critical.pct5, critical.pct10}, p[] = {0.01, 0.05, 0.10};
  return interpolate(x, p, statistic);
}

}  // namespace amnok
