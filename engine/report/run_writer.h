// Writes a whole run folder.
#pragma once

#include <string>

#include "engine/report/run_folder.h"
#include "engine/report/run_results.h"

namespace amnok {

// Numbers: the tables and JSON files, without figures and the report page.
enum class RunFiles { all, numbers };

// All files but the final rename. Returns what could not be drawn; empty when all is well.
std::string write_run(const RunResults& run, RunFolder& folder, RunFiles wanted = RunFiles::all);

}  // namespace amnok
