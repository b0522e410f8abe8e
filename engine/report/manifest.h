// manifest.json: what a run rests on. No clock and no host: two equal runs have equal manifests.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

// `gnuplot`: the version that drew the figures; empty: none were drawn.
std::string manifest_json(const RunResults& run, const std::string& gnuplot);

}  // namespace amnok
