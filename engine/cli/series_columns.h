// The series of a CSV file, gathered row by row into columns of figures; dates are kept once each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/cli/series_file.h"
#include "engine/cli/series_layout.h"
#include "engine/data/csv.h"

namespace amnok {

class SeriesColumns {
 public:
  // As in read_series_file.
  SeriesColumns(const std::vector<std::string>& wanted, std::optional<Frequency> frequency);
  void add(const CsvRow& row);  // the names first
  // Nothing: something is wrong with the file as a whole.
  std::optional<SeriesFile> finish() &&;

 private:
  struct Column {
    std::string name;
    std::vector<std::uint32_t> dates;                  // of a long file: which date each value has
    std::vector<double> values;                        // NaN: missing
    bool number = false, text = false, other = false;  // what its cells are
    std::string trouble;                               // the first
  };

  void read_header(const CsvRow& row);
  void add_cell(Column& column, const std::string& cell, const std::string& name, int line);
  std::uint32_t date_index(const std::string& text);
  Column* column_of(const std::string& series);
  bool is_left_out(const Column& column) const;
  Series series_of(Column column, const std::vector<std::optional<Period>>& periods,
                   std::string& trouble) const;

  std::vector<std::string> wanted_;
  std::optional<Frequency> frequency_;
  bool whole_ = true;  // nothing is wrong with the file as such
  std::vector<std::string> header_;
  SeriesLayout layout_;
  std::optional<FrequencyGuess> guess_;
  std::vector<Column> columns_;           // in the order of the file
  std::vector<std::size_t> cells_;        // of a wide file: the cell of each column in its row
  std::vector<std::uint32_t> row_dates_;  // of a wide file
  std::unordered_map<std::string, std::size_t> index_;  // of a long file: columns_.size() when new
  std::unordered_map<std::string, std::uint32_t> known_dates_;
  std::vector<const std::string*> dates_;          // texts, in the order in which they came
  std::vector<std::optional<ParsedDate>> parsed_;  // what they say
};

}  // namespace amnok
