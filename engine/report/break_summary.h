// The breaks of one series in words, from the tables of a structural_break fit: the verdict first,
// then each break with its dates, size, events and permanence, then the tests behind it.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"

namespace amnok {

std::string break_summary(const FitResult& fit);

// Its verdict and its breaks, a line each; empty: the fit looked for none.
std::vector<std::string> break_verdicts(const FitResult& fit);
// One break, or an event whose permanence was asked for: what it is, and what is said of it.
struct BreakWords {
  std::string what;
  std::vector<std::string> details;
  std::vector<std::string> reasons;  // of the verdict on permanence
};
// The verdict on the number of breaks; empty: the fit looks for none.
std::string break_verdict(const FitResult& fit);
std::vector<BreakWords> break_words(const FitResult& fit);

}  // namespace amnok
