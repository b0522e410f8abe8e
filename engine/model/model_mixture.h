// One equation as several fitted models, of which each draw follows one: the same equation at other
// dates of its regimes, or with other orders. What the equation says of itself (coefficients,
// forecast, diagnostics) is said of the main model.
//
// A member with the main model's parameters, by name, draws them for the equation, so that a
// scenario's changes of parameters reach it. Other members keep draws of their own in the past state,
// and follow no change of a parameter.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/model/model.h"

namespace amnok {

// The member that each of the draws first .. first + count - 1 follows.
using MemberPicks = std::function<std::vector<int>(std::uint64_t seed, std::uint32_t equation,
                                                   int first, int count)>;
// By weights that add up to one.
MemberPicks picks_by_weight(std::vector<double> weights);

std::shared_ptr<const BoundModel> make_model_mixture(std::vector<FittedModel> members,
                                                     std::size_t main, MemberPicks picks);

// Whether a scenario's change of a parameter reaches every draw: false where some draws follow a
// member with other parameters.
bool parameters_are_shared(const BoundModel& model);

// Models that an automatic choice holds possible beside the chosen one, which comes first; weights
// add up to one. Bound models that have some are one of these too.
struct WeightedModel {
  double weight = 1;
  std::shared_ptr<const Model> model;
};
class AlternativeFinder {
 public:
  virtual ~AlternativeFinder() = default;
  virtual std::vector<WeightedModel> alternatives() const = 0;
};

}  // namespace amnok
