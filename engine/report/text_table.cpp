#include "engine/report/text_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>

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

std::string wrapped(const std::string& text, int width, const std::string& indent) {
  std::string result, line = indent;
  int used = display_width(indent);
  bool empty = true;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    const int needed = display_width(word) + (empty ? 0 : 1);
    if (!empty && used + needed > width) {
      result += line + "\n";
      line = indent;
      used = display_width(indent);
      empty = true;
    }
    line += (empty ? "" : " ") + std::string(word);
    used += display_width(word) + (empty ? 0 : 1);
    empty = false;
  }
  return result + line + "\n";
}

std::string sparkline(const std::vector<double>& values, double low, double high, int width) {
  constexpr std::string_view kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto count = static_cast<int>(values.size());
  const int bars = std::min(count, width);
  std::string line;
  for (int i = 1; i <= bars; ++i) {
    const double value = values[static_cast<std::size_t>(i * count / bars - 1)];
    const double share = high > low ? (value - low) / (high - low) : 0;
    if (!std::isfinite(share)) {
      line += ' ';
      continue;
    }
    line += kBars[std::clamp(static_cast<int>(share * 8), 0, 7)];
  }
  return line;
}

}  // namespace amnok
