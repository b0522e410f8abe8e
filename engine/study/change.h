// What a scenario changes. Every change is a value with its place in the file, a type, and, where
// the author gave them, a reason and a source; all of them make up the assumption ledger.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/source_range.h"
#include "engine/data/expression.h"
#include "engine/study/assumption.h"
#include "engine/time/period.h"

namespace amnok {

// A number, a share of something in per cent ("0.5%"), or an assumption: its name, and in each draw
// its draw.
struct Amount {
  double value = 0;
  bool percent = false;
  std::string assumption{};
};

struct EndEvent {
  std::string event;
  Period at;            // first period without full activity
  int over = 0;         // periods over which it is phased out from there on
  Amount remaining{0};  // activity that stays
  // Above 0: it ends in `at` or in a later period, in each with this probability if it has not yet.
  Amount hazard{0};
};

struct StartEvent {
  std::string event;
  Period at;
  std::optional<Period> until;  // first period without it; nothing: it goes on
  int lasting = 0;              // periods it lasts, in place of `until`; 0: it goes on
  Amount intensity{1};
  // Above 0: it starts in `at` or later, while it is not active, with this probability a period.
  Amount hazard{0};
};

// The path of an exogenous variable over [from, to].
struct SetPath {
  enum class Mode { level, pct, add, growth, hold, series, scenario, model };
  std::string variable;
  Mode mode = Mode::hold;
  // level: the value; pct and add: a shift of the path so far; growth: per period, from the last
  // known value; hold: the last known value. Several values: one a period, the last one on.
  std::vector<Amount> values{};
  // series: another series of [data], which reaches into the horizon; scenario: the path that
  // another scenario gives the variable; model: the forecast of a plugin, with its uncertainty.
  std::string from{};
};

// Added to an equation in its own units (so -0.10 on a log is about -10 %), or in per cent of the
// untransformed variable.
struct AddFactor {
  std::string equation;
  std::vector<Amount> values;
  double decay = 1;  // of each period's value, that much is left in the next one
};

// An endogenous variable follows a path; its equation's residuals are backed out and go on from
// there.
struct FixPath {
  std::string variable;
  std::vector<Amount> values;
};

// A coefficient is changed over the horizon. With `recentre`, the regressor acts from its value at
// the forecast origin on, so that the level does not jump.
struct ChangeParameter {
  std::string equation, parameter;
  enum class Mode { multiply, add, set } mode = Mode::multiply;
  Amount value{1};
  bool recentre = true;
};

// A number of the scenario with a distribution; other changes name it.
struct Assume {
  std::string name;
  AssumedDistribution distribution;
};

// What is taken as known of the future, `left REL right` in the periods of the change. With an sd
// it is known up to an error of that size.
struct Condition {
  Relation relation;
  double sd = 0;
};

// The mean of a variable in a period comes to a value, by an add-factor on the instrument's
// equation that is the same in all periods of the change.
struct HitTarget {
  std::string variable;
  double value = 0;
  Period at;
  std::string instrument;  // the equation
};

struct Change {
  std::variant<EndEvent, StartEvent, SetPath, AddFactor, FixPath, ChangeParameter, Assume,
               Condition, HitTarget>
      what;
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

// The amounts of a change that may name an assumption.
std::vector<const Amount*> amounts_of(const Change& change);

}  // namespace amnok
