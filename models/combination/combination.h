// The combination plugin: members of other plugins explain the same target, and their forecasts are
// combined. m_i, v_i: mean and variance of member i's forecast of the transformed target; w_i: its
// weight.
//
//   mean     a draw follows one member, drawn with the weights:
//              mean M = sum_i w_i m_i,   variance sum_i w_i (v_i + (m_i - M)^2)
//            so that the band contains the members' own uncertainty and their disagreement.
//   median   a draw is the median over the members' paths, all driven by the same shocks (but in a
//            gap at the end of the sample, which each member bridges by itself).
//
// Members share target, sample, regressors and dated events as far as their plugins can use them.
// A member that cannot be fitted is left out, and a note says so. Sources: Bates & Granger (1969,
// Oper. Res. Q. 20, 451-468) for weights by past errors; Burnham & Anderson (2002, Model Selection
// and Multimodel Inference, sec. 2.9) for those by AICc; Petropoulos & Svetunkov (2020, Int. J.
// Forecasting 36, 110-115) for the median.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/model/plugin.h"

namespace amnok {

// members: the plugins that members may come from.
Plugin combination_plugin(PluginList members);

enum class Combine { mean, median };
enum class MemberWeighting { equal, aicc, backtest };

struct CombinationMember {
  std::string name;  // "arima"; "arima1", "arima2" where there are two
  std::shared_ptr<const Model> model;
  bool uses_inputs = true;  // regressors and published sums
  bool uses_events = true;  // dated interventions
};

struct CombinationSpec {
  std::vector<CombinationMember> members;
  Combine combine = Combine::mean;
  MemberWeighting weighting = MemberWeighting::equal;
  std::string weighting_path;  // "models.rice.weights", and its place, for messages
  SourceRange weighting_where;
  bool has_events = false;  // the equation has interventions
  VectorXd chosen_weights;  // those of an earlier fit, a member each; empty: by `weighting`
};

std::unique_ptr<Model> make_combination(CombinationSpec spec);

}  // namespace amnok
