// Accounting identities over the data, and the unit slips that would explain a violation.
//
//   imports + exports = total, within 0.5 %
//
// A violated identity is examined together with those that share its figures in the same periods. A
// repair multiplies some figures by one power of ten such that all of them hold; figures of trusted
// series are never touched. Without a trusted series the slip may be on either side: both are said.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/data/expression.h"
#include "engine/data/series.h"

namespace amnok {

struct IdentityCheck {
  std::string text;  // as written
  Relation relation;
  double tolerance = 0.005;  // of the larger side; or absolute
  bool absolute = false;
  std::optional<PeriodRange> at;     // only these periods
  std::vector<std::string> trusted;  // series that are right
  bool warning = false;              // a violation is reported, but is no error
  std::string label;
  SourceRange where;
};

struct IdentityViolation {
  std::size_t check = 0;
  Period period;
  double left = 0, right = 0;
};

struct RepairedFigure {
  std::string variable;
  Period period;
  double value = 0, repaired = 0;
};

struct Repair {
  double factor = 1;  // what the figures must be multiplied by
  std::vector<RepairedFigure> figures;
  std::vector<std::size_t> violations;  // that it explains
  // The other reading, when nothing is trusted: the remaining figures by the inverse factor.
  std::vector<RepairedFigure> alternative;
};

struct IdentityReport {
  std::vector<int> periods;  // of each check: periods in which all its figures are present
  std::vector<IdentityViolation> violations;
  std::vector<Repair> repairs;
};

IdentityReport check_identities(const std::vector<IdentityCheck>& checks, const Frame& frame);

// "ten times too large", "1000 times too small".
std::string factor_words(double factor);

}  // namespace amnok
