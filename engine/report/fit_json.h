// Fits as JSON: the contract of `amnok fit --json` and fits.json.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"

namespace amnok {

// {"models": {NAME: {"plugin", "equation", "status", "message", "sample", "nobs", ...}}}. Numbers
// that do not exist are null.
std::string fits_json(const std::vector<const FitResult*>& fits);

}  // namespace amnok
