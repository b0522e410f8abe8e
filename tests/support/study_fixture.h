// A small study in a folder of its own, for scenario and command tests.
#pragma once

#include <string>

#include "engine/scenario/ensemble.h"
#include "tests/support/program.h"

namespace amnok {

// data.csv (date, m, x, p, w; 96 months from 2014-01), events.csv and study.toml.
struct StudyFixture {
  TemporaryFolder folder;
  std::string config;  // its path

  // `scenarios` is the TOML that follows the models; empty: two plain scenarios.
  explicit StudyFixture(const std::string& scenarios = "");
  static std::string models_toml();
  static std::string scenarios_toml();
};

// Everything up to a simulated ensemble.
struct Solved {
  Study study;
  StudyData data;
  std::shared_ptr<System> system;
  Ensemble ensemble;
};
Solved solve_study(const std::string& config, int draws = 400, int threads = 1);
Solved solve_fixture(const StudyFixture& fixture, int draws = 400, int threads = 1);

}  // namespace amnok
