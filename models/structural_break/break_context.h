// What surrounds the breaks of a fit, as tables for a reader: their size, the events that fit their
// dates, and whether their effects last.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/model/sample.h"
#include "models/structural_break/date_sets.h"

namespace amnok {

struct BreakContextOptions {
  bool match_events = false;
  std::vector<std::string> events;  // of the calendar; empty: all
  bool keep_spacing = false;        // of placebo calendars
  bool permanence = false;          // of every break
  std::vector<std::string> permanence_events;
  bool seasonal = false;  // seasonal dummies in the regressions of permanence
  bool settle = false;    // how long until the verdict is settled
  std::uint64_t seed = 1;
};

// The regression whose coefficients changed after the observations `last`.
struct BrokenRegression {
  MatrixXd x;  // complete observations
  VectorXd y;
  // The same of the coefficients that change alone: their columns, and y less what stays.
  MatrixXd changing;
  VectorXd less_staying;
  std::vector<int> rows;  // sample index of each
  std::vector<int> last;
  std::vector<DateSet> sets;
  SegmentErrors errors;
  int min_segment = 1;
  bool trend = false;  // the second column
};

// Events that the options name but the sample does not know are an InputError.
void check_events(const BreakContextOptions& options, const Sample& sample);

// Tables break_effects, break_events, placebo, permanence, permanence_reasons, permanence_weights,
// permanence_effects, and notes.
void add_break_context(const BrokenRegression& regression, const Sample& sample,
                       const BreakContextOptions& options, FitResult& result);

}  // namespace amnok
