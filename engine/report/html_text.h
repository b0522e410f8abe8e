// Text on its way into report.html: escaping, signs, the page's own words, tables.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/report/document.h"
#include "engine/report/run_results.h"

namespace amnok {

std::string html_escape(std::string_view text);

// Numbers with a minus sign instead of a hyphen; a lone hyphen is a dash.
std::string typeset(std::string_view text);

// The fixed texts of a page as HTML, with the config's own words where it has some.
class PageWords {
 public:
  explicit PageWords(const Study& study) : labels_(study.output.labels) {}
  std::string plain(std::string_view key) const;
  // Places are filled by HTML.
  using Places = std::vector<std::pair<std::string_view, std::string>>;
  std::string operator()(std::string_view key, const Places& places = {}) const;

 private:
  const std::map<std::string, std::string>& labels_;
};

// The name of a variable with its unit, as HTML.
std::string variable_html(const RunResults& run, const std::string& variable);

// A table row by row; every cell is HTML. The first cell of a row is its head.
class HtmlTable {
 public:
  // Cells of these columns are prose: left-aligned, wrapped.
  explicit HtmlTable(const std::vector<std::string>& head, bool prose = false);
  struct Cell {
    std::string html;
    std::string attributes{};  // " class=\"bad\""
  };
  void row(const std::vector<Cell>& cells);
  void row(const std::vector<std::string>& cells);
  bool empty() const { return rows_.empty(); }
  std::string html() const;

 private:
  std::string head_, rows_;
  bool prose_;
};

// A table of a document; its unit and notes stand below it.
std::string document_table_html(const DocumentTable& table);

// An unordered list of HTML items; empty without any.
std::string html_list(const std::vector<std::string>& items);

}  // namespace amnok
