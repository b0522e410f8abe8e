// CSV files as text cells that know their line. RFC 4180 by libcsv; a first line of names.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/input_error.h"

namespace amnok {

class CsvTable {
 public:
  const std::string& file() const { return file_; }
  const std::vector<std::string>& header() const { return header_; }
  std::size_t rows() const { return lines_.size(); }
  const std::string& cell(std::size_t row, std::size_t column) const {
    return cells_[row * header_.size() + column];
  }
  // The column of a name; -1: not there.
  int column(std::string_view name) const;
  SourceRange where(std::size_t row) const;                      // file:line
  SourceRange where(std::size_t row, std::size_t column) const;  // and the cell in the line
  // What commas in the numbers of a column are, by all of them: 1,5 and 1,234,567 tell, 21,288 does
  // not.
  enum class Comma { unclear, decimal, thousands };
  Comma comma(std::size_t column) const;

 private:
  friend CsvTable parse_csv(std::string text, const std::string& file, ProblemList& problems);
  std::string file_, text_;
  std::vector<std::string> header_;
  std::vector<std::string> cells_;
  std::vector<int> lines_;                       // physical line of each row
  std::vector<std::size_t> line_starts_;         // offsets into text_, by physical line
  mutable std::map<std::size_t, Comma> commas_;  // by column, once asked for
};

// Adds a problem for every malformed line (wrong number of cells, stray quote) and for a file that
// is empty, has another separator, or repeats a column name. A byte-order mark is dropped.
CsvTable parse_csv(std::string text, const std::string& file, ProblemList& problems);
CsvTable read_csv(const std::string& path, ProblemList& problems);

// A row of a file that is read row by row.
struct CsvRow {
  std::vector<std::string> cells;  // trimmed
  int line = 0;                    // physical line on which it begins
};

// Hands over the rows in the order of the file, the first one with the names, and keeps none: a file
// of any length takes the memory of its longest row. Rows may have any number of cells; blank lines
// are left out. False: a quote is misplaced, which parse_csv says in words.
bool for_each_csv_row(std::istream& input, const std::function<void(const CsvRow&)>& use);

// A cell as a number: nothing for an empty cell or NA. Text, infinities, decimal commas and
// thousands separators are problems that name the cell.
std::optional<double> number_cell(const CsvTable& table, std::size_t row, std::size_t column,
                                  ProblemList& problems);

// A name or text as one CSV field, quoted when it must be.
std::string csv_field(std::string_view text);

}  // namespace amnok
