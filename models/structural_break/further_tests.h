// Breaks that the plugin's regression does not look for, as tables for a reader: in the variance of
// its errors (variance_breaks.h), in the persistence of the series
// (engine/regression/persistence_tests.h) and in its trend, whether or not there is a unit root
// (engine/regression: perron_yabu.h, unit_root_tests.h, lee_strazicich.h).
//
// A test that cannot be run has a row that says why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/structural_break/break_report.h"

namespace amnok {

struct FurtherTests {
  bool variance = false, persistence = false, trend = false;

  bool any() const { return variance || persistence || trend; }
};

struct FurtherTestInput {
  VectorXd residuals;  // of the regression with its breaks, mean zero in each segment
  DateOf residual_date;
  bool exact = false;  // they are rounding errors
  // What the other tests are of: the series, or its longest run without a gap.
  VectorXd y;
  std::string part;  // that run in words; empty: it is the whole series
  DateOf date;
  std::string obstacle;  // why tests of the series alone do not apply; empty: they do
  bool trend = false;    // persistence about a line instead of a constant
  int breaks = 0;        // that the regression has
  Errors errors = Errors::classical;
  double level = 0.05;
  double trim = 0.15;
  std::uint64_t seed = 1;
};

// Longest series of the tests of trend, which try every date with regressions of its own, and of
// persistence, which draw their distribution over all dates: about a second of work.
inline constexpr int kLongestTrend = 1000, kLongestPersistence = 2000;

// further_tests (a question and its answer in words a row), then variance_tests, variance_segments,
// persistence_tests and trend_tests as far as they are wanted.
std::vector<ResultTable> further_test_tables(const FurtherTests& wanted,
                                             const FurtherTestInput& input);

}  // namespace amnok
