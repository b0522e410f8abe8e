#include "engine/report/text_table.h"

#include <algorithm>

#include "engine/base/text.h"

namespace amnok {

std::string TextTable::text(const std::string& indent) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t j = 0; j < row.size(); ++j) {
      widths[j] = std::max(widths[j], static_cast<std::size_t>(display_width(row[j])));
    }
  }
  std::string result;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    std::string line = indent;
    for (std::size_t j = 0; j < rows_[i].size(); ++j) {
      const std::string& cell = rows_[i][j];
      const std::string space(widths[j] - static_cast<std::size_t>(display_width(cell)), ' ');
      if (j > 0) line += "  ";
      line += j == 0 ? cell + space : space + cell;
    }
    result += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    if (i == 0) {
      std::size_t total = 0;
      for (std::size_t w : widths) total += w + 2;
      result += indent + std::string(total - 2, '-') + "\n";
    }
  }
  return result;
}

}  // namespace amnok
