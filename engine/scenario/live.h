// Projections of a scenario over the positions of its sliders, for a page that interpolates.
//
// Every position is simulated with the first `draws` draws of the run, so that noise is shared. A
// quantile at level p is then taken at the level p' at which the same draws give, at home, the
// run's own quantile of all its draws:
//
//   Q_home(p') = Q_run(p),    fan(position) = Q_position(p')
//
// Where a position changes nothing, fan and run agree exactly; at home always. Levels that differ
// by a common shift of ranks cancel as a control variate does, and the values stay inside the
// range of the simulated ones, so that what is positive stays positive. Means are shifted by the
// run's mean less that of the same draws at home.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

std::span<const double> live_levels();  // 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95

// H x 8: the quantiles by live_levels(), then the mean. NaN where a draw is not defined.
using LiveFan = MatrixXd;

struct LiveVariable {
  std::string variable;
  std::vector<bool> moved_by;  // by slider of the grid: whether anything depends on it
  // Over the positions of those sliders alone, the last one running fastest.
  std::vector<LiveFan> fans;
};

struct LiveGrid {
  std::string scenario;
  std::vector<std::size_t> sliders;            // of Study::live
  std::vector<std::vector<double>> positions;  // by slider, ascending
  std::vector<std::size_t> home;               // by slider
  int draws = 0;
  std::vector<LiveVariable> variables;
};

// The grids of the scenarios that were run. `projections` are the run's; `settings` as it had them.
// Throws InputError when a position cannot be resolved. The same numbers for any number of threads.
std::vector<LiveGrid> simulate_live(const Study& study, const StudyData& data, const System& system,
                                    const std::vector<Projection>& projections,
                                    const std::vector<std::string>& variables,
                                    const SimulationSettings& settings);

// Adds what is wrong with the positions of all sliders: an event that would end after the horizon.
void check_live(const Study& study, const StudyData& data,
                const std::vector<BehaviouralEquation>& equations, ProblemList& problems);

}  // namespace amnok
