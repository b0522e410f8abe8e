#include "models/trade_elasticity/floored_shock.h"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <utility>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// Zero is this many standard deviations away before it is left out of account: the error is 1e-12.
constexpr double kFar = 7;
constexpr double kNearest = -20;  // variance e^200

// First and second moment of max(0, a + z).
std::pair<double, double> censored_moments(double a) {
  const double above = normal_cdf(a), density = normal_pdf(a);
  return {a * above + density, (1 + a * a) * above + a * density};
}

}  // namespace

double FlooredShock::at(double z) const {
  return std::max(0.0, location + slope * z);
}

FlooredShock floored_shock(double variance) {
  AMNOK_CHECK(variance >= 0, "variance {}", variance);
  if (variance * kFar * kFar <= 1) return {1, std::sqrt(variance)};
  // The squared coefficient of variation falls in a; its logarithm is nearly straight.
  const auto gap = [&](double a) {
    const auto [mean, square] = censored_moments(a);
    return std::log(square) - 2 * std::log(mean) - std::log1p(variance);
  };
  if (!(gap(kNearest) > 0))
    return {kNearest / censored_moments(kNearest).first, 1 / censored_moments(kNearest).first};
  std::uintmax_t steps = 100;
  const auto [low, high] = boost::math::tools::toms748_solve(
      gap, kNearest, kFar + 0.1, boost::math::tools::eps_tolerance<double>(50), steps);
  const double a = 0.5 * (low + high), mean = censored_moments(a).first;
  return {a / mean, 1 / mean};
}

}  // namespace amnok
