// Simulated paths of every scenario, and what is said of them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/scenario/estimation.h"

namespace amnok {

struct Ensemble {
  std::vector<std::string> scenarios, variables;
  PeriodRange horizon;
  int draws = 0;
  std::vector<std::vector<DrawMatrix>> paths;  // [scenario][variable], H x R, paired by column

  const DrawMatrix& at(std::string_view scenario, std::string_view variable) const;
};

struct SimulationSettings {
  int draws = 10000;
  std::uint64_t seed = 1;
  int threads = 0;                     // 0: as many as the machine has
  std::vector<std::string> scenarios;  // empty: all
  // Called now and then with the share done; may be empty.
  std::function<void(double)> progress{};
};

// The same numbers for any number of threads: every block of draws has its own counters.
Ensemble simulate_scenarios(const Study& study, const StudyData& data, const System& system,
                            const SimulationSettings& settings);

// The levels of every quantile that is reported.
std::span<const double> quantile_levels();  // 0.025 .. 0.975, eleven of them, symmetric about 0.5

// A distribution by its draws. Quantiles interpolate order statistics (type 7 of Hyndman & Fan
// 1996, Am. Statist. 50, 361-365); their Monte-Carlo error is half the distance between the order
// statistics one binomial standard deviation to either side.
struct Distribution {
  double mean = kMissing, sd = kMissing, mean_error = kMissing;
  std::vector<double> quantiles, quantile_errors;  // by quantile_levels()
  double undefined = 0;  // share of draws without a finite value; above 0, all else is missing
  double median() const { return quantiles[quantiles.size() / 2]; }
  double quantile(double level) const;
};
Distribution summarise(Eigen::Ref<const Eigen::RowVectorXd> draws);

struct Projection {
  std::string scenario, variable;
  std::vector<Distribution> periods;  // one a period of the horizon
};
std::vector<Projection> project(const Ensemble& ensemble, int threads);

// Projections that are not defined in some draws (the logarithm of a negative path).
struct UndefinedProjection {
  std::string scenario, variable;
  Period first;      // where it begins
  int periods = 0;   // how many
  double share = 0;  // of draws, the largest of any period
};
std::vector<UndefinedProjection> undefined_projections(const std::vector<Projection>& projections,
                                                       const PeriodRange& horizon);

}  // namespace amnok
