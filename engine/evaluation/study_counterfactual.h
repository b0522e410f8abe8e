// The counterfactuals of a study: what its data say of events that have happened.
//
// The model is fitted on the time before the event alone: figures of the target from its first
// period on are taken out before anything is prepared (a Box-Cox lambda, the choice of orders), and
// so are those of controls with the role pre_only. Interventions of the event itself, and of events
// that do not act before it, are left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/evaluation/counterfactual.h"
#include "engine/regression/synthetic_control.h"
#include "engine/study/study_data.h"

namespace amnok {

struct CounterfactualSettings {
  int draws = 2000;
  std::uint64_t seed = 1;
  int threads = 0;
};

struct StudyCounterfactual {
  CounterfactualSpec spec;
  Period at;              // the first period with the event
  PeriodRange before;     // what the model is fitted on
  std::string model;      // in words
  Counterfactual result;  // of a synthetic control: estimates without bands
  std::string failure;    // why there is no result; empty: there is one

  PlaceboDates placebo;  // dates empty: none was asked for, or possible
  int placebo_length = 0;
  std::vector<LeftOutControl> left_out;  // controls, or donors

  std::optional<SyntheticControl> synthetic;
  std::optional<PlaceboUnits> placebo_units;
  std::vector<std::string> donors;

  std::vector<std::string> notes;
  bool usable() const { return failure.empty(); }
  // The period of a placebo date.
  Period placebo_period(const PlaceboDate& date) const { return before.first + date.before; }
};

// One a spec, in their order. What the config or the data cannot carry is added to `problems`; a
// fit that fails is a `failure`. The same numbers for any number of threads.
std::vector<StudyCounterfactual> compute_counterfactuals(const Study& study, const StudyData& data,
                                                         const PluginList& plugins,
                                                         const CounterfactualSettings& settings,
                                                         ProblemList& problems);

}  // namespace amnok
