// Time axes of figures: where a period stands, and ticks that can be read.
#pragma once

#include <string>
#include <vector>

#include "engine/time/period.h"

namespace amnok {

// Years and parts of a year by days; undated: the number itself.
double axis_value(Period period);

struct AxisTick {
  double at = 0;
  std::string label;  // 2018 | 2018Q3 | 2018-07 | 2018-07-14
};
// At most `most` ticks at round dates from the first to the last period.
std::vector<AxisTick> time_ticks(Period first, Period last, int most);

}  // namespace amnok
