#include "engine/data/csv.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <istream>

#include "engine/base/text.h"

namespace amnok {

namespace {

// Owns libcsv's parser and the row that is open. Lines are fed one by one so that rows know the
// physical line on which they begin.
class RowParser {
 public:
  using Use = std::function<void(const CsvRow&)>;

  explicit RowParser(Use use) : use_(std::move(use)) {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
  }
  ~RowParser() { csv_free(&parser_); }
  RowParser(const RowParser&) = delete;
  RowParser& operator=(const RowParser&) = delete;

  // How many bytes were understood; fewer than all: a stray quote on this line.
  std::size_t feed(std::string_view line) {
    ++line_;
    if (row_.line == 0 && !trim(line).empty()) row_.line = line_;
    return csv_parse(&parser_, line.data(), line.size(), on_field, on_row, this);
  }
  bool finish() { return csv_fini(&parser_, on_field, on_row, this) == 0; }  // false: an open quote
  int line() const { return line_; }
  int row_line() const { return row_.line; }  // of the open row; 0: none is open

 private:
  // The cells of a row take the place of those of the row before.
  static void on_field(void* text, std::size_t size, void* context) {
    auto& self = *static_cast<RowParser*>(context);
    if (self.count_ == self.row_.cells.size()) self.row_.cells.emplace_back();
    self.row_.cells[self.count_++].assign(trim({static_cast<const char*>(text), size}));
  }
  static void on_row(int, void* context) {
    auto& self = *static_cast<RowParser*>(context);
    self.row_.cells.resize(self.count_);
    const bool blank = self.count_ == 0 || (self.count_ == 1 && self.row_.cells[0].empty());
    if (!blank) self.use_(self.row_);
    self.count_ = 0;
    self.row_.line = 0;
  }

  csv_parser parser_{};
  Use use_;
  CsvRow row_;
  std::size_t count_ = 0;  // cells of the open row
  int line_ = 0;           // physical line being parsed
};

// A physical line, and a byte in it.
SourceRange line_at(const std::string& file, std::string_view text,
                    const std::vector<std::size_t>& starts, int line, std::size_t offset) {
  const std::size_t begin = starts[static_cast<std::size_t>(line - 1)];
  std::string_view content = text.substr(begin, text.find('\n', begin) - begin);
  if (!content.empty() && content.back() == '\r') content.remove_suffix(1);
  return {file, line, static_cast<int>(offset) + 1, 1, std::string(content)};
}

// A row with another number of cells than the header, which begins at `where`.
void report_length(SourceRange where, std::size_t cells, std::size_t names, ProblemList& problems) {
  const bool more = cells > names;
  if (more) {  // from the first cell too many
    std::size_t at = 0;
    for (std::size_t k = 0; k < names; ++k) at = where.text.find(',', at) + 1;
    where = where.sub_range(static_cast<int>(at), static_cast<int>(where.text.size() - at));
  } else {
    where = where.sub_range(static_cast<int>(where.text.size()), 1);
  }
  problems.error(where, fmt::format("{} cells, but the header names {}", cells, names),
                 more ? "a comma inside a number or text must be quoted" : "");
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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
  if (starts_with(text, kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  table.text_ = std::move(text);
  const std::string_view all = table.text_;

  ProblemList lengths;
  int header_line = 0;
  RowParser parser([&](const CsvRow& row) {
    if (header_line == 0) {
      table.header_ = row.cells;
      header_line = row.line;
    } else if (row.cells.size() != table.header_.size()) {
      report_length(line_at(file, all, table.line_starts_, row.line, 0), row.cells.size(),
                    table.header_.size(), lengths);
    } else {
      table.cells_.insert(table.cells_.end(), row.cells.begin(), row.cells.end());
      table.lines_.push_back(row.line);
    }
  });
  std::size_t begin = 0;
  bool broken = false;
  while (begin < all.size() && !broken) {
    const std::size_t newline = all.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? all.size() : newline + 1;
    table.line_starts_.push_back(begin);
    const std::size_t understood = parser.feed(all.substr(begin, end - begin));
    if (understood < end - begin) {
      broken = true;
      problems.error(line_at(file, all, table.line_starts_, parser.line(), understood),
                     "a quote stands inside a cell",
                     "quote the whole cell and write a quote inside it twice");
    }
    begin = end;
  }
  if (!broken && !parser.finish()) {
    const int line = parser.row_line() > 0 ? parser.row_line() : parser.line();
    const SourceRange where = line_at(file, all, table.line_starts_, line, 0);
    const auto quote = where.text.rfind('"');
    problems.error(quote == std::string::npos ? where : where.sub_range(static_cast<int>(quote), 1),
                   "a quote is opened and not closed",
                   "quote the whole cell and write a quote inside it twice");
    broken = true;
  }
  const auto without_rows = [&] {
    table.cells_.clear();
    table.lines_.clear();
    return table;
  };
  if (broken) {
    table.header_.clear();
    return without_rows();
  }
  if (header_line == 0) {
    problems.error({file, 0, 0, 1, ""}, "the file is empty, but must have a line of column names");
    return table;
  }
  const SourceRange first = line_at(file, all, table.line_starts_, header_line, 0);
  if (table.header_.size() == 1) {
    for (const char* separator : {";", "\t", "|"}) {
      if (table.header_[0].find(separator) == std::string::npos) continue;
      problems.error(first, fmt::format("cells are separated by `{}`, but must be by `,`",
                                        *separator == '\t' ? "tab" : separator));
      return without_rows();
    }
  }
  for (std::size_t i = 0; i < table.header_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (table.header_[i] == table.header_[j]) {
        problems.error(first, fmt::format("column `{}` stands twice", table.header_[i]));
      }
    }
  }
  problems.append(lengths.all());
  return table;
}

bool for_each_csv_row(std::istream& input, const std::function<void(const CsvRow&)>& use) {
  RowParser parser(use);
  std::string line;
  bool first = true;
  while (std::getline(input, line)) {
    if (!input.eof()) line += '\n';
    if (first && starts_with(line, kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    first = false;
    if (parser.feed(line) < line.size()) return false;
  }
  return parser.finish();
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
