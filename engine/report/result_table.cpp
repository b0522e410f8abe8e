#include "engine/report/result_table.h"

#include <algorithm>

#include "engine/report/numbers.h"

namespace amnok {

const ResultTable* find_table(const FitResult& fit, const std::string& name) {
  const auto at = std::find_if(fit.tables.begin(), fit.tables.end(),
                               [&](const ResultTable& table) { return table.name == name; });
  return at == fit.tables.end() ? nullptr : &*at;
}

bool holds_p_values(const std::string& column) {
  return column == "p" || column == "p_value";
}

std::string result_text(const std::string& column, const ResultTable::Cell& cell) {
  const double* value = std::get_if<double>(&cell);
  return value != nullptr && holds_p_values(column) ? p_text(*value) : cell_text(cell);
}

const ResultTable::Cell* TableRow::cell(const std::string& column) const {
  const auto at = std::find(table_.columns.begin(), table_.columns.end(), column);
  const auto j = static_cast<std::size_t>(at - table_.columns.begin());
  const auto& cells = table_.rows[row_];
  return j < cells.size() ? &cells[j] : nullptr;
}

std::string TableRow::text(const std::string& column) const {
  const ResultTable::Cell* found = cell(column);
  return found == nullptr ? "" : cell_text(*found);
}

double TableRow::number(const std::string& column) const {
  const ResultTable::Cell* found = cell(column);
  const double* value = found == nullptr ? nullptr : std::get_if<double>(found);
  return value == nullptr ? kMissing : *value;
}

std::vector<TableRow> rows_of(const FitResult& fit, const std::string& table) {
  std::vector<TableRow> rows;
  const ResultTable* found = find_table(fit, table);
  if (found == nullptr) return rows;
  for (std::size_t i = 0; i < found->rows.size(); ++i) rows.emplace_back(*found, i);
  return rows;
}

}  // namespace amnok
