#include "engine/report/html_text.h"

#include <fmt/format.h>

#include <cctype>

#include "engine/study/page_text.h"

namespace amnok {

std::string html_escape(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string typeset(std::string_view text) {
  if (text == "-") return "–";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1]));
    const bool after = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1]));
    result += text[i] == '-' && digit && !after ? "−" : std::string(1, text[i]);
  }
  return result;
}

std::string PageWords::plain(std::string_view key) const {
  return page_text(labels_, key);
}

std::string PageWords::operator()(std::string_view key, const Places& places) const {
  return filled(html_escape(plain(key)), places);
}

std::string variable_html(const RunResults& run, const std::string& variable) {
  const std::string unit = run.unit(variable);
  return html_escape(run.study.label(variable) + (unit.empty() ? "" : ", " + unit));
}

HtmlTable::HtmlTable(const std::vector<std::string>& head, bool prose) : prose_(prose) {
  for (const std::string& cell : head) {
    head_ += fmt::format("<th scope=\"col\"{}>{}</th>", prose ? " class=\"text\"" : "", cell);
  }
}

void HtmlTable::row(const std::vector<Cell>& cells) {
  rows_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    if (prose_) {
      rows_ += fmt::format("<td class=\"text\"{}>{}</td>", cell.attributes, cell.html);
    } else if (i == 0) {
      rows_ += fmt::format("<th scope=\"row\"{}>{}</th>", cell.attributes, cell.html);
    } else {
      rows_ += fmt::format("<td{}>{}</td>", cell.attributes, cell.html);
    }
  }
  rows_ += "</tr>\n";
}

void HtmlTable::row(const std::vector<std::string>& cells) {
  std::vector<Cell> plain;
  for (const std::string& html : cells) plain.push_back({html});
  row(plain);
}

// A region that scrolls is reached by the keyboard.
std::string HtmlTable::html() const {
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\"><table{}><thead><tr>{}</tr></thead><tbody>\n{}</tbody>"
      "</table></div>\n",
      prose_ ? " class=\"prose\"" : "", head_, rows_);
}

std::string document_table_html(const DocumentTable& table) {
  std::vector<std::string> head;
  for (const TableColumn& column : table.columns) head.push_back(html_escape(column.title));
  HtmlTable html(head);
  for (const DocumentTable::Row& row : table.rows) {
    std::vector<HtmlTable::Cell> cells;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const bool text = i > 0 && table.columns[i].text;
      cells.push_back({typeset(html_escape(printed(row.cells[i]))), text ? " class=\"text\"" : ""});
    }
    html.row(cells);
  }
  std::string text = html.html();
  for (const std::string& note : table.notes) {
    text += fmt::format("<p class=\"soft\">{}</p>\n", typeset(html_escape(note)));
  }
  return text;
}

std::string html_list(const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string text = "<ul>\n";
  for (const std::string& item : items) text += "<li>" + item + "</li>\n";
  return text + "</ul>\n";
}

}  // namespace amnok
