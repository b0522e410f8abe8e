#include "engine/cli/series_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/data/csv.h"

namespace amnok {

namespace {

struct Cell {
  std::string series;
  std::string date;
  std::optional<double> value;
  std::size_t row = 0;
};

bool is_wanted(const std::vector<std::string>& columns, const std::string& name) {
  return columns.empty() || std::find(columns.begin(), columns.end(), name) != columns.end();
}

// The column of the time: `date`, else `t`, else the first.
std::size_t time_column(const CsvTable& table) {
  for (const char* name : {"date", "t"}) {
    const int column = table.column(name);
    if (column >= 0) return static_cast<std::size_t>(column);
  }
  return 0;
}

bool is_long(const CsvTable& table) {
  return table.column("series") >= 0 && table.column("value") >= 0;
}

// Every cell that is not empty starts with a letter: no figure, however it is written.
bool is_text(const CsvTable& table, std::size_t column) {
  bool any = false;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string& text = table.cell(row, column);
    if (text.empty() || text == "NA") continue;
    if (std::isalpha(static_cast<unsigned char>(text.front())) == 0) return false;
    any = true;
  }
  return any;
}

std::vector<Cell> read_cells(const CsvTable& table, const std::vector<std::string>& columns,
                             std::vector<std::string>& order, std::vector<std::string>& left_out,
                             ProblemList& problems) {
  const std::size_t time = time_column(table);
  std::vector<Cell> cells;
  if (is_long(table)) {
    const auto name = static_cast<std::size_t>(table.column("series"));
    const auto value = static_cast<std::size_t>(table.column("value"));
    std::map<std::string, bool> seen;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::string& series = table.cell(row, name);
      if (!is_wanted(columns, series)) continue;
      if (!seen[series]) order.push_back(series);
      seen[series] = true;
      cells.push_back(
          {series, table.cell(row, time), number_cell(table, row, value, problems), row});
    }
    return cells;
  }
  for (std::size_t column = 0; column < table.header().size(); ++column) {
    const std::string& series = table.header()[column];
    if (column == time || !is_wanted(columns, series)) continue;
    if (columns.empty() && is_text(table, column)) {
      left_out.push_back(series);
      continue;
    }
    order.push_back(series);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      cells.push_back(
          {series, table.cell(row, time), number_cell(table, row, column, problems), row});
    }
  }
  return cells;
}

// What --column can name: all but the time.
std::vector<std::string> series_names(const CsvTable& table) {
  std::vector<std::string> names;
  if (is_long(table)) {
    const auto column = static_cast<std::size_t>(table.column("series"));
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::string& name = table.cell(row, column);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
  }
  for (std::size_t column = 0; column < table.header().size(); ++column) {
    if (column != time_column(table)) names.push_back(table.header()[column]);
  }
  return names;
}

void check_columns(const CsvTable& table, const std::vector<std::string>& columns,
                   const std::vector<std::string>& order) {
  for (const std::string& column : columns) {
    if (std::find(order.begin(), order.end(), column) != order.end()) continue;
    throw InputError(fmt::format("--column {} is not a series of {}", column, table.file()),
                     name_hint(column, series_names(table)));
  }
}

// The widest step that all dates are multiples of.
Frequency infer_frequency(const CsvTable& table, const std::vector<Cell>& cells) {
  const std::size_t time = time_column(table);
  if (table.header()[time] == "t") return Frequency::undated;
  std::int64_t months = 0, days = 0;
  bool first_days = true;
  std::optional<Date> before;
  for (const Cell& cell : cells) {
    const auto parsed = parse_date(cell.date);
    if (!parsed) {
      if (parse_integer(cell.date)) return Frequency::undated;
      continue;  // reported when periods are made
    }
    if (parsed->form == DateForm::year) return Frequency::annual;
    if (parsed->form == DateForm::quarter) return Frequency::quarterly;
    if (parsed->form == DateForm::week) return Frequency::weekly;
    const Date date = parsed->first;
    first_days = first_days && date.day == 1;
    if (before && *before < date) {
      months = std::gcd(months, (date.year - before->year) * 12LL + date.month - before->month);
      days = std::gcd(days, days_since_1970(date) - days_since_1970(*before));
    }
    before = date;
  }
  if (!first_days) return days > 0 && days % 7 == 0 ? Frequency::weekly : Frequency::daily;
  return months > 0 && months % 12 == 0  ? Frequency::annual
         : months > 0 && months % 3 == 0 ? Frequency::quarterly
                                         : Frequency::monthly;
}

}  // namespace

SeriesFile read_series_file(const std::string& path, const std::vector<std::string>& columns,
                            std::optional<Frequency> frequency) {
  ProblemList problems;
  const CsvTable table = read_csv(path, problems);
  problems.throw_if_errors();
  if (table.header().size() < 2) {
    throw InputError(
        fmt::format("{} has {} column, but must have a date (or t) and at least one series", path,
                    table.header().size()));
  }
  if (table.rows() == 0) {
    throw InputError(fmt::format("{} has a header and no rows, but must have figures", path));
  }
  SeriesFile file;
  std::vector<std::string> order;
  const std::vector<Cell> cells = read_cells(table, columns, order, file.left_out, problems);
  if (order.empty() && columns.size() == 0) {  // then their cells are mistakes
    file.left_out.clear();
    read_cells(table, {table.header().begin() + 1, table.header().end()}, order, file.left_out,
               problems);
  }
  problems.throw_if_errors();
  check_columns(table, columns, order);
  file.frequency = frequency ? *frequency : infer_frequency(table, cells);

  const std::size_t time = time_column(table);
  std::map<std::string, std::map<Period, double>> values;
  for (const Cell& cell : cells) {
    const auto period = parse_period(cell.date, file.frequency);
    if (!period) {
      problems.error(
          table.where(cell.row, time),
          fmt::format("\"{}\" is not a {} period", cell.date, frequency_name(file.frequency)),
          "say which frequency it is with --frequency");
      continue;
    }
    if (!cell.value) continue;
    if (!values[cell.series].emplace(*period, *cell.value).second) {
      problems.error(table.where(cell.row, time),
                     fmt::format("{} has two values for {}", cell.series, format_period(*period)));
    }
  }
  problems.throw_if_errors();
  for (const std::string& name : order) {
    const auto& observed = values[name];
    Series series;
    series.name = name;
    if (!observed.empty()) {
      series.first = observed.begin()->first;
      series.values = VectorXd::Constant(observed.rbegin()->first - series.first + 1, kMissing);
      for (const auto& [period, value] : observed) series.values(period - series.first) = value;
    }
    file.series.push_back(std::move(series));
  }
  if (file.series.empty()) throw InputError(fmt::format("{} has no series", path));
  return file;
}

void tell_left_out(const SeriesFile& file) {
  if (file.left_out.empty()) return;
  fmt::print(stderr, "left out, as they hold text: {}\n", join(file.left_out, ", "));
}

}  // namespace amnok
