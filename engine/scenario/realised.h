// What came true after the forecast origin, where the data reach further than the sample.
#pragma once

#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

struct RealisedCoverage {
  std::string scenario, variable;
  int periods = 0;  // horizon periods with a realised value
  int inside30 = 0, inside60 = 0, inside90 = 0;
  double mean_absolute_error = kMissing;  // of the median
};
std::vector<RealisedCoverage> realised_coverage(const std::vector<Projection>& projections,
                                                const Frame& observed, const PeriodRange& horizon);

}  // namespace amnok
