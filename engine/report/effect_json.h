// Effects as JSON: `amnok effects --json`.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

std::string effects_json(const RunResults& run);

}  // namespace amnok
