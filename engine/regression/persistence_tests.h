// Tests of a change in persistence: a series that is stationary throughout, against one that turns
// into a random walk, or back, at an unknown date.
//
//   K(i) = [ (n - i)^-2 sum_{t>i} S_2t^2 / v_2 ] / [ i^-2 sum_{t<=i} S_1t^2 / v_1 ]
//
// S: cumulated residuals about a constant or a trend of each part by itself. v = 1 is the ratio of
// Kim (2000, J. Econometrics 95, 97-116; corrected by Kim, Belaire-Franch & Badillo Amador 2002, 109,
// 389-392) and Busetti & Taylor (2004, J. Econometrics 123, 33-66); with `lags` v is each part's
// long-run variance (Bartlett), which keeps the size under autocorrelation (Leybourne & Taylor 2004,
// Economics Letters 84, 107-115). Over i = floor(trim n) .. ceil((1 - trim) n):
//
//   mean K(i),   sup K(i),   exp = log mean exp(K(i) / 2)
//
// Large values speak for stationary -> random walk; those of 1 / K(i) for the way back; the larger
// of both for a change of unknown direction. The ratios do not depend on location or scale, so their
// distribution for independent normal observations of the same number is drawn instead of read off
// tables, of which printed ones differ by the sums they use (Kim et al. and Busetti & Taylor by the
// factor 0.6).
#pragma once

#include <cstdint>

#include "engine/base/matrix.h"
#include "engine/regression/unit_root_tables.h"

namespace amnok {

struct PersistenceOptions {
  Deterministics terms = Deterministics::constant;  // or trend
  double trim = 0.2;
  int lags = -1;  // of the variances; -1: none (v = 1)
  int replications = 1999;
  std::uint64_t seed = 0;
};

struct PersistenceStatistics {
  double mean = kMissing, sup = kMissing, exp = kMissing;
};

struct PersistenceTest {
  // To a random walk, from a random walk, of unknown direction.
  PersistenceStatistics to_walk, from_walk, either;
  PersistenceStatistics to_walk_p, from_walk_p, either_p;
  // Of the largest K(i) and the largest 1 / K(i): observations before the change.
  int to_walk_at = 0, from_walk_at = 0;
};

// y without missing values, at least 20 observations (InputError).
PersistenceTest persistence_test(const VectorView& y, const PersistenceOptions& options);

}  // namespace amnok
