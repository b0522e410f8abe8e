#include "engine/scenario/realised.h"

#include <cmath>

#include "engine/data/evaluate.h"

namespace amnok {

std::vector<RealisedCoverage> realised_coverage(const std::vector<Projection>& projections,
                                                const Frame& observed, const PeriodRange& horizon) {
  std::vector<RealisedCoverage> result;
  for (const Projection& projection : projections) {
    RealisedCoverage coverage{projection.scenario, projection.variable, 0, 0, 0, 0, kMissing};
    const Series& series = observed.get(projection.variable);
    double error = 0;
    for (std::int64_t h = 0; h < horizon.count; ++h) {
      const double value = series.at(horizon[h]);
      const Distribution& d = projection.periods[static_cast<std::size_t>(h)];
      if (std::isnan(value) || std::isnan(d.mean)) continue;
      ++coverage.periods;
      const auto inside = [&](double low, double high) {
        return value >= d.quantile(low) && value <= d.quantile(high) ? 1 : 0;
      };
      coverage.inside30 += inside(0.35, 0.65);
      coverage.inside60 += inside(0.2, 0.8);
      coverage.inside90 += inside(0.05, 0.95);
      error += std::fabs(value - d.median());
    }
    if (coverage.periods > 0) coverage.mean_absolute_error = error / coverage.periods;
    result.push_back(coverage);
  }
  return result;
}

}  // namespace amnok
