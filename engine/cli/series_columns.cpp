#include "engine/cli/series_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <unordered_set>

#include "engine/base/text.h"

namespace amnok {

SeriesColumns::SeriesColumns(const std::vector<std::string>& wanted,
                             std::optional<Frequency> frequency)
    : wanted_(wanted), frequency_(frequency) {}

void SeriesColumns::read_header(const CsvRow& row) {
  header_ = row.cells;
  const std::unordered_set<std::string> names(header_.begin(), header_.end());
  whole_ = header_.size() > 1 && names.size() == header_.size();
  if (!whole_) return;
  layout_ = series_layout(header_);
  guess_.emplace(header_[layout_.time]);
  if (layout_.is_long) return;
  for (std::size_t j = 0; j < header_.size(); ++j) {
    const bool asked =
        wanted_.empty() || std::find(wanted_.begin(), wanted_.end(), header_[j]) != wanted_.end();
    if (j == layout_.time || !asked) continue;
    columns_.emplace_back().name = header_[j];
    cells_.push_back(j);
  }
}

std::uint32_t SeriesColumns::date_index(const std::string& text) {
  const auto [at, is_new] =
      known_dates_.emplace(text, static_cast<std::uint32_t>(known_dates_.size()));
  if (is_new) {
    dates_.push_back(&at->first);
    parsed_.push_back(parse_date(text));
  }
  return at->second;
}

SeriesColumns::Column* SeriesColumns::column_of(const std::string& series) {
  const auto [at, is_new] = index_.emplace(series, columns_.size());
  if (is_new) {
    if (!wanted_.empty() && std::find(wanted_.begin(), wanted_.end(), series) == wanted_.end()) {
      at->second = static_cast<std::size_t>(-1);
    } else {
      columns_.emplace_back().name = series;
    }
  }
  return at->second < columns_.size() ? &columns_[at->second] : nullptr;
}

void SeriesColumns::add_cell(Column& column, const std::string& cell, const std::string& name,
                             int line) {
  double value = kMissing;
  if (!cell.empty() && cell != "NA") {
    const std::optional<double> number = parse_double(cell);
    if (number && std::isfinite(*number)) {
      value = *number;
      column.number = true;
    } else {
      const bool letter = std::isalpha(static_cast<unsigned char>(cell.front())) != 0;
      (letter ? column.text : column.other) = true;
      if (column.trouble.empty()) {
        column.trouble =
            fmt::format("line {}: {} is `{}`, but must be a number or empty", line, name, cell);
      }
    }
  }
  column.values.push_back(value);
}

void SeriesColumns::add(const CsvRow& row) {
  if (header_.empty()) return read_header(row);
  if (row.cells.size() != header_.size()) whole_ = false;
  if (!whole_) return;
  const std::string& text = row.cells[layout_.time];
  if (layout_.is_long) {
    Column* column = column_of(row.cells[layout_.name]);
    if (column == nullptr) return;
    const std::uint32_t date = date_index(text);
    guess_->add(text, parsed_[date]);
    column->dates.push_back(date);
    add_cell(*column, row.cells[layout_.value], header_[layout_.value], row.line);
    return;
  }
  const std::uint32_t date = date_index(text);
  guess_->add(text, parsed_[date]);
  row_dates_.push_back(date);
  for (std::size_t j = 0; j < columns_.size(); ++j) {
    add_cell(columns_[j], row.cells[cells_[j]], columns_[j].name, row.line);
  }
}

// A column of a wide file whose every cell that is not empty starts with a letter: no figure,
// however it is written.
bool SeriesColumns::is_left_out(const Column& column) const {
  return !layout_.is_long && wanted_.empty() && column.text && !column.number && !column.other;
}

Series SeriesColumns::series_of(Column column, const std::vector<std::optional<Period>>& periods,
                                std::string& trouble) const {
  Series series;
  series.name = column.name;
  trouble = column.trouble;
  const std::vector<std::uint32_t>& dates = layout_.is_long ? column.dates : row_dates_;
  std::optional<Period> first, last;
  for (std::size_t i = 0; i < dates.size() && trouble.empty(); ++i) {
    const std::optional<Period>& period = periods[dates[i]];
    if (!period) {
      trouble = no_period_text(*dates_[dates[i]], *frequency_);
    } else if (!std::isnan(column.values[i])) {
      if (!first || *period < *first) first = period;
      if (!last || *last < *period) last = period;
    }
  }
  if (!trouble.empty() || !first) return series;
  series.first = *first;
  series.values = VectorXd::Constant(*last - *first + 1, kMissing);
  for (std::size_t i = 0; i < dates.size(); ++i) {
    if (std::isnan(column.values[i])) continue;
    double& place = series.values(*periods[dates[i]] - *first);
    if (!std::isnan(place)) {
      trouble = fmt::format("two values for {}", format_period(*periods[dates[i]]));
      series.values.resize(0);
      return series;
    }
    place = column.values[i];
  }
  return series;
}

std::optional<SeriesFile> SeriesColumns::finish() && {
  if (!whole_ || dates_.empty()) return std::nullopt;
  for (const std::string& name : wanted_) {
    const bool found = std::any_of(columns_.begin(), columns_.end(),
                                   [&](const Column& c) { return c.name == name; });
    if (!found) return std::nullopt;
  }
  SeriesFile file;
  frequency_ = file.frequency = frequency_.value_or(guess_->frequency());
  std::vector<std::optional<Period>> periods;
  for (const std::string* date : dates_) periods.push_back(parse_period(*date, file.frequency));
  const bool all_dates = std::all_of(periods.begin(), periods.end(),
                                     [](const auto& period) { return period.has_value(); });
  if (!layout_.is_long && !all_dates) return std::nullopt;
  for (Column& column : columns_) {
    if (is_left_out(column)) {
      file.left_out.push_back(column.name);
      continue;
    }
    // Taken out, so that it is gone when its series is made.
    file.series.push_back(
        series_of(std::exchange(column, {}), periods, file.trouble.emplace_back()));
  }
  if (file.series.empty()) return std::nullopt;
  return file;
}

}  // namespace amnok
