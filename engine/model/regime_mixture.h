// One equation at several dates of the regimes that it uses: every draw follows the member whose
// dates were drawn for it, with the parameters estimated at those dates. What the equation says of
// itself (coefficients, forecast, diagnostics) is said at the estimated dates.
//
// The dates are drawn once for all equations (engine/scenario/regimes.h), so that equations that
// share a regime change in the same period.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/model/model.h"

namespace amnok {

// The member that each of the draws first .. first + count - 1 follows.
using MemberPicks = std::function<std::vector<int>(std::uint64_t seed, int first, int count)>;

// Members must have the same parameters, by name and order; `estimate` is the member at the
// estimated dates.
std::shared_ptr<const BoundModel> make_regime_mixture(std::vector<FittedModel> members,
                                                      std::size_t estimate, MemberPicks picks);

}  // namespace amnok
