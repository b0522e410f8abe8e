// What changed from one run folder to another, from what lies in the two alone.
//
// Projections and effects are compared where both have them; how large a move is, is said in half
// widths of the earlier 90 % band. Figures are compared as far as figures/*.history.dat show them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct TextChange {
  std::string key, before, after;  // empty: not there
};

struct FileChange {
  std::string file;
  enum class Kind { added, removed, changed } kind = Kind::changed;
};

struct FigureChanges {
  std::string variable;
  struct Revision {
    std::string date;
    double before = kMissing, after = kMissing;
  };
  std::vector<std::string> added;    // dates
  std::vector<std::string> removed;  // within what both show
  std::vector<Revision> revised;
};

struct CoefficientChange {
  std::string equation, coefficient;
  double before = kMissing, after = kMissing, std_error = kMissing;  // of the earlier run
  double in_std_errors() const { return (after - before) / std_error; }
};

struct Move {
  std::string date;
  double before = kMissing, after = kMissing, half_width = kMissing;
  double change() const { return after - before; }
  double in_half_widths() const { return change() / half_width; }
};
// The dates that both have of one line: a scenario's variable, an effect's measure.
struct PathChange {
  std::vector<std::string> names;  // scenario, variable | effect, variable, measure
  int dates = 0;
  Move largest;  // by half widths
  Move last;
  std::string only;  // "before" or "after": the line is in one run alone
};

struct RunComparison {
  std::string first, second;         // folders
  std::vector<TextChange> settings;  // version, title, sample, horizon, draws, seed, libraries
  std::vector<FileChange> inputs;
  std::vector<FigureChanges> figures;   // variables with changes
  std::vector<TextChange> config;       // by dotted key
  std::vector<TextChange> assumptions;  // of the ledger
  std::vector<TextChange> equations;    // status, observations, or there at all
  std::vector<CoefficientChange> coefficients;
  std::vector<PathChange> projections, effects;

  bool empty() const;
};

// Throws InputError where a folder is not that of a run.
RunComparison compare_runs(const std::string& first, const std::string& second);

// The manifest's sha256 of the config and of each input.
struct RunInputs {
  std::string config_hash;
  std::vector<std::pair<std::string, std::string>> files;
  int draws = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> scenarios;
};
RunInputs run_inputs(const std::string& folder);

}  // namespace amnok
