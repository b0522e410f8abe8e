#include "engine/data/csv.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace amnok {

namespace {

struct RowSink {
  std::vector<std::string> row;
  std::vector<std::pair<std::vector<std::string>, int>> rows;
  int line = 1;      // physical line being parsed
  int row_line = 0;  // where the open row began
};

void on_field(void* text, std::size_t size, void* context) {
  auto& sink = *static_cast<RowSink*>(context);
  if (sink.row.empty() && sink.row_line == 0) sink.row_line = sink.line;
  sink.row.emplace_back(static_cast<const char*>(text), size);
}

void on_row(int, void* context) {
  auto& sink = *static_cast<RowSink*>(context);
  if (!sink.row.empty()) sink.rows.emplace_back(std::move(sink.row), sink.row_line);
  sink.row.clear();
  sink.row_line = 0;
}

// Owns libcsv's parser. Lines are fed one by one so that callbacks know the physical line.
class LibcsvParser {
 public:
  LibcsvParser() { csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI); }
  ~LibcsvParser() { csv_free(&parser_); }
  LibcsvParser(const LibcsvParser&) = delete;
  LibcsvParser& operator=(const LibcsvParser&) = delete;

  // How many bytes were understood; fewer than all: a stray quote on the line the sink stands at.
  std::size_t feed(std::string_view line, RowSink& sink) {
    if (sink.row_line == 0) sink.row_line = sink.line;
    return csv_parse(&parser_, line.data(), line.size(), on_field, on_row, &sink);
  }
  bool finish(RowSink& sink) { return csv_fini(&parser_, on_field, on_row, &sink) == 0; }

 private:
  csv_parser parser_{};
};

// A physical line, and a byte in it.
SourceRange line_at(const std::string& file, std::string_view text,
                    const std::vector<std::size_t>& starts, int line, std::size_t offset) {
  const std::size_t begin = starts[static_cast<std::size_t>(line - 1)];
  std::string_view content = text.substr(begin, text.find('\n', begin) - begin);
  if (!content.empty() && content.back() == '\r') content.remove_suffix(1);
  return {file, line, static_cast<int>(offset) + 1, 1, std::string(content)};
}

}  // namespace

int CsvTable::column(std::string_view name) const {
  const auto at = std::find(header_.begin(), header_.end(), name);
  return at == header_.end() ? -1 : static_cast<int>(at - header_.begin());
}

SourceRange CsvTable::where(std::size_t row) const {
  SourceRange range{file_, lines_[row], 0, 1, ""};
  const std::size_t begin = line_starts_[static_cast<std::size_t>(range.line - 1)];
  range.text = text_.substr(begin, text_.find('\n', begin) - begin);
  while (!range.text.empty() && range.text.back() == '\r') range.text.pop_back();
  return range;
}

SourceRange CsvTable::where(std::size_t row, std::size_t column) const {
  SourceRange range = where(row);
  // The cell's place in the line, with its quotes; commas inside quotes separate nothing.
  const std::string& line = range.text;
  std::size_t begin = 0, index = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (line[i] != ',' || quoted)) continue;
    if (index == column) {
      range.column = static_cast<int>(begin) + 1;
      range.length = std::max(1, static_cast<int>(i - begin));
      return range;
    }
    begin = i + 1;
    ++index;
  }
  return range;  // in a later line of a row with line breaks
}

CsvTable::Comma CsvTable::comma(std::size_t column) const {
  const auto known = commas_.find(column);
  if (known != commas_.end()) return known->second;
  bool decimal = false, thousands = false;
  for (std::size_t row = 0; row < rows(); ++row) {
    const std::string& text = cell(row, column);
    const auto at = text.rfind(','), point = text.rfind('.');
    if (at == std::string::npos) continue;
    if (text.find_first_not_of("0123456789.,-+ ") != std::string::npos) continue;
    const bool several = text.find(',') != at;
    const bool before_point = point != std::string::npos && at < point;
    if (several || before_point) {
      thousands = true;
    } else if (text.size() - at != 4 || point != std::string::npos || starts_with(text, "0,")) {
      decimal = true;
    }
  }
  return commas_[column] = decimal == thousands ? Comma::unclear
                           : decimal            ? Comma::decimal
                                                : Comma::thousands;
}

CsvTable parse_csv(std::string text, const std::string& file, ProblemList& problems) {
  CsvTable table;
  table.file_ = file;
  if (starts_with(text, "\xEF\xBB\xBF")) text.erase(0, 3);
  table.text_ = std::move(text);
  const std::string_view all = table.text_;

  RowSink sink;
  LibcsvParser parser;
  std::size_t begin = 0;
  bool broken = false;
  while (begin < all.size() && !broken) {
    const std::size_t newline = all.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? all.size() : newline + 1;
    table.line_starts_.push_back(begin);
    const std::size_t understood = parser.feed(all.substr(begin, end - begin), sink);
    if (understood < end - begin) {
      broken = true;
      problems.error(line_at(file, all, table.line_starts_, sink.line, understood),
                     "a quote stands inside a cell",
                     "quote the whole cell and write a quote inside it twice");
    }
    ++sink.line;
    begin = end;
  }
  if (!broken && !parser.finish(sink)) {
    const int line = sink.row_line > 0 ? sink.row_line : sink.line - 1;
    const SourceRange where = line_at(file, all, table.line_starts_, line, 0);
    const auto quote = where.text.rfind('"');
    problems.error(quote == std::string::npos ? where : where.sub_range(static_cast<int>(quote), 1),
                   "a quote is opened and not closed",
                   "quote the whole cell and write a quote inside it twice");
    broken = true;
  }
  if (broken) return table;
  if (sink.rows.empty()) {
    problems.error({file, 0, 0, 1, ""}, "the file is empty, but must have a line of column names");
    return table;
  }
  for (const std::string& name : sink.rows.front().first) table.header_.emplace_back(trim(name));
  const SourceRange first = line_at(file, all, table.line_starts_, sink.rows.front().second, 0);
  if (table.header_.size() == 1) {
    for (const char* separator : {";", "\t", "|"}) {
      if (table.header_[0].find(separator) == std::string::npos) continue;
      problems.error(first, fmt::format("cells are separated by `{}`, but must be by `,`",
                                        *separator == '\t' ? "tab" : separator));
      return table;
    }
  }
  for (std::size_t i = 0; i < table.header_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table.header_[i] == table.header_[j]) {
        problems.error(first, fmt::format("column `{}` stands twice", table.header_[i]));
      }
    }
  }
  for (std::size_t r = 1; r < sink.rows.size(); ++r) {
    auto& [cells, line] = sink.rows[r];
    if (cells.size() == 1 && trim(cells[0]).empty()) continue;  // a blank line
    if (cells.size() != table.header_.size()) {
      const bool more = cells.size() > table.header_.size();
      SourceRange where = line_at(file, all, table.line_starts_, line, 0);
      if (more) {  // from the first cell too many
        std::size_t at = 0;
        for (std::size_t k = 0; k < table.header_.size(); ++k) at = where.text.find(',', at) + 1;
        where = where.sub_range(static_cast<int>(at), static_cast<int>(where.text.size() - at));
      } else {
        where = where.sub_range(static_cast<int>(where.text.size()), 1);
      }
      problems.error(
          where,
          fmt::format("{} cells, but the header names {}", cells.size(), table.header_.size()),
          more ? "a comma inside a number or text must be quoted" : "");
      continue;
    }
    for (std::string& cell : cells) table.cells_.emplace_back(trim(cell));
    table.lines_.push_back(line);
  }
  return table;
}

CsvTable read_csv(const std::string& path, ProblemList& problems) {
  return parse_csv(read_file(path), path, problems);
}

std::optional<double> number_cell(const CsvTable& table, std::size_t row, std::size_t column,
                                  ProblemList& problems) {
  const std::string& text = table.cell(row, column);
  if (text.empty() || text == "NA") return std::nullopt;
  const auto value = parse_double(text);
  if (value && std::isfinite(*value)) return value;
  std::string hint;
  const std::string message =
      fmt::format("{} is `{}`, but must be a number or empty", table.header()[column], text);
  const bool digits_only = text.find_first_not_of("0123456789.,-+ ") == std::string::npos;
  if (value) {
    hint = "leave the cell empty when the figure is not known";
  } else if (digits_only && text.find(',') != std::string::npos) {
    switch (table.comma(column)) {
      case CsvTable::Comma::decimal:
        hint = "write a decimal point, not a comma";
        break;
      case CsvTable::Comma::thousands:
        hint = "write it without the thousands separator";
        break;
      case CsvTable::Comma::unclear: {
        std::string point = text, none = text;
        point[point.rfind(',')] = '.';
        std::erase(none, ',');
        hint = fmt::format(
            "the comma may be a decimal comma or a thousands separator, and no other cell tells: "
            "write {} or {}",
            point, none);
        break;
      }
    }
  } else if (digits_only && text.find(' ') != std::string::npos) {
    hint = "write it without spaces";
  } else {
    hint = "leave the cell empty (or write NA) when the figure is missing";
  }
  problems.error(table.where(row, column), message, hint);
  return std::nullopt;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace amnok
