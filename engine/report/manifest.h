// manifest.json: what a run rests on. No clock and no host: two equal runs have equal manifests.
#pragma once

#include <string>
#include <vector>

#include "engine/report/run_results.h"

namespace amnok {

// `files`: what else the run folder holds. `gnuplot`: the version that drew the figures; empty:
// none were drawn.
std::string manifest_json(const RunResults& run, const std::vector<std::string>& files,
                          const std::string& gnuplot);

}  // namespace amnok
