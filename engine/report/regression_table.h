// Several equations side by side, as journals print regressions: a column an equation, coefficients
// with standard errors in parentheses below, long-run coefficients with their 95 % sets in
// brackets, observations, sample and R2, p-values of tests, bounds and instruments where there are
// any, and in the notes what the standard errors are.
//
//                    (1)        (2)
//                 static     panel
//   ------------------------------
//   log(imports)  -0.013     -0.028
//                (0.025)    (0.024)
//
// An estimate has as many decimals as three significant digits of its standard error take.
// Coefficients are matched by name, in the order of their first appearance, the intercept last.
// Without a usable fit a column is empty and a note says why. Of a panel, observations and R2 are
// those of all units (its table `panel`). stars: * p < 0.10, ** p < 0.05, *** p < 0.01; off unless
// asked for, since a star says less than the standard error below it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/fit_result.h"

namespace amnok {

struct RegressionTable {
  enum class RowKind { number, heading, text };
  struct Row {
    RowKind kind = RowKind::number;
    std::string label;
    std::vector<std::string> cells;  // one a column; empty where there is nothing
    bool first = false;              // of a block that a line separates from the rows before
  };

  std::vector<std::string> names, targets;  // a column each
  std::vector<Row> rows;
  std::vector<std::string> notes;
};

RegressionTable regression_table(const std::vector<const FitResult*>& fits, bool stars = false);

enum class TableFormat { text, markdown, latex, csv };
std::optional<TableFormat> parse_table_format(const std::string& name);  // text, md, latex, csv

// LaTeX needs no package; every label is escaped in every format.
std::string format_table(const RegressionTable& table, TableFormat format);

// Text as LaTeX prints it: \ { } _ & % # $ ~ ^ and < > | are no commands any more.
std::string latex_escaped(const std::string& text);

}  // namespace amnok
