#include "models/structural_break/fluctuation_distribution.h"

#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

constexpr int kWindows = 10;  // rows: h = 0.05, 0.10, ..., 0.50

// Increments of Brownian motion, divided by sqrt(h), at 20, 15, 10, 5, 2.5 and 1 %.
constexpr int kMotionLevels = 6;
constexpr double kMotionTails[kMotionLevels] = {0.20, 0.15, 0.10, 0.05, 0.025, 0.01};
constexpr double kMotionIncrements[kWindows][kMotionLevels] = {
    {3.2165, 3.3185, 3.4554, 3.6622, 3.8632, 4.1009},
    {2.9795, 3.0894, 3.2368, 3.4681, 3.6707, 3.9397},
    {2.8289, 2.9479, 3.1028, 3.3382, 3.5598, 3.8143},
    {2.7099, 2.8303, 2.9874, 3.2351, 3.4604, 3.7337},
    {2.6061, 2.7325, 2.8985, 3.1531, 3.3845, 3.6626},
    {2.5111, 2.6418, 2.8134, 3.0728, 3.3102, 3.5907},
    {2.4283, 2.5609, 2.7327, 3.0043, 3.2461, 3.5333},
    {2.3464, 2.4840, 2.6605, 2.9333, 3.1823, 3.4895},
    {2.2686, 2.4083, 2.5899, 2.8743, 3.1229, 3.4123},
    {2.2255, 2.3668, 2.5505, 2.8334, 3.0737, 3.3912}};

// Increments of a Brownian bridge, by the number of dimensions, at 10, 5, 2.5 and 1 %. Two entries
// of the table as it circulates cannot be right, since the values must rise with the dimensions and
// fall with the tail: 1.4506 (k = 4, h = 0.20, 5 %) and 1.6220 (k = 6, h = 0.10, 1 %). Simulation
// (60,000 bridges of 1000 steps) gives 1.481 and 1.313; the digits 1.4806 and 1.3220 are put in
// their place.
constexpr int kBridgeDimensions = 6, kBridgeLevels = 4;
constexpr double kBridgeTails[kBridgeLevels] = {0.10, 0.05, 0.025, 0.01};
// clang-format off
constexpr double kBridgeIncrements[kBridgeDimensions][kWindows][kBridgeLevels] = {
    {{0.7552, 0.8017, 0.8444, 0.8977},
     {0.9809, 1.0483, 1.1119, 1.1888},
     {1.1211, 1.2059, 1.2845, 1.3767},
     {1.2170, 1.3158, 1.4053, 1.5131},
     {1.2811, 1.3920, 1.4917, 1.6118},
     {1.3258, 1.4448, 1.5548, 1.6863},
     {1.3514, 1.4789, 1.5946, 1.7339},
     {1.3628, 1.4956, 1.6152, 1.7572},
     {1.3610, 1.4976, 1.6210, 1.7676},
     {1.3751, 1.5115, 1.6341, 1.7808}},
    {{0.7997, 0.8431, 0.8838, 0.9351},
     {1.0448, 1.1067, 1.1654, 1.2388},
     {1.2030, 1.2805, 1.3509, 1.4362},
     {1.3112, 1.4042, 1.4881, 1.5876},
     {1.3870, 1.4865, 1.5779, 1.6930},
     {1.4422, 1.5538, 1.6530, 1.7724},
     {1.4707, 1.5900, 1.6953, 1.8223},
     {1.4892, 1.6105, 1.7206, 1.8559},
     {1.4902, 1.6156, 1.7297, 1.8668},
     {1.5067, 1.6319, 1.7455, 1.8827}},
    {{0.8250, 0.8668, 0.9040, 0.9519},
     {1.0802, 1.1419, 1.1986, 1.2700},
     {1.2491, 1.3259, 1.3951, 1.4820},
     {1.3647, 1.4516, 1.5326, 1.6302},
     {1.4449, 1.5421, 1.6322, 1.7470},
     {1.5045, 1.6089, 1.7008, 1.8143},
     {1.5353, 1.6560, 1.7510, 1.8756},
     {1.5588, 1.6751, 1.7809, 1.9105},
     {1.5630, 1.6828, 1.7901, 1.9190},
     {1.5785, 1.6981, 1.8071, 1.9395}},
    {{0.8414, 0.8828, 0.9205, 0.9681},
     {1.1066, 1.1663, 1.2217, 1.2918},
     {1.2792, 1.3533, 1.4212, 1.5013},
     {1.3973, 1.4806, 1.5593, 1.6536},
     {1.4852, 1.5791, 1.6690, 1.7741},
     {1.5429, 1.6465, 1.7420, 1.8573},
     {1.5852, 1.6927, 1.7941, 1.9140},
     {1.6057, 1.7195, 1.8212, 1.9450},
     {1.6089, 1.7245, 1.8269, 1.9592},
     {1.6275, 1.7435, 1.8495, 1.9787}},
    {{0.8541, 0.8948, 0.9321, 0.9799},
     {1.1247, 1.1846, 1.2395, 1.3088},
     {1.3040, 1.3765, 1.4440, 1.5252},
     {1.4250, 1.5069, 1.5855, 1.6791},
     {1.5154, 1.6077, 1.6921, 1.7967},
     {1.5738, 1.6770, 1.7687, 1.8837},
     {1.6182, 1.7217, 1.8176, 1.9377},
     {1.6460, 1.7540, 1.8553, 1.9788},
     {1.6462, 1.7574, 1.8615, 1.9897},
     {1.6644, 1.7777, 1.8816, 2.0085}},
    {{0.8653, 0.9048, 0.9414, 0.9880},
     {1.1415, 1.1997, 1.2530, 1.3220},
     {1.3223, 1.3938, 1.4596, 1.5392},
     {1.4483, 1.5305, 1.6100, 1.7014},
     {1.5392, 1.6317, 1.7139, 1.8154},
     {1.6025, 1.7018, 1.7930, 1.9061},
     {1.6462, 1.7499, 1.8439, 1.9605},
     {1.6697, 1.7769, 1.8763, 1.9986},
     {1.6802, 1.7889, 1.8932, 2.0163},
     {1.6939, 1.8052, 1.9074, 2.0326}},
};
// clang-format on

constexpr int kMostSquareDimensions = 60;

bool in_table(double h) {
  return h >= 0.05 - 1e-12 && h <= 0.50 + 1e-12;
}

// A column of a table at window h, by lines.
template <std::size_t levels>
double at_window(const double (&table)[kWindows][levels], std::size_t level, double h,
                 bool times_root_h) {
  const double place = std::clamp(h / 0.05 - 1, 0.0, kWindows - 1.0);
  const auto row = static_cast<std::size_t>(std::min(std::floor(place), kWindows - 2.0));
  const double weight = place - static_cast<double>(row);
  const auto entry = [&](std::size_t r) {
    const double root = times_root_h ? std::sqrt(0.05 * static_cast<double>(r + 1)) : 1.0;
    return table[r][level] * root;
  };
  return (1 - weight) * entry(row) + weight * entry(row + 1);
}

// The tail at x by lines through (0, 1) and the points of the table; its last tail beyond.
template <std::size_t levels>
double tail_by_lines(double x, const double (&table)[kWindows][levels],
                     const double (&tails)[levels], double h, bool times_root_h) {
  if (std::isnan(x)) return kMissing;
  double x0 = 0, p0 = 1;
  for (std::size_t level = 0; level < levels; ++level) {
    const double x1 = at_window(table, level, h, times_root_h), p1 = tails[level];
    if (x <= x1) return p0 + (p1 - p0) * (x - x0) / (x1 - x0);
    x0 = x1;
    p0 = p1;
  }
  return p0;
}

// The x at which those lines reach `tail`; NaN below the table's last tail.
template <std::size_t levels>
double point_by_lines(double tail, const double (&table)[kWindows][levels],
                      const double (&tails)[levels], double h, bool times_root_h) {
  double x0 = 0, p0 = 1;
  for (std::size_t level = 0; level < levels; ++level) {
    const double x1 = at_window(table, level, h, times_root_h), p1 = tails[level];
    if (tail >= p1) return x0 + (x1 - x0) * (p0 - tail) / (p0 - p1);
    x0 = x1;
    p0 = p1;
  }
  return kMissing;
}

// 2 sum_{i>=1} (-1)^{i+1} exp(-2 i^2 x^2), P(max |B| > x) in one dimension.
double kolmogorov_tail(double x) {
  if (x < 0.1) return 1;
  double sum = 0;
  for (int i = 1; i <= 100; ++i) {
    const double term = std::exp(-2.0 * i * i * x * x);
    sum += i % 2 == 1 ? term : -term;
    if (term < 1e-18 * sum) break;
  }
  return std::min(2 * sum, 1.0);
}

// The x where a falling p-value reaches `level`.
double solve_level(const std::function<double(double)>& p_value, double level) {
  if (std::isnan(p_value(1))) return kMissing;
  double high = 1;
  while (p_value(high) > level) high *= 2;
  boost::uintmax_t iterations = 200;
  const auto [a, b] =
      boost::math::tools::bisect([&](double x) { return p_value(x) - level; }, 0.0, high,
                                 boost::math::tools::eps_tolerance<double>(45), iterations);
  return 0.5 * (a + b);
}

}  // namespace

double motion_p_value(double x) {
  if (std::isnan(x)) return kMissing;
  if (x < 0.3) return 1 - 0.1465 * x;
  const double upper = normal_cdf(-3 * x);
  return 2 * (upper + std::exp(-4 * x * x) * (normal_cdf(x) - normal_cdf(-5 * x)) -
              std::exp(-16 * x * x) * normal_cdf(-x));
}

double bridge_p_value(double x, int k) {
  AMNOK_CHECK(k >= 1, "k {}", k);
  if (std::isnan(x)) return kMissing;
  const double tail = kolmogorov_tail(x);
  return tail >= 1 ? 1 : -std::expm1(k * std::log1p(-tail));
}

double motion_increments_p_value(double x, double h) {
  if (!in_table(h)) return kMissing;
  return tail_by_lines(x, kMotionIncrements, kMotionTails, h, true);
}

double bridge_increments_p_value(double x, double h, int k) {
  AMNOK_CHECK(k >= 1, "k {}", k);
  if (!in_table(h) || k > kBridgeDimensions) return kMissing;
  return tail_by_lines(x, kBridgeIncrements[k - 1], kBridgeTails, h, false);
}

double bridge_square_integral_p_value(double x, int k) {
  AMNOK_CHECK(k >= 1, "k {}", k);
  if (std::isnan(x) || k > kMostSquareDimensions) return kMissing;
  if (x <= 0) return 1;
  using Complex = std::complex<double>;
  // Laplace transform of the tail: (1 - (w / sinh w)^{k/2}) / s, w = sqrt(2s). With sinh w = e^w (1
  // - e^{-2w}) / 2 and Re w > 0 the logarithms stay on their main branch.
  const auto transform = [&](Complex s) {
    const Complex w = std::sqrt(2.0 * s);
    const Complex log_sinh = w + std::log(1.0 - std::exp(-2.0 * w)) - std::log(2.0);
    return (1.0 - std::exp(0.5 * k * (std::log(w) - log_sinh))) / s;
  };
  // Midpoints of the contour z(t), t in (-pi, pi); the lower half mirrors the upper one. The more
  // dimensions, the narrower the distribution, and the wider the contour must be.
  const double points = 28 + 2 * (k / 2);
  constexpr double kA = 0.5017, kB = 0.6407, kC = 0.6122, kD = 0.2645;
  double sum = 0;
  for (int j = 0; 2 * j < points; ++j) {
    const double t = (2 * j + 1) * std::numbers::pi / points;
    const double sine = std::sin(kB * t), cotangent = std::cos(kB * t) / sine;
    const Complex z = points * Complex(kA * t * cotangent - kC, kD * t);
    const Complex slope = points * Complex(kA * cotangent - kA * kB * t / (sine * sine), kD);
    sum += (std::exp(z) * transform(z / x) * slope).imag();
  }
  return std::clamp(2 * sum / (points * x), 0.0, 1.0);
}

double motion_critical_value(double level) {
  return solve_level(motion_p_value, level);
}

double bridge_critical_value(double level, int k) {
  return solve_level([&](double x) { return bridge_p_value(x, k); }, level);
}

double motion_increments_critical_value(double level, double h) {
  if (!in_table(h)) return kMissing;
  return point_by_lines(level, kMotionIncrements, kMotionTails, h, true);
}

double bridge_increments_critical_value(double level, double h, int k) {
  if (!in_table(h) || k > kBridgeDimensions) return kMissing;
  return point_by_lines(level, kBridgeIncrements[k - 1], kBridgeTails, h, false);
}

double bridge_square_integral_critical_value(double level, int k) {
  return solve_level([&](double x) { return bridge_square_integral_p_value(x, k); }, level);
}

}  // namespace amnok
