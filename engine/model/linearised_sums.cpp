#include "engine/model/linearised_sums.h"

#include <algorithm>
#include <cmath>

namespace amnok {

std::vector<SumObservation> linearised_sums(const Sample& sample, const VectorView& path) {
  std::vector<SumObservation> result;
  for (const TemporalSum& sum : sample.sums) {
    SumObservation o;
    o.last = static_cast<int>(sample.range.index_of(sum.parts.back()));
    o.value = sum.value;
    o.variance = sum.sd * sum.sd;
    for (const Period& part : sum.parts) {
      const int t = static_cast<int>(sample.range.index_of(part));
      const double slope = sample.target.transform.inverse_slope(path(t));
      o.value += slope * path(t) - sample.target.transform.inverse(path(t));
      o.parts.emplace_back(o.last - t, slope);
    }
    // In the units of the transformed target, so that the variances of all observations compare.
    double size = 0;
    for (const auto& [lag, weight] : o.parts) size = std::max(size, std::fabs(weight));
    if (!(size > 0)) continue;
    o.value /= size;
    o.variance /= size * size;
    for (auto& [lag, weight] : o.parts) weight /= size;
    result.push_back(o);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.last < b.last; });
  return result;
}

VectorXd first_path(const Sample& sample) {
  VectorXd path = sample.y;
  for (const TemporalSum& sum : sample.sums) {
    const double share = sum.value / static_cast<double>(sum.parts.size());
    for (const Period& part : sum.parts) {
      path(sample.range.index_of(part)) = sample.target.transform.forward(share);
    }
  }
  return interpolate(path);
}

VectorXd next_path(const Sample& sample, const VectorView& path, const VectorView& found,
                   double sigma) {
  if (sample.sums.empty() || sample.target.transform.kind == Transform::Kind::level) return {};
  VectorXd next = found;
  double change = 0;
  for (const TemporalSum& sum : sample.sums) {
    for (const Period& part : sum.parts) {
      const auto t = sample.range.index_of(part);
      // Beyond the edge of a Box-Cox transform there is nothing to linearise.
      if (!std::isfinite(sample.target.transform.inverse(next(t)))) next(t) = path(t);
      change = std::max(change, std::fabs(next(t) - path(t)));
    }
  }
  return change < 1e-5 * sigma ? VectorXd() : next;
}

VectorXd interpolate(const VectorView& y) {
  VectorXd filled = y;
  Eigen::Index last = -1;
  for (Eigen::Index t = 0; t < filled.size(); ++t) {
    if (std::isnan(filled(t))) continue;
    for (Eigen::Index i = last + 1; i < t; ++i) {
      const double share =
          last < 0 ? 1 : static_cast<double>(i - last) / static_cast<double>(t - last);
      filled(i) = last < 0 ? filled(t) : filled(last) + share * (filled(t) - filled(last));
    }
    last = t;
  }
  for (Eigen::Index i = last + 1; i < filled.size(); ++i) filled(i) = last < 0 ? 0 : filled(last);
  return filled;
}

}  // namespace amnok
