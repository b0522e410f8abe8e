// The members of a combination on its sample: their fits and their weights.
#pragma once

#include <string>
#include <vector>

#include "models/combination/combination.h"

namespace amnok {

struct FittedMember {
  CombinationMember member;
  FittedModel fitted;
  double weight = kMissing;         // NaN: a median has none
  double backtest_rmse = kMissing;  // of the transformed target
};

struct FittedMembers {
  std::vector<FittedMember> members;
  std::vector<std::pair<std::string, std::string>> left_out;  // name and reason
  std::vector<std::string> notes;
};

// What a member sees of the equation's inputs.
Sample member_sample(const CombinationMember& member, const Sample& sample);
Future member_future(const CombinationMember& member, const Future& future);
DrawnFuture member_future(const CombinationMember& member, const DrawnFuture& future);

// Fits every member and weighs them. Throws InputError when none can be fitted, when the weights
// cannot be had, or when a member of an earlier choice cannot be fitted again.
FittedMembers fit_members(const CombinationSpec& spec, const Sample& sample);

// Akaike's weights, exp(-(AICc_i - min AICc) / 2) scaled to add up to one. The likelihoods must be
// of the same data: differencing or adjustment makes others of them, and missing regressors leave
// rows out. Throws InputError that says which members do not compare.
VectorXd aicc_weights(const CombinationSpec& spec, const std::vector<FittedMember>& members);

// Inverse mean squared errors of forecasts from four origins at the end of the sample, a window of
// a season apart (of 4 periods without one, of a tenth of the sample at most). Each member keeps
// its orders and forms, and its parameters are estimated anew at each origin. Only periods count
// that all members forecast; a member that cannot be fitted at any origin weighs nothing. Throws
// InputError when fewer than four periods count.
VectorXd backtest_weights(const CombinationSpec& spec, const Sample& sample,
                          std::vector<FittedMember>& members, std::vector<std::string>& notes);

}  // namespace amnok
