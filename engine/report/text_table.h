// Aligned tables for terminals and plain-text files.
#pragma once

#include <string>
#include <vector>

namespace amnok {

// First column to the left, the others to the right; widths count terminal columns.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> header) : rows_{std::move(header)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }
  std::string text(const std::string& indent = "  ") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace amnok
