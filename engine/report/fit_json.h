// Fits as JSON: the contract of `amnok fit --json` and fits.json.
#pragma once

#include <string>
#include <vector>

#include "engine/evaluation/tracking.h"
#include "engine/model/fit_result.h"

namespace amnok {

// {"models": {NAME: {"plugin", "equation", "status", "message", "sample", "nobs", ...}}}. Numbers
// that do not exist are null. Solutions of the sample (tracking.h), when there are some, stand in
// "solutions": [{"variable", "mode", "window", "periods", "bias", "rmse", "rmse_percent", "theil_u",
// "actual", "solved"}].
std::string fits_json(const std::vector<const FitResult*>& fits,
                      const std::vector<TrackedVariable>& solutions = {});

}  // namespace amnok
