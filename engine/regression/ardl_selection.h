// The orders of an ARDL by an information criterion, all of them on the sample that the longest
// leaves.
#pragma once

#include <vector>

#include "engine/regression/ardl.h"

namespace amnok {

enum class ArdlCriterion { aic, bic, aicc };

struct ArdlSearch {
  int max_p = 4;
  std::vector<int> max_q;  // one for each x
  ArdlCriterion criterion = ArdlCriterion::bic;
  // Up to so many orders the whole grid is tried. Above, one order at a time is changed by one,
  // from the shortest and from the longest lags, as long as the criterion falls.
  int whole_grid_up_to = 20'000;
};

struct ArdlCandidate {
  ArdlOrder order;
  double aic = kMissing, bic = kMissing, aicc = kMissing;  // aicc: NaN with too few observations

  double value(ArdlCriterion criterion) const;
};

struct ArdlSelection {
  std::vector<ArdlCandidate> candidates;  // all that were tried, the best first
  bool whole_grid = true;
  int first = 0;  // of the common sample: the argument of fit_ardl to reproduce a criterion

  const ArdlOrder& best() const { return candidates.front().order; }
};

// An InputError names orders out of range and a sample too short for the longest.
ArdlSelection select_ardl(const ArdlData& data, DeterministicCase terms, const ArdlSearch& search);

}  // namespace amnok
