// Reading the tables of a fit by name.
#pragma once

#include <string>
#include <vector>

#include "engine/model/fit_result.h"

namespace amnok {

// Null: the fit has no such table.
const ResultTable* find_table(const FitResult& fit, const std::string& name);

// Columns `p` and `p_value` hold p-values.
bool holds_p_values(const std::string& column);
// A cell for people: p-values as p_text has them, others as cell_text.
std::string result_text(const std::string& column, const ResultTable::Cell& cell);

// One row of a table by the names of its columns; what is not there is empty or NaN.
class TableRow {
 public:
  TableRow(const ResultTable& table, std::size_t row) : table_(table), row_(row) {}
  std::string text(const std::string& column) const;  // numbers as cell_text writes them
  double number(const std::string& column) const;

 private:
  const ResultTable::Cell* cell(const std::string& column) const;
  const ResultTable& table_;
  std::size_t row_;
};

// All rows; none when the table is not there.
std::vector<TableRow> rows_of(const FitResult& fit, const std::string& table);

}  // namespace amnok
