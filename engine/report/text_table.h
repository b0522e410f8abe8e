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

// Text broken at spaces into lines of at most `width` terminal columns, each begun with `indent`.
std::string wrapped(const std::string& text, int width = 100, const std::string& indent = "");

// A line of at most `width` bars whose heights are those of the values between `low` and `high`;
// longer series are thinned, the last value is kept. A value that is none is a space.
std::string sparkline(const std::vector<double>& values, double low, double high, int width = 16);

}  // namespace amnok
