// Writes a whole run folder.
#pragma once

#include <string>

#include "engine/report/run_folder.h"
#include "engine/report/run_results.h"

namespace amnok {

// All files but the final rename. Returns what could not be drawn; empty when all is well.
std::string write_run(const RunResults& run, RunFolder& folder);

}  // namespace amnok
