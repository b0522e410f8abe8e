#include "engine/stats/seasonality.h"

#include <algorithm>
#include <cmath>

#include "engine/stats/distributions.h"
#include "engine/stats/residual_tests.h"
#include "engine/stats/stl.h"

namespace amnok {

namespace {

constexpr int kSeasonalWindow = 11;
constexpr double kStrengthOfDifference = 0.64;

// NaN only when no value is there.
VectorXd interpolated(const VectorView& y) {
  VectorXd filled = y;
  Eigen::Index before = -1;  // the last value that is there
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (std::isnan(y(t))) continue;
    for (Eigen::Index gap = before + 1; gap < t; ++gap) {
      const double share =
          before < 0 ? 1 : static_cast<double>(gap - before) / static_cast<double>(t - before);
      filled(gap) = before < 0 ? y(t) : y(before) + share * (y(t) - y(before));
    }
    before = t;
  }
  if (before >= 0) filled.tail(y.size() - 1 - before).setConstant(y(before));
  return filled;
}

// One value up to rounding.
bool is_constant(const VectorXd& y) {
  return !(y.maxCoeff() - y.minCoeff() > 1e-12 * y.cwiseAbs().maxCoeff());
}

bool can_be_seasonal(const VectorXd& y, int period) {
  return period >= 2 && y.size() > 2 * static_cast<Eigen::Index>(period) && !is_constant(y);
}

// About the mean, of the values where y is there.
double variance(const VectorXd& x, const VectorView& y) {
  double sum = 0, squares = 0, n = 0;
  for (Eigen::Index t = 0; t < x.size(); ++t) {
    if (std::isnan(y(t))) continue;
    sum += x(t);
    ++n;
  }
  for (Eigen::Index t = 0; t < x.size(); ++t) {
    if (!std::isnan(y(t))) squares += (x(t) - sum / n) * (x(t) - sum / n);
  }
  return squares / (n - 1);
}

}  // namespace

double seasonal_strength(const VectorView& y, int period) {
  const VectorXd filled = interpolated(y);
  if (!can_be_seasonal(filled, period)) return 0;
  const int n = static_cast<int>(filled.size());
  const StlResult parts = stl(filled, r_stl_options(n, period, kSeasonalWindow));
  const double whole = variance(parts.remainder + parts.seasonal, y);
  return whole > 0 ? std::max(0.0, 1 - variance(parts.remainder, y) / whole) : 0;
}

int seasonal_differences_by_strength(const VectorView& y, int period) {
  return seasonal_strength(y, period) > kStrengthOfDifference ? 1 : 0;
}

bool is_seasonal_acf(const VectorView& y, int period) {
  const VectorXd filled = interpolated(y);
  if (!can_be_seasonal(filled, period)) return false;
  const VectorXd r = autocorrelations(filled, period);
  const auto n = static_cast<double>(filled.size());
  const double error = std::sqrt((1 + 2 * r.head(period - 1).squaredNorm()) / n);
  return std::fabs(r(period - 1)) > normal_quantile(0.95) * error;
}

}  // namespace amnok
