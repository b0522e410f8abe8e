// The dates at which regimes begin, from models that find them in the data (structural breaks).
//
// What a model says of its dates is a joint distribution over m-tuples: they hang together, because
// regimes follow each other and have a shortest length.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/time/period.h"

namespace amnok {

// First periods of regimes 2 to m + 1, in order.
using RegimeStarts = std::vector<Period>;

// A bound model (engine/model/model.h) that finds dates is one of these too.
class RegimeFinder {
 public:
  virtual ~RegimeFinder() = default;
  // The estimated dates of the fit's number of breaks; empty: it found none.
  virtual RegimeStarts estimated_starts(const FitResult& fit) const = 0;
  // What speaks against regimes at these dates, in words; empty: nothing.
  virtual std::string doubts(const FitResult& fit) const = 0;
  // Draws from their joint distribution; draw r is a function of (seed, r) alone.
  virtual std::vector<RegimeStarts> draw_starts(const FitResult& fit, std::uint64_t seed,
                                                int draws) const = 0;
};

}  // namespace amnok
