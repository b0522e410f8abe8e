// A slider of the report page: one figure of one change, and the range over which its reader may
// move it.
//
//   [[live]]
//   label = "Reopening month"
//   scenario = "phased_reopening"            # or several that share the change
//   change = "end_event border_closure"      # as the assumption ledger names it
//   vary = "at"
//   from = "2022-06"
//   to = "2023-06"
//
// Figures are numbers throughout: a period is its ordinal. A slider stands at home where the
// scenario as written has it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/study/change.h"

namespace amnok {

enum class LiveField { at, until, over, remaining, intensity, value, multiply, add, set };

std::string_view live_field_name(LiveField field);
std::optional<LiveField> parse_live_field(std::string_view name);
inline bool is_period(LiveField field) {
  return field == LiveField::at || field == LiveField::until;
}
inline bool is_whole(LiveField field) {
  return is_period(field) || field == LiveField::over;
}

struct LiveSpec {
  std::string label;
  std::vector<std::string> scenarios;
  std::string change;
  LiveField vary = LiveField::value;
  double from = 0, to = 0;
  int points = 0;  // positions that are simulated, home apart; 0: as is usual for the figure
  SourceRange where;
};

// The figure a change has there; nothing: it has none of that name.
std::optional<double> live_value(const Change& change, LiveField field);
// The assumption that stands in place of that figure; empty: none does.
std::string live_assumption(const Change& change, LiveField field);
// The change with another figure; it must have one.
Change with_live_value(Change change, LiveField field, double value);
// "" or "%": how the figure is read.
std::string_view live_unit(const Change& change, LiveField field);

// Positions of the grid, ascending: `points` from one end to the other, and home. Whole figures
// take every value when `points` is 0, others five.
std::vector<double> live_positions(const LiveSpec& spec, double home);

// The change of a scenario that a slider moves: nothing when it has none or more than one of that
// name.
std::optional<std::size_t> live_change(const std::vector<Change>& changes, const std::string& name);

}  // namespace amnok
