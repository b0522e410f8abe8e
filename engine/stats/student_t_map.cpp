#include "engine/stats/student_t_map.h"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

constexpr int kMinimumBits = 40;  // of the search for the degrees of freedom

double log_density_constant(double df) {
  return std::lgamma(0.5 * (df + 1)) - std::lgamma(0.5 * df) -
         0.5 * std::log(df * std::numbers::pi);
}

// T^{-1}(Phi(u)), u >= 0: through the lower tail, which keeps its digits.
double quantile_of_normal(double u, double df) {
  return u == 0 ? 0.0 : -student_t_quantile(normal_cdf(-u), df);
}

// log L of t shocks of variance one.
double log_likelihood(const VectorXd& z, double df) {
  // Variance one: z = sqrt((df - 2) / df) t.
  const double scale = 0.5 * std::log(df / (df - 2));
  return static_cast<double>(z.size()) * (log_density_constant(df) + scale) -
         0.5 * (df + 1) * (z.array().square() / (df - 2)).log1p().sum();
}

}  // namespace

StudentTMap::StudentTMap(double df) : df_(df) {
  AMNOK_CHECK(df > 2, "Student t with {} degrees of freedom has no variance", df);
  const double scale = std::sqrt((df - 2) / df), constant = log_density_constant(df);
  constexpr double kWidth = 1.0 / kCellsPerUnit;
  double y0 = 0, v0 = 0, a0 = 0;  // x, width x' and width^2 x'' where a cell begins
  for (int i = 0; i <= kLimit * kCellsPerUnit; ++i) {
    const double u = i * kWidth, q = quantile_of_normal(u, df);
    const double log_f = constant - 0.5 * (df + 1) * std::log1p(q * q / df);
    const double log_phi = -0.5 * u * u - 0.5 * std::log(2 * std::numbers::pi);
    const double slope = std::exp(log_phi - log_f);
    const double y1 = scale * q, v1 = kWidth * scale * slope;
    const double a1 = kWidth * v1 * ((df + 1) * q * slope / (df + q * q) - u);
    if (i > 0) {
      const double rise = y1 - y0;
      cells_.push_back({y0, v0, 0.5 * a0, 10 * rise - 6 * v0 - 4 * v1 - 1.5 * a0 + 0.5 * a1,
                        -15 * rise + 8 * v0 + 7 * v1 + 1.5 * a0 - a1,
                        6 * rise - 3 * v0 - 3 * v1 - 0.5 * a0 + 0.5 * a1});
    }
    y0 = y1;
    v0 = v1;
    a0 = a1;
  }
}

double StudentTMap::exact(double u) const {
  return std::sqrt((df_ - 2) / df_) * quantile_of_normal(u, df_);
}

double StudentTMap::inverse(double x) const {
  const double tail = student_t_cdf(-std::fabs(x) * std::sqrt(df_ / (df_ - 2)), df_);
  return std::copysign(normal_quantile(tail), x);
}

TailFit fit_student_t(const VectorXd& standardised) {
  // In 1 / df, where the likelihood is close to a parabola; from the best of a grid, since it may
  // have several maxima.
  const double lower = 1 / kHighestTailDf, upper = 1 / kLowestTailDf, step = (upper - lower) / 20;
  const auto loss = [&](double inverse) { return -log_likelihood(standardised, 1 / inverse); };
  double best = lower, least = loss(lower);
  for (int i = 1; i <= 20; ++i) {
    const double at = lower + i * step, value = loss(at);
    if (value < least) {
      best = at;
      least = value;
    }
  }
  const auto found = boost::math::tools::brent_find_minima(
      loss, std::max(lower, best - step), std::min(upper, best + step), kMinimumBits);
  // Brent never tries the ends themselves.
  const auto& [inverse, value] = found.second < least ? found : std::pair(best, least);
  const double normal =
      -0.5 * (static_cast<double>(standardised.size()) * std::log(2 * std::numbers::pi) +
              standardised.squaredNorm());
  return {1 / inverse, 2 * (-value - normal)};
}

}  // namespace amnok
