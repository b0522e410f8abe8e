// The tests of a regression for structural change as tables for a reader: is there a break, how
// many, and what each criterion says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/fit_result.h"
#include "models/structural_break/bai_perron_tests.h"
#include "models/structural_break/break_bootstrap.h"
#include "models/structural_break/break_criteria.h"

namespace amnok {

struct BreakReportOptions {
  Errors errors = Errors::classical;
  bool segments_alike = false;
  double level = 0.05;
  double trimming = 0.15;
  int known_split = 0;  // observations before a known date; 0: none
  // Where some coefficients stay: the F and Bai-Perron tests are of those that change; fluctuation
  // and Chow tests remain of all.
  std::optional<PartialBreakSearch> partial;
  std::optional<BreakBootstrapOptions> bootstrap;  // p-values beside the asymptotic ones
  BreakBootstrapOptions sieve;                     // of the rows that add_persistence_rows adds
};

// The name of observation i (0-based).
using DateOf = std::function<std::string(int)>;

// What the Bai-Perron tests assume: under classical errors one error variance, regressor moments of
// each segment; under hc and hac each segment's own covariance; nothing of a segment's own when
// segments are alike.
SegmentErrors segment_errors(const BreakReportOptions& options);

// sup-F, ave-F, exp-F with Hansen's p-values, fluctuation tests, Chow's tests of a known date.
ResultTable one_break_table(const PartitionSearch& search, const BreakReportOptions& options,
                            const DateOf& date);

// Persistent errors without a break look like breaks to criteria. Further rows of break_tests:
// sup-F by the sieve bootstrap, if the tests' own is another, which sees a single shift best; where
// it leaves the question open, breaks against AR errors (breaks_or_noise.h), which see several; and
// the verdict of both, with twice the smaller p-value. rows: the period of each observation, of so
// many. Nothing where the regression fits exactly.
inline constexpr std::string_view kPersistentErrors = "persistent errors without a break";
void add_persistence_rows(const PartitionSearch& search, const BreakReportOptions& options,
                          const std::vector<int>& rows, int periods, ResultTable& tests);

// F at each candidate with the critical value of its maximum.
ResultTable f_path_table(const PartitionSearch& search, const BreakReportOptions& options,
                         const DateOf& date);

// The cumulated residuals of the regression without a break, with the boundary at the test's level.
ResultTable cusum_path_table(const PartitionSearch& search, const BreakReportOptions& options,
                             const DateOf& date);

// supF(0 | k), UDmax, WDmax and supF(l + 1 | l) with published critical values.
ResultTable multiple_break_table(const PartitionSearch& search, const PartitionFit& fit,
                                 const BreakReportOptions& options);

// How many breaks each criterion finds, and where; and what to say when they disagree ("" when
// not).
struct BreakChoices {
  SequentialBreaks sequential;
  std::vector<int> repartition;
  ResultTable table;
  std::string disagreement;
};
BreakChoices break_choices(const PartitionSearch& search, const BreakAnalysis& analysis,
                           const BreakReportOptions& options, const DateOf& date);

}  // namespace amnok
