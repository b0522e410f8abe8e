#include "engine/report/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/base/text.h"

namespace amnok {

namespace {

using Row = DocumentTable::Row;

// Widths of columns in dashes: pandoc takes their ratio where a line is long.
std::size_t column_width(const DocumentTable& table, std::size_t j) {
  constexpr std::size_t kLeast = 3, kMost = 40;
  std::size_t width = static_cast<std::size_t>(display_width(table.columns[j].title));
  for (const Row& row : table.rows) {
    width = std::max(width, static_cast<std::size_t>(display_width(printed(row.cells[j]))));
  }
  return std::clamp(width, kLeast, kMost);
}

std::string row_text(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

// "actual" and "projection" stand in a first row: Markdown has one line of heads.
std::string group_row(const DocumentTable& table) {
  const bool any = std::any_of(table.columns.begin(), table.columns.end(),
                               [](const TableColumn& column) { return !column.group.empty(); });
  if (!any) return "";
  std::vector<std::string> cells;
  std::string before;
  for (const TableColumn& column : table.columns) {
    cells.push_back(column.group == before ? "" : "*" + markdown_escape(column.group) + "*");
    before = column.group;
  }
  if (table.columns.front().group.empty()) cells.front() = "";
  return row_text(cells);
}

std::string cell_text_of(const Row& row, std::size_t j) {
  // Intervals need no escapes: nothing in the file is a link that their brackets could be.
  const TableCell& cell = row.cells[j];
  if (std::holds_alternative<IntervalCell>(cell)) return printed(cell);
  const std::string text = markdown_escape(printed(cell));
  const bool emphasised = row.kind == Row::Kind::memo && j == 0 && !text.empty();
  return emphasised ? "*" + text + "*" : text;
}

std::string table_text_of(const DocumentTable& table) {
  std::string text = fmt::format("**{}{}**\n\n", markdown_escape(table.title),
                                 table.unit.empty() ? "" : ", " + markdown_escape(table.unit));
  std::vector<std::string> heads, rules;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    heads.push_back(markdown_escape(table.columns[j].title));
    const std::string dashes(column_width(table, j), '-');
    rules.push_back(table.columns[j].text ? ":" + dashes : dashes + ":");
  }
  text += row_text(heads) + row_text(rules) + group_row(table);
  for (const Row& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t j = 0; j < row.cells.size(); ++j) cells.push_back(cell_text_of(row, j));
    text += row_text(cells);
  }
  if (!table.notes.empty()) text += "\n";
  for (const std::string& note : table.notes) text += "- " + markdown_escape(note) + "\n";
  return text + "\n";
}

struct BlockMarkdown {
  std::string_view picture;

  std::string operator()(const Paragraph& paragraph) const {
    return (paragraph.warning ? "**Warning:** " : "") + markdown_escape(paragraph.text) + "\n\n";
  }
  std::string operator()(const BulletList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += "- " + markdown_escape(item) + "\n";
    return text + "\n";
  }
  std::string operator()(const DocumentTable& table) const { return table_text_of(table); }
  std::string operator()(const DocumentFigure& figure) const {
    if (!figure.drawn) return "";
    return fmt::format("![{}](<figures/{}.{}>)\n\n{}\n\n", markdown_escape(figure.title),
                       figure.name, picture, markdown_escape(figure.caption));
  }
};

}  // namespace

std::string markdown_escape(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_{}[]<>#|~^$&@";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' || c == '\r' || c == '\t') {
      result += ' ';
      continue;
    }
    // At the start of a line these begin a list, a rule or a quotation; a number is none.
    const bool digit = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    // An underscore inside a word is no emphasis (CommonMark, rule 6 of emphasis).
    const auto letter = [&](std::size_t at) {
      return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at])) != 0;
    };
    const bool inside = c == '_' && i > 0 && letter(i - 1) && letter(i + 1);
    const bool starts = i == 0 && (c == '-' || c == '+' || c == '=' || c == ':') && !digit;
    if (starts || (!inside && kSpecial.find(c) != std::string_view::npos)) result += '\\';
    result += c;
  }
  // "2022. A year" would begin a list.
  const std::size_t digits = result.find_first_not_of("0123456789");
  if (digits != std::string::npos && digits > 0 &&
      (result[digits] == '.' || result[digits] == ')') &&
      (digits + 1 == result.size() || result[digits + 1] == ' ')) {
    result.insert(digits, "\\");
  }
  return result;
}

std::string markdown_report(const Document& document, std::string_view picture) {
  std::string text =
      "# " + markdown_escape(document.title) + "\n\n" + markdown_escape(document.subtitle) + "\n\n";
  for (const DocumentSection& section : document.sections) {
    text += "## " + markdown_escape(section.title) + "\n\n";
    for (const DocumentBlock& block : section.blocks) {
      text += std::visit(BlockMarkdown{picture}, block);
    }
  }
  // Exactly one line break at the end.
  text.erase(text.find_last_not_of('\n') + 1);
  return text + "\n";
}

}  // namespace amnok
