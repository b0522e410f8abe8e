// The steps that several commands share: from a config to results.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/report/run_results.h"

namespace amnok {

struct PipelineSettings {
  std::optional<int> draws;
  std::optional<std::uint64_t> seed;
  int threads = 0;
  std::vector<std::string> scenarios;
  bool quiet = false;
};

// Reads, checks, estimates, simulates and compares. Without a horizon or scenarios, or when a fit
// failed, projections are empty.
RunResults run_study(const std::string& config, const PipelineSettings& settings);

// Ctrl-C and termination end a run at the next block of draws, with nothing left behind.
class Interrupted {};
void watch_for_interrupts();
void throw_if_interrupted();

}  // namespace amnok
