// Klein's Model I (1950, Economic Fluctuations in the United States), 1921-1941, of the reference
// data.
#pragma once

#include "engine/data/csv.h"
#include "engine/regression/simultaneous_equations.h"

namespace amnok {

inline EquationSystem klein_system() {
  ProblemList problems;
  const CsvTable table = read_csv(AMNOK_SOURCE_DIR "/tests/reference/data/klein1.csv", problems);
  problems.throw_if_errors();
  EquationSystem system;
  system.columns = {"const",  "consump", "corpProf", "corpProfLag", "privWage",
                    "invest", "gnp",     "gnpLag",   "capitalLag",  "govWage",
                    "govExp", "taxes",   "wages",    "trend"};
  const auto rows = static_cast<Eigen::Index>(table.rows());
  system.values = MatrixXd::Ones(rows, static_cast<Eigen::Index>(system.columns.size()));
  for (std::size_t j = 1; j < system.columns.size(); ++j) {
    const auto at = static_cast<std::size_t>(table.column(system.columns[j]));
    for (Eigen::Index t = 0; t < rows; ++t) {
      system.values(t, static_cast<Eigen::Index>(j)) =
          number_cell(table, static_cast<std::size_t>(t), at, problems).value();
    }
  }
  system.equations = {{"consump", "consump", {"const", "corpProf", "corpProfLag", "wages"}},
                      {"invest", "invest", {"const", "corpProf", "corpProfLag", "capitalLag"}},
                      {"privwage", "privWage", {"const", "gnp", "gnpLag", "trend"}}};
  system.instruments = {"const", "govExp",     "taxes",       "govWage",
                        "trend", "capitalLag", "corpProfLag", "gnpLag"};
  system.identities = {{{{"gnp", 1}, {"consump", -1}, {"invest", -1}, {"govExp", -1}}},
                       {{{"corpProf", 1}, {"gnp", -1}, {"taxes", 1}, {"privWage", 1}}},
                       {{{"wages", 1}, {"privWage", -1}, {"govWage", -1}}}};
  return system;
}

}  // namespace amnok
