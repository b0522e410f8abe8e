// Effects: scenario A less scenario B, draw by draw with the same random numbers.
#pragma once

#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

enum class EffectMeasure { level, percent, cumulative };
std::string_view measure_name(EffectMeasure measure);

struct EffectPath {
  std::string effect, scenario, against, variable;
  EffectMeasure measure = EffectMeasure::level;
  std::vector<Distribution> periods;
  std::vector<double> probability_positive;  // P(A > B)

  bool is_zero() const;                  // the scenarios agree in every draw and period
  bool is_zero_at(std::size_t h) const;  // in every draw of a period
  std::size_t largest() const;           // the period with the largest median, by size
};

// level A - B; percent 100 (A / B - 1), of variables whose equation is in logarithms, so that B is
// positive in every draw; cumulative: running sums of the level, of flows. Which paths there are
// depends on the config alone, never on the draws. Differences below 1e-9 of the variable, in every
// draw of a period, are rounding and none.
// The same numbers for any number of threads.
std::vector<EffectPath> compute_effects(const Study& study, const Ensemble& ensemble,
                                        int threads = 1);

}  // namespace amnok
