// How well the fitted system tracks its own sample, with the estimates of the whole sample and
// realised exogenous series and events:
//
//   static    each period solved from the actual values before it (one-step errors)
//   dynamic   the whole window solved from its beginning, on the solution's own lags
//
// Not a test of forecasts, for the estimates have seen the window (amnok backtest): errors that
// grow in the dynamic solution show what the equations' feedback does with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/study/estimation.h"

namespace amnok {

enum class SolutionMode { one_step, dynamic };
std::string_view solution_name(SolutionMode mode);  // static | dynamic
std::optional<SolutionMode> parse_solution(std::string_view name);

struct TrackedVariable {
  std::string variable;
  SolutionMode mode = SolutionMode::dynamic;
  PeriodRange window;
  VectorXd actual, solved;  // NaN where nothing was recorded; solved at zero shocks
  int periods = 0;          // compared
  double bias = kMissing;   // mean of solved less actual
  double rmse = kMissing;
  double rmse_percent =
      kMissing;  // of relative errors; NaN above 1000, where an actual value is next to nothing
  // Theil's (1966) inequality coefficient, RMSE over the root mean square of actual changes: below 1
  // the solution is nearer than "as in the period before".
  double theil_u = kMissing;
};

// The last `periods` periods of the sample. Throws InputError when an equation's own sample does not
// reach back before them.
std::vector<TrackedVariable> track_sample(const Study& study, const StudyData& data,
                                          const std::vector<BehaviouralEquation>& equations,
                                          SolutionMode mode, int periods);

// The longest window of at most `most` periods whose beginning every equation can be bound to: one
// with an event that begins in the window does not stand on the sample before it. Throws the
// InputError of a window of one period when there is none.
int longest_window(const Study& study, const StudyData& data,
                   const std::vector<BehaviouralEquation>& equations, int most);

}  // namespace amnok
