// Years from the periods of a run: what was recorded, what was filled, what is projected.
//
//   flows    Y = sum of the year's periods, draw by draw, so that a quantile of the year is a
//            quantile of sums and never a sum of quantiles
//   levels   Y = mean of the year's periods, draw by draw (prices, rates, stocks)
//   running sums `sum(x, k)`   Y = the year's last period: they are totals already
//
// Periods before the horizon are the recorded figures, published sums that lie wholly in the year,
// and, where neither is there, what the equation filled; the spread of a filled figure is not in
// the distribution. A flow that is an identity of flows is that identity of their totals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

enum class AnnualRule { sum, mean, last };
std::string_view annual_rule_name(AnnualRule rule);
AnnualRule annual_rule(const Study& study, std::string_view variable);

// What a year is made of. The counts add up to `periods`.
struct AnnualCoverage {
  int periods = 0;    // of a whole year
  int known = 0;      // recorded each
  int summed = 0;     // recorded in published sums
  int estimated = 0;  // filled by the equation
  int projected = 0;
  int missing = 0;       // before the horizon without a figure, or after its end
  bool rounded = false;  // measurement errors of recorded figures come to over 0.5 % of the year
};

struct AnnualYear {
  int year = 0;
  AnnualCoverage coverage;
  double value = kMissing;     // of a year that ends before the horizon; NaN: nothing known
  Distribution distribution;   // of a year that reaches into it
  double realised = kMissing;  // such a year as it came out, when every period of it is recorded
};

struct AnnualPath {
  std::string
      scenario;  // empty: the years before the horizon, the same in every scenario; kMixture
  std::string variable;
  AnnualRule rule = AnnualRule::sum;
  std::vector<AnnualYear> years;
};

// Of each variable: the years before the horizon, then those of each scenario and of the mixture. `observed` as
// recorded, `history` with gaps filled (System::history). Empty for undated data. The same numbers
// for any number of threads.
std::vector<AnnualPath> annual_paths(const Study& study, const Frame& observed,
                                     const Frame& history, const Ensemble& ensemble,
                                     const std::vector<std::string>& variables, int threads);

// The recorded years of series that nothing projects, up to the period `end`.
std::vector<AnnualPath> recorded_years(const Study& study, const Frame& observed,
                                       const std::vector<std::string>& variables, Period end);

// The periods whose year is `year`.
PeriodRange periods_of_year(int year, Frequency frequency);

}  // namespace amnok
