// Regimes that are found in the data: a model with breaks says when they began, and each becomes an
// event that equations, identities and scenarios use by name. Where dates are drawn, a draw has its
// own, and an equation that uses the regime is estimated at each of them (model_mixture.h):
//
//   p(y | data) = sum_k w_k p(y | dates_k, data),   w_k the model's weight of dates k
//
// The weights come from the model that finds the breaks alone; an equation does not revise them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "engine/model/regime_dates.h"
#include "engine/study/study.h"

namespace amnok {

struct StudyData;

// Dates that weigh least are left out, and the rest weighs one.
inline constexpr int kMostDates = 100;
inline constexpr int kDateDraws = 4000;  // behind the weights

struct DetectedRegimes {
  std::string name;
  std::vector<std::string> events;
  std::vector<RegimeStarts> starts;  // possible dates, in order of time
  std::vector<double> weights;       // of each, adding up to one
  std::size_t estimate = 0;          // which of them is the estimate
  bool drawn = false;                // dates differ between draws
  double left_out = 0;               // weight of dates that were left out
  FittedModel fitted;                // the model that found them

  // The dates of the draws first .. first + count - 1, as indices into `starts`.
  std::vector<int> picks(std::uint64_t seed, int first, int count) const;
  bool has(const std::string& event) const;
};

// A regime goes on to the end of the horizon unless a scenario ends it.
EventActivity regime_activity(Period start);

// Fits the models of study.regimes and adds what they find to `data`: events at the estimated dates,
// and the dates themselves. A model that finds another number of breaks than there are events is a
// problem.
void detect_regimes(const Study& study, const PluginList& plugins, StudyData& data,
                    ProblemList& problems);
// The same on data of which only a part is known (a backtest); throws InputError.
void detect_regimes(const Study& study, const PluginList& plugins, StudyData& data);

// Events that an equation uses: in interventions, in its option `regimes`, in regressors, and in
// identities that it uses.
std::vector<std::string> events_used(const EquationSpec& equation, const Study& study);

// The regimes with drawn dates that an equation uses; nothing: none. One that uses several detections
// is a problem: their dates would have to be drawn jointly.
const DetectedRegimes* drawn_regimes(const EquationSpec& equation, const Study& study,
                                     const StudyData& data);

// The data as they are at other dates of a regime.
StudyData with_regime_dates(const StudyData& data, const DetectedRegimes& regimes,
                            std::size_t dates);

}  // namespace amnok
