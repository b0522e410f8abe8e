// How results are rounded and which of them are shown: the same in text and HTML.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/report/run_results.h"

namespace amnok {

// Decimals that suit a whole column: three significant digits of its largest value; "-": missing.
std::string rounded(double value, double size);
int decimals_for(double size);

// Decimals of a number to so many significant digits, at most twelve.
int significant_decimals(double value, int digits);

// Decimals that the recorded figures of a series have, at most six; nothing: it has no figures.
// Sums and differences of figures come out as such, in spite of rounding in the machine.
std::optional<int> recorded_decimals(const Series& series);

// Decimals of a variable in tables: those of its column, never more than the data have.
int shown_decimals(const RunResults& run, const std::string& variable);

// "<0.001" for smaller ones; empty: there is none.
std::string p_text(double p);

// The largest median of a variable over scenarios and periods.
double column_size(const RunResults& run, const std::string& variable);

// Periods that tables show: the end of each quarter of the horizon.
std::vector<std::size_t> shown_periods(const PeriodRange& horizon);

bool is_shown(const RunResults& run, const std::string& variable);

// A line of an effects table: the end of the horizon, or the period with the largest median.
struct EffectLine {
  std::string variable, measure, period, median, interval, probability, error;
  const EffectPath* path = nullptr;  // and the period it is of
  std::size_t at = 0;
};
struct EffectTable {
  const EffectSpec* effect = nullptr;
  std::string title;
  std::vector<EffectLine> lines;
  std::vector<std::string> untouched;  // variables on which there is exactly none
};
std::vector<EffectTable> effect_tables(const RunResults& run);
// What the measures are, and which effects could not be had because a scenario was not run.
std::vector<std::string> effect_notes(const RunResults& run);

// How near each scenario came to what was realised, by variable.
struct RealisedTable {
  std::string variable;
  std::string verdict;
  std::vector<const RealisedCoverage*> lines;
};
std::vector<RealisedTable> realised_tables(const RunResults& run);

// A variable at the end of the horizon over all scenarios by their probabilities, and the scenarios
// with the highest and the lowest median.
struct MixtureLine {
  std::string variable;
  const Distribution* distribution = nullptr;
  std::string highest, lowest;  // scenarios
  double highest_median = kMissing, lowest_median = kMissing;
  bool alike = false;  // the medians of all scenarios are the same
};
std::vector<MixtureLine> mixture_lines(const RunResults& run);
// The scenario of a line's highest or lowest median, by its label; "all alike" where all have it.
std::string extreme_label(const RunResults& run, const MixtureLine& line,
                          const std::string& scenario);

// ok | VIOLATED | warning | no data, of each identity check.
struct CheckLine {
  std::string verdict, name;
  int periods = 0, violations = 0;
};
std::vector<CheckLine> check_lines(const Study& study, const IdentityReport& report);

// What the config assumes: [events], innovations that are not gaussian, then each scenario's
// changes.
struct AssumptionLine {
  std::string scenario, label;  // empty scenario: of all
  std::string inherited;        // the scenario that it comes from
  std::string kind, subject, detail, type, reason, source, file;
  int line = 0;
};
std::vector<AssumptionLine> assumption_lines(const RunResults& run);

}  // namespace amnok
