#include "engine/report/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace amnok {

namespace {

constexpr std::array<std::pair<Fact::Kind, std::string_view>, 8> kFactKinds = {{
    {Fact::Kind::recorded, "recorded"},
    {Fact::Kind::recorded_year, "recorded_year"},
    {Fact::Kind::projection, "projection"},
    {Fact::Kind::projected_year, "projected_year"},
    {Fact::Kind::effect, "effect"},
    {Fact::Kind::past_effect, "past_effect"},
    {Fact::Kind::answer, "answer"},
    {Fact::Kind::coefficient, "coefficient"},
}};

bool is_interval(const TableCell& cell) {
  return std::holds_alternative<IntervalCell>(cell);
}

bool is_number(const TableCell& cell) {
  return std::holds_alternative<NumberCell>(cell);
}

// One end of an interval; other cells as they are.
TableCell end_of(const TableCell& cell, bool low) {
  const auto* interval = std::get_if<IntervalCell>(&cell);
  if (interval == nullptr) return cell;
  return NumberCell{low ? interval->low : interval->high, interval->decimals};
}

bool holds_intervals(const DocumentTable& table, std::size_t column) {
  bool some = false;
  for (const DocumentTable::Row& row : table.rows) {
    if (is_number(row.cells[column])) return false;
    some = some || is_interval(row.cells[column]);
  }
  return some;
}

DocumentTable spread_columns(const DocumentTable& table) {
  DocumentTable wide = table;
  wide.columns.clear();
  for (DocumentTable::Row& row : wide.rows) row.cells.clear();
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    const bool interval = holds_intervals(table, j);
    for (const bool low : {true, false}) {
      if (!low && !interval) continue;
      TableColumn column = table.columns[j];
      if (interval) column.title += low ? ", low" : ", high";
      wide.columns.push_back(column);
      for (std::size_t i = 0; i < table.rows.size(); ++i) {
        wide.rows[i].cells.push_back(end_of(table.rows[i].cells[j], low));
      }
    }
  }
  return wide;
}

}  // namespace

std::string printed(double value, int decimals) {
  if (!std::isfinite(value)) return "..";
  const std::string text = fmt::format("{:.{}f}", value, decimals);
  const bool minus_zero = text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos;
  return minus_zero ? text.substr(1) : text;
}

std::string printed(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<NumberCell>(&cell)) {
    const std::string text = printed(number->value, number->decimals);
    return number->marks.empty() ? text : text + " " + number->marks;
  }
  if (const auto* interval = std::get_if<IntervalCell>(&cell)) {
    return fmt::format("[{}, {}]", printed(interval->low, interval->decimals),
                       printed(interval->high, interval->decimals));
  }
  return "";
}

DocumentTable spread_intervals(const DocumentTable& table) {
  // Columns of nothing but intervals first; what is left of them stands in rows of their own.
  const bool mixed = std::any_of(table.rows.begin(), table.rows.end(), [](const auto& row) {
    return row.kind == DocumentTable::Row::Kind::band;
  });
  DocumentTable wide = mixed ? table : spread_columns(table);
  std::vector<DocumentTable::Row> rows;
  for (DocumentTable::Row& row : wide.rows) {
    if (std::none_of(row.cells.begin(), row.cells.end(), is_interval)) {
      rows.push_back(std::move(row));
      continue;
    }
    for (const bool low : {true, false}) {
      DocumentTable::Row end{{}, row.kind};
      for (const TableCell& cell : row.cells) end.cells.push_back(end_of(cell, low));
      if (auto* name = std::get_if<std::string>(&end.cells.front())) {
        *name += low ? ", low" : ", high";
      }
      rows.push_back(std::move(end));
    }
  }
  wide.rows = std::move(rows);
  return wide;
}

std::vector<const DocumentTable*> tables_of(const Document& document) {
  std::vector<const DocumentTable*> tables;
  for (const DocumentSection& section : document.sections) {
    for (const DocumentBlock& block : section.blocks) {
      if (const auto* table = std::get_if<DocumentTable>(&block)) tables.push_back(table);
    }
  }
  return tables;
}

std::vector<const DocumentFigure*> figures_of(const Document& document) {
  std::vector<const DocumentFigure*> figures;
  for (const DocumentSection& section : document.sections) {
    for (const DocumentBlock& block : section.blocks) {
      if (const auto* figure = std::get_if<DocumentFigure>(&block)) figures.push_back(figure);
    }
  }
  return figures;
}

std::string_view fact_kind_name(Fact::Kind kind) {
  for (const auto& [known, name] : kFactKinds) {
    if (known == kind) return name;
  }
  return "";
}

std::optional<Fact::Kind> parse_fact_kind(std::string_view name) {
  for (const auto& [kind, known] : kFactKinds) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

}  // namespace amnok
