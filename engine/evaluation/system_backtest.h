// A whole study replayed: at every origin its equations are estimated on what was known, and the
// system goes on twice with the same draws,
//
//   informed   events take the course that they took
//   blind      events go on as they stood at the origin, and none begins
//
// so that the difference between the two is what knowing of the events was worth. The realised path
// of exogenous series is given to both. Interventions of events that had not acted by an origin are
// left out there.
#pragma once

#include <string>
#include <vector>

#include "engine/evaluation/rolling_origin.h"
#include "engine/study/study_data.h"

namespace amnok {

struct SystemBacktestPlan {
  std::vector<Period> origins;  // the last period known at each, ascending
  int horizon = 24;
  int draws = 2000;
  std::uint64_t seed = 1;
  int threads = 0;
};

struct VariableBacktest {
  std::string variable;  // explained, or an identity
  RollingForecasts informed, blind;
};

// Every endogenous variable, forecast at the given probabilities. An origin that cannot be
// estimated is a failure of both. The same numbers for any number of threads.
std::vector<VariableBacktest> backtest_system(const Study& study, const StudyData& data,
                                              const PluginList& plugins,
                                              const SystemBacktestPlan& plan,
                                              const std::vector<double>& probabilities);

// Empty forecasts of a variable at the plan's origins: actuals and scales, for a forecaster of its
// own to fill in.
RollingForecasts rolling_frame(const Series& observed, int season, const SystemBacktestPlan& plan,
                               const std::vector<double>& probabilities);

}  // namespace amnok
