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

}  // namespace amnok
