#include "engine/stats/empirical_quantile.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"

namespace amnok {

EmpiricalQuantile::EmpiricalQuantile(const VectorXd& values) : values_(values) {
  const Eigen::Index n = values_.size();
  AMNOK_CHECK(n >= 2 && values_.allFinite(), "{} values", n);
  std::sort(values_.begin(), values_.end());
  for (Eigen::Index i = 1; i < n; ++i) {
    thresholds_.push_back(normal_quantile(static_cast<double>(i) / static_cast<double>(n)));
  }
  // Two cells a threshold.
  const double width = thresholds_.back() - thresholds_.front();
  const auto cells = static_cast<std::size_t>(2 * n);
  cells_per_unit_ = width > 0 ? static_cast<double>(cells) / width : 0;
  Eigen::Index below = 0;
  for (std::size_t cell = 0; cell <= cells; ++cell) {
    const double start = width > 0 ? thresholds_.front() + static_cast<double>(cell) * width /
                                                               static_cast<double>(cells)
                                   : thresholds_.front();
    while (below < n - 1 && thresholds_[static_cast<std::size_t>(below)] < start) ++below;
    guide_.push_back(below);
  }
}

double EmpiricalQuantile::inverse(double x) const {
  const auto [first, last] = std::equal_range(values_.begin(), values_.end(), x);
  const auto below = static_cast<double>((first - values_.begin()) + (last - values_.begin()));
  const auto n = static_cast<double>(values_.size());
  return normal_quantile(std::clamp(below / (2 * n), 0.5 / n, 1 - 0.5 / n));
}

}  // namespace amnok
