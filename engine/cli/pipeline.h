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
  bool page = true;  // what only the report page shows is computed as well
};

// Reads, checks, estimates, simulates and compares. Without a horizon or scenarios, or when a fit
// failed, projections are empty.
RunResults run_study(const std::string& config, const PipelineSettings& settings);

// Every scenario against the fitted equations, for its problems.
void resolve_scenarios(const Study& study, const StudyData& data,
                       const std::vector<BehaviouralEquation>& equations, ProblemList& problems);

// Standard output, whole; throws InputError when it cannot be written.
void print_out(const std::string& text);

// Ctrl-C and termination end a run at the next block of draws, with nothing left behind; the exit
// code is 128 and the signal's number.
struct Interrupted {
  int signal = 0;
};
void watch_for_interrupts();
void throw_if_interrupted();

}  // namespace amnok
