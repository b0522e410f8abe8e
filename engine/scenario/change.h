// What a scenario changes. Every change is a value with its place in the file, a type, and, where
// the author gave them, a reason and a source; all of them make up the assumption ledger.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/source_range.h"
#include "engine/time/period.h"

namespace amnok {

// A number, or a share of something in per cent ("0.5%").
struct Amount {
  double value = 0;
  bool percent = false;
};

struct EndEvent {
  std::string event;
  Period at;             // first period without full activity
  int over = 0;          // periods over which it is phased out from `at` on
  double remaining = 0;  // activity that stays
};

struct StartEvent {
  std::string event;
  Period at;
  std::optional<Period> until;  // first period without it; nothing: it goes on
  double intensity = 1;
};

// The path of an exogenous variable over [from, to].
struct SetPath {
  enum class Mode { level, pct, add, growth, hold };
  std::string variable;
  Mode mode = Mode::hold;
  // level: the value; pct and add: a shift of the path so far; growth: per period, from the last
  // known value; hold: the last known value. Several values: one a period, the last one on.
  std::vector<double> values;
};

// Added to an equation in its own units (so -0.10 on a log is about -10 %), or in per cent of the
// untransformed variable.
struct AddFactor {
  std::string equation;
  std::vector<Amount> values;
};

// An endogenous variable follows a path; its equation's residuals are backed out and go on from
// there.
struct FixPath {
  std::string variable;
  std::vector<double> values;
};

// A coefficient is changed over the horizon. With `recentre`, the regressor acts from its value at
// the forecast origin on, so that the level does not jump.
struct ChangeParameter {
  std::string equation, parameter;
  enum class Mode { multiply, add, set } mode = Mode::multiply;
  double value = 1;
  bool recentre = true;
};

struct Change {
  std::variant<EndEvent, StartEvent, SetPath, AddFactor, FixPath, ChangeParameter> what;
  std::optional<Period> from, to;  // of paths and add-factors; nothing: the whole horizon
  std::string type;                // policy | data | judgement
  std::string reason, source;
  SourceRange where;

  bool covers(Period period) const { return (!from || period >= *from) && (!to || period <= *to); }
};

// One line of the ledger: what is changed, and to what.
struct ChangeText {
  std::string kind;     // end_event, path, ...
  std::string subject;  // the event, variable or parameter
  std::string detail;
};
ChangeText describe(const Change& change);

}  // namespace amnok
