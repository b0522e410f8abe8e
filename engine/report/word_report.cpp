#include "engine/report/word_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/text.h"

namespace amnok {

namespace {

// Characters of 8.5 points in 17 cm, of a wide sans serif; the margins of a cell are two more.
constexpr double kLine = 98, kMargins = 2;

// Heads are bold. What is longer than a long word (a path, a hash) may be broken.
constexpr double kBold = 1.15, kLongWord = 16;

double longest_word(std::string_view text) {
  double longest = 0;
  for (const std::string_view word : split(text, ' ')) {
    longest = std::max(longest, static_cast<double>(display_width(word)));
  }
  return std::min(longest, kLongWord);
}

// What a column needs: at least, and so that nothing is broken.
struct ColumnNeed {
  double least = 0, whole = 0;
};

ColumnNeed column_need(const DocumentTable& table, std::size_t j) {
  const TableColumn& column = table.columns[j];
  ColumnNeed need;
  // The head of a group stands over its first column.
  const bool first = j == 0 || table.columns[j - 1].group != column.group;
  need.least =
      std::max(kBold * longest_word(column.title), first ? longest_word(column.group) : 0.0);
  need.whole = std::max(need.least, kBold * static_cast<double>(display_width(column.title)));
  for (const DocumentTable::Row& row : table.rows) {
    const std::string text = printed(row.cells[j]);
    const auto width = static_cast<double>(display_width(text));
    const bool words = column.text || std::holds_alternative<std::string>(row.cells[j]);
    need.least = std::max(need.least, words ? longest_word(text) : width);
    need.whole = std::max(need.whole, width);
  }
  need.least += kMargins;
  need.whole += kMargins;
  return need;
}

}  // namespace

std::vector<double> column_shares(const DocumentTable& table) {
  double least = 0, whole = 0;
  std::vector<ColumnNeed> needs;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    needs.push_back(column_need(table, j));
    least += needs.back().least;
    whole += needs.back().whole;
  }
  // From the least (0) to the whole width (1) of every column.
  const double line = std::max(kLine, least);
  const double give = whole > line ? (line - least) / (whole - least) : 1;
  std::vector<double> shares;
  for (const ColumnNeed& need : needs) {
    shares.push_back((need.least + give * (need.whole - need.least)) / line);
  }
  return shares;
}

std::string word_filter(const Document& document) {
  std::vector<std::string> lists;
  for (const DocumentTable* table : tables_of(document)) {
    std::vector<std::string> shares;
    for (double share : column_shares(*table)) shares.push_back(fmt::format("{:.4f}", share));
    lists.push_back("{" + join(shares, ", ") + "}");
  }
  return "local widths = {\n" + join(lists, ",\n") + "\n}\n" + std::string(kWordFilter);
}

}  // namespace amnok
