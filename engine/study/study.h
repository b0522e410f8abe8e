// A study: everything a config file says, parsed and cross-checked, before any data are read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/identity_check.h"
#include "engine/data/series_source.h"
#include "engine/model/plugin.h"
#include "engine/stats/random_stream.h"
#include "engine/study/change.h"
#include "engine/study/counterfactual_spec.h"
#include "engine/study/live_spec.h"
#include "engine/time/event.h"

namespace amnok {

struct RunSettings {
  std::string title, note;
  Frequency frequency = Frequency::monthly;
  std::optional<Period> sample_first, sample_last;  // nothing: as the data go
  SourceRange sample_where;
  std::optional<Period> horizon_last;
  int horizon = 0;  // periods, when the last one is not given
  int draws = 10000;
  std::uint64_t seed = 1;
  Sampling sampling = Sampling::independent;
  bool parameters_drawn = true;  // false: draws have the coefficients of the estimates
  Innovations innovations = Innovations::gaussian;  // of equations that do not say
  SourceRange innovations_where;
  int paths = 0;  // draws of each scenario that are written as paths
  SourceRange paths_where;
  int live_draws = 400;  // of each position of a slider
};

struct IdentitySpec {
  std::string name;
  Expression expression;
  std::string label, unit;
  SeriesKind kind = SeriesKind::unknown;
};

// Trade that no statistic records: the variable is multiplied by
//
//   1 + (m - 1) (1 - (1 - s) a_t),
//
// m the multiplier in normal times, s the share of the unrecorded part that stays while an event is
// active (a_t its activity; above 1 when the event drives trade underground). Both are drawn.
struct UnrecordedSpec {
  std::string variable;      // what is recorded
  std::string name, factor;  // the identity with the rest, and its factor
  AssumedDistribution multiplier, stays;
  std::string event;  // empty: none
  std::string reason, source;
  SourceRange where;

  double at(double m, double s, double activity) const {
    return 1 + (m - 1) * (1 - (1 - s) * activity);
  }
};

inline constexpr const char* kRegimeKind = "regime";  // of events that are found

// A model whose breaks begin events of their own, in order (regimes.h).
struct RegimeSpec {
  std::string name, label;
  std::vector<std::string> events;
  bool drawn = true;  // each draw has its own dates; else all have the estimated ones
  EquationSpec equation;
  SourceRange where;
};

// What [events] says of an event: an assumption like those of scenarios.
struct EventSetting {
  std::string event;
  bool in_calendar = false;  // it changes the calendar's dates
  std::string reason, source;
  SourceRange where;
};

struct ScenarioSpec {
  std::string name, label, extends, note;
  std::optional<double> probability;
  std::vector<Change> own;      // as written
  std::vector<Change> changes;  // inherited ones first
  SourceRange where;
};

struct EffectSpec {
  std::string name, label;
  std::string scenario, against;
  std::vector<std::string> variables;  // empty: all
  bool attribution = false;            // split it among the changes (attribution.h)
  SourceRange where;
};

// A question to the simulated paths (question.h).
struct QuestionSpec {
  std::string name, label;
  // A claim.
  std::optional<Relation> claim;
  std::string claim_text;
  std::optional<Period> from, to;  // nothing: the whole horizon
  bool any = false;
  // A recovery.
  std::string recovery;  // the variable; empty: a claim
  double share = 1;
  std::optional<PeriodRange> reference;
  int smooth = 1;
  // The reverse question.
  std::string solve, scenario;  // the assumption, and whose
  double probability = 0.5;
  std::optional<double> low, high;  // where it is looked for; else where it is bounded
  SourceRange where;
};

struct OutputSpec {
  std::vector<std::string> variables;         // of tables and figures; empty: all endogenous ones
  bool uncertainty = false;                   // where bands come from (uncertainty.h)
  std::string claims;                         // a CSV of claims to judge; empty: none
  std::map<std::string, std::string> labels;  // texts of the report page that are not English
};

struct Study {
  std::string file, folder, text;
  RunSettings run;
  std::vector<Event> events;
  std::vector<EventSetting> event_settings;
  std::vector<std::string> event_files;
  std::vector<RegimeSpec> regimes;  // their events are among `events`, dated once they are found
  std::vector<SeriesSource> data;
  std::vector<IdentityCheck> checks;
  std::vector<EquationSpec> equations;
  std::vector<IdentitySpec> identities;
  std::vector<UnrecordedSpec> unrecorded;  // each with an identity of its own
  std::vector<ScenarioSpec> scenarios;     // in the order of the file
  std::vector<EffectSpec> effects;
  std::vector<QuestionSpec> questions;
  std::vector<CounterfactualSpec> counterfactuals;
  std::vector<LiveSpec> live;
  OutputSpec output;
  std::vector<InputProblem> warnings;

  const Event* event(std::string_view id) const;
  const ScenarioSpec* scenario(std::string_view name) const;
  bool is_data(std::string_view name) const;
  bool is_target(std::string_view name) const;       // explained by an equation
  bool has_path_model(std::string_view name) const;  // by one that scenarios may set aside
  bool is_identity(std::string_view name) const;
  bool is_endogenous(std::string_view name) const { return is_target(name) || is_identity(name); }
  std::vector<std::string> endogenous() const;  // targets, then identities
  std::vector<std::string> exogenous()
      const;  // data that equations or identities use and nothing explains
  std::string label(std::string_view variable) const;
  // A quantity per period, so that its sum over periods means something: a series that says so, or
  // an identity of sums and differences of such.
  bool is_flow(std::string_view variable) const;
  // A path as the config would write it: files of a run do not depend on where it was started.
  std::string shown(const std::string& path) const;
};

// The option table of the whole config, for checking, help and the JSON Schema.
const Schema& config_schema(const PluginList& plugins);

// Reads and checks a config file as far as it can be read; every problem is added. Throws
// InputError when nothing can be made of it.
Study read_study(const std::string& file, const PluginList& plugins, ProblemList& problems);
// The same; throws InputError with every problem.
Study load_study(const std::string& file, const PluginList& plugins);

}  // namespace amnok
