// One statistical test or measure of a fit.
#pragma once

#include <cmath>
#include <string>

#include "engine/base/matrix.h"

namespace amnok {

struct Diagnostic {
  std::string name;  // ljung_box
  int lag = 0;       // 0: none
  double statistic = kMissing;
  double df = kMissing;   // degrees of freedom; of an F test, the first
  double df2 = kMissing;  // the second of an F test
  double p_value = kMissing;
  std::string words;  // what it says, for the report
};

}  // namespace amnok
