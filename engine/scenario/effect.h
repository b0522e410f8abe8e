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

  bool is_zero() const;  // the scenarios agree in every draw and period
};

// level A - B; percent 100 (A / B - 1), where B is positive in all draws; cumulative: running sums
// of the level. Three paths a variable, or two.
std::vector<EffectPath> compute_effects(const Study& study, const Ensemble& ensemble);

}  // namespace amnok
