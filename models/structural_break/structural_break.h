// The structural_break plugin: a regression whose coefficients change at unknown dates.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/model/plugin.h"
#include "models/structural_break/break_bootstrap.h"
#include "models/structural_break/break_context.h"
#include "models/structural_break/break_criteria.h"
#include "models/structural_break/break_dates.h"
#include "models/structural_break/errors.h"
#include "models/structural_break/further_tests.h"

namespace amnok {

Plugin structural_break_plugin();

struct StructuralBreakSpec {
  int max_breaks = 5;
  double trim = 0.15;
  int min_segment = 0;  // observations; the longest of it, trim and coefficients + 1 counts
  // Names whose coefficients change ("intercept", "trend", "seasonal", regressors); empty: all but
  // those of seasonal dummies.
  std::vector<std::string> breaking;
  // sequential: supF(l + 1 | l) at `level`; the dates are then the best ones for that number.
  enum class Criterion { bic, lwz, kt, sequential, fixed } criterion = Criterion::bic;
  int fixed_breaks = 0;  // of Criterion::fixed
  bool trend = false;
  bool seasonal = false;              // centred dummies of monthly or quarterly data
  Errors errors = Errors::classical;  // of the tests and of the dates' intervals
  bool segments_alike = false;        // tests: moments and variances are the same in all segments
  double level = 0.05;                // of the tests
  std::string known_date;             // first period after a break to test; empty: none
  bool f_path = false;                // a table of F at each date
  std::string monitor;                // first period that is monitored; empty: none
  bool cusum_path = false;            // and of the cumulated residuals
  BreakContextOptions context = {};   // sizes, events, permanence
  FurtherTests further;               // of variance, persistence and trend
  // Of the tests' p-values. automatic: none under classical errors, the wild one under hc, the sieve
  // under hac, where asymptotic tests reject too often in samples of this kind; and where breaks are
  // found, they are held against persistent errors (add_persistence_rows), whatever the errors.
  bool automatic_bootstrap = true;
  std::optional<Bootstrap> bootstrap;  // when not automatic; empty: none
  int replications = 999;
  std::uint64_t bootstrap_seed = 1;
};

// Coefficients of each segment, one row a segment.
MatrixXd segment_coefficients(const MatrixView& x, const VectorView& y,
                              const std::vector<int>& last);

// The scheme that a spec asks for; empty: none.
std::optional<Bootstrap> bootstrap_scheme(const StructuralBreakSpec& spec);

std::unique_ptr<Model> make_structural_break(StructuralBreakSpec spec);

}  // namespace amnok
