#include "engine/report/xlsx_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/report/xlsx_library.h"

namespace amnok {

namespace {

using Row = DocumentTable::Row;

constexpr time_t kCreated = 946684800;  // 2000-01-01: any fixed day

lxw_row_t row_number(std::size_t i) {
  return static_cast<lxw_row_t>(i);
}
lxw_col_t column_number(std::size_t j) {
  return static_cast<lxw_col_t>(j);
}

class Workbook {
 public:
  explicit Workbook(const std::string& path)
      : path_(path), book_(xlsx().workbook_new(path.c_str()), &release) {
    if (!book_) throw InputError(fmt::format("cannot write {}", path_));
    heading_ = xlsx().workbook_add_format(book_.get());
    xlsx().format_set_bold(heading_);
    xlsx().format_set_bottom(heading_, LXW_BORDER_THIN);
    title_ = xlsx().workbook_add_format(book_.get());
    xlsx().format_set_bold(title_);
    group_ = xlsx().workbook_add_format(book_.get());
    xlsx().format_set_italic(group_);
    xlsx().format_set_align(group_, LXW_ALIGN_CENTER);
  }

  void describe(const std::string& title) {
    std::string held = title;
    lxw_doc_properties properties{};
    properties.title = held.data();
    properties.created = kCreated;
    xlsx().workbook_set_properties(book_.get(), &properties);
  }

  lxw_worksheet* add_sheet(const std::string& name) {
    return xlsx().workbook_add_worksheet(book_.get(), name.c_str());
  }

  // By decimals, marks behind the number, and whether it is a band.
  lxw_format* number_format(int decimals, const std::string& marks, bool band) {
    lxw_format*& format = numbers_[{decimals, marks, band}];
    if (format == nullptr) {
      format = xlsx().workbook_add_format(book_.get());
      std::string code = "0";
      if (decimals > 0) code += "." + std::string(static_cast<std::size_t>(decimals), '0');
      if (!marks.empty()) code += "\" " + marks + "\"";
      xlsx().format_set_num_format(format, code.c_str());
      if (band) xlsx().format_set_font_color(format, 0x666666);
    }
    return format;
  }

  lxw_format* heading() const { return heading_; }
  lxw_format* title() const { return title_; }
  lxw_format* group() const { return group_; }

  void close() {
    const lxw_error error = xlsx().workbook_close(book_.release());
    if (error != LXW_NO_ERROR) {
      throw InputError(fmt::format("cannot write {}: {}", path_, xlsx().lxw_strerror(error)));
    }
  }

 private:
  // What an exception leaves.
  static void release(lxw_workbook* book) { xlsx().lxw_workbook_free(book); }

  std::string path_;
  std::unique_ptr<lxw_workbook, void (*)(lxw_workbook*)> book_;
  lxw_format *heading_ = nullptr, *title_ = nullptr, *group_ = nullptr;
  std::map<std::tuple<int, std::string, bool>, lxw_format*> numbers_;
};

void write_text(lxw_worksheet* sheet, std::size_t row, std::size_t column, const std::string& text,
                lxw_format* format = nullptr) {
  if (text.empty()) return;
  xlsx().worksheet_write_string(sheet, row_number(row), column_number(column), text.c_str(),
                                format);
}

// Printed, a sheet is as wide as a page that lies on its side.
void set_page(lxw_worksheet* sheet) {
  constexpr std::uint8_t kA4 = 9;
  xlsx().worksheet_set_paper(sheet, kA4);
  xlsx().worksheet_set_landscape(sheet);
  xlsx().worksheet_fit_to_pages(sheet, 1, 0);
}

void write_cell(Workbook& book, lxw_worksheet* sheet, std::size_t i, std::size_t j,
                const TableCell& cell, bool band) {
  if (const auto* number = std::get_if<NumberCell>(&cell)) {
    if (std::isfinite(number->value)) {
      xlsx().worksheet_write_number(sheet, row_number(i), column_number(j), number->value,
                                    book.number_format(number->decimals, number->marks, band));
    } else {
      write_text(sheet, i, j, "..");
    }
    return;
  }
  write_text(sheet, i, j, printed(cell));
}

void write_groups(Workbook& book, lxw_worksheet* sheet, std::size_t row,
                  const DocumentTable& table) {
  for (std::size_t j = 0; j < table.columns.size();) {
    std::size_t end = j + 1;
    const std::string& group = table.columns[j].group;
    while (end < table.columns.size() && table.columns[end].group == group) ++end;
    if (!group.empty() && end - j > 1) {
      xlsx().worksheet_merge_range(sheet, row_number(row), column_number(j), row_number(row),
                                   column_number(end - 1), group.c_str(), book.group());
    } else {
      write_text(sheet, row, j, group, book.group());
    }
    j = end;
  }
}

void set_widths(lxw_worksheet* sheet, const DocumentTable& table) {
  constexpr int kLeast = 9, kMost = 60;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    int width = display_width(table.columns[j].title);
    for (const Row& row : table.rows) width = std::max(width, display_width(printed(row.cells[j])));
    xlsx().worksheet_set_column(sheet, column_number(j), column_number(j),
                                std::clamp(width + 2, kLeast, kMost), nullptr);
  }
}

// Title, unit, heads, rows, notes; the first line of figures is the sixth.
void write_table(Workbook& book, lxw_worksheet* sheet, const DocumentTable& whole) {
  const DocumentTable table = spread_intervals(whole);
  constexpr std::size_t kGroups = 3, kHeads = 4;
  write_text(sheet, 0, 0, table.title, book.title());
  write_text(sheet, 1, 0, table.unit);
  write_groups(book, sheet, kGroups, table);
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    const std::string& title = table.columns[j].title;
    xlsx().worksheet_write_string(sheet, kHeads, column_number(j), title.c_str(), book.heading());
  }
  std::size_t i = kHeads + 1;
  for (const Row& row : table.rows) {
    for (std::size_t j = 0; j < row.cells.size(); ++j) {
      write_cell(book, sheet, i, j, row.cells[j], row.kind == Row::Kind::band);
    }
    ++i;
  }
  for (const std::string& note : table.notes) write_text(sheet, ++i, 0, note);
  set_widths(sheet, table);
  set_page(sheet);
  xlsx().worksheet_repeat_rows(sheet, row_number(kGroups), row_number(kHeads));
  xlsx().worksheet_freeze_panes(sheet, kHeads + 1, 1);
}

void write_notes(Workbook& book, lxw_worksheet* sheet, const Document& document) {
  const Provenance& p = document.provenance;
  std::size_t i = 0;
  const auto line = [&](const std::string& what, const std::string& text) {
    write_text(sheet, i, 0, what);
    write_text(sheet, i++, 1, text);
  };
  write_text(sheet, i++, 0, document.title, book.title());
  write_text(sheet, i++, 0, document.subtitle);
  ++i;
  line("program", p.program);
  line("config", p.config);
  line("SHA-256 of the config", p.config_sha256);
  line("frequency", p.frequency);
  line("sample", p.sample);
  line("horizon", p.horizon);
  line("draws", std::to_string(p.draws));
  line("seed", std::to_string(p.seed));
  ++i;
  const std::vector<std::string> heads = {"series",  "label",  "file",    "column",
                                          "dataset", "source", "licence", "vintage"};
  for (std::size_t j = 0; j < heads.size(); ++j) write_text(sheet, i, j, heads[j], book.heading());
  ++i;
  for (const Provenance::Origin& o : p.origins) {
    const std::vector<std::string> cells = {o.series, o.label,     o.file,    o.column,
                                            o.title,  o.publisher, o.licence, o.vintage};
    for (std::size_t j = 0; j < cells.size(); ++j) write_text(sheet, i, j, cells[j]);
    ++i;
  }
  ++i;
  write_text(sheet, i, 0, "input file", book.heading());
  write_text(sheet, i++, 1, "SHA-256", book.heading());
  for (const auto& [file, hash] : p.inputs) line(file, hash);
  const std::vector<double> widths = {44, 38, 44, 20, 40, 40, 40, 10};
  for (std::size_t j = 0; j < widths.size(); ++j) {
    xlsx().worksheet_set_column(sheet, column_number(j), column_number(j), widths[j], nullptr);
  }
  set_page(sheet);
}

void write_facts(Workbook& book, lxw_worksheet* sheet, const std::vector<Fact>& facts) {
  const std::vector<std::string> heads = {"kind",     "variable",     "label", "unit",  "measure",
                                          "scenario", "against",      "date",  "value", "low",
                                          "high",     "coverage_pct", "note"};
  for (std::size_t j = 0; j < heads.size(); ++j) write_text(sheet, 0, j, heads[j], book.heading());
  std::size_t i = 1;
  for (const Fact& f : facts) {
    const std::vector<std::string> words = {std::string(fact_kind_name(f.kind)),
                                            f.variable,
                                            f.label,
                                            f.unit,
                                            f.measure,
                                            f.scenario,
                                            f.against,
                                            f.date};
    for (std::size_t j = 0; j < words.size(); ++j) write_text(sheet, i, j, words[j]);
    std::size_t j = words.size();
    for (double value : {f.value, f.low, f.high}) {
      if (std::isfinite(value)) {
        xlsx().worksheet_write_number(sheet, row_number(i), column_number(j), value, nullptr);
      }
      ++j;
    }
    if (std::isfinite(f.low)) {
      xlsx().worksheet_write_number(sheet, row_number(i), column_number(j), f.coverage, nullptr);
    }
    write_text(sheet, i, j + 1, f.note);
    ++i;
  }
  const std::vector<double> widths = {15, 16, 36, 12, 16, 24, 24, 18, 14, 14, 14, 13, 40};
  for (std::size_t j = 0; j < widths.size(); ++j) {
    xlsx().worksheet_set_column(sheet, column_number(j), column_number(j), widths[j], nullptr);
  }
  set_page(sheet);
  xlsx().worksheet_repeat_rows(sheet, 0, 0);
  xlsx().worksheet_autofilter(sheet, 0, 0, row_number(std::max<std::size_t>(i, 2) - 1),
                              column_number(heads.size() - 1));
  xlsx().worksheet_freeze_panes(sheet, 1, 0);
}

// As many characters of a text as fit, whole ones.
std::string first_characters(const std::string& text, std::size_t count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u && seen++ == count) {
      return text.substr(0, i);
    }
  }
  return text;
}

}  // namespace

std::vector<std::string> sheet_names(const std::vector<std::string>& wanted) {
  constexpr std::size_t kLongest = 31;
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (std::string name : wanted) {
    for (char& c : name) {
      if (std::string_view("[]:*?/\\'").find(c) != std::string_view::npos) c = '_';
    }
    if (name.empty()) name = "table";
    const std::string base = name;
    name = first_characters(base, kLongest);
    for (int n = 2; !taken.insert(to_lower(name)).second; ++n) {
      const std::string suffix = fmt::format("~{}", n);
      name = first_characters(base, kLongest - suffix.size()) + suffix;
    }
    names.push_back(name);
  }
  return names;
}

void write_xlsx(const Document& document, const std::string& path) {
  Workbook book(path);
  book.describe(document.title);
  std::vector<const DocumentTable*> tables;
  std::vector<std::string> wanted = {"notes"};
  for (const DocumentTable* table : tables_of(document)) {
    if (table->id == "sources" || table->id == "inputs") continue;  // on the first sheet
    tables.push_back(table);
    wanted.push_back(table->id);
  }
  wanted.push_back("facts");
  const std::vector<std::string> names = sheet_names(wanted);
  write_notes(book, book.add_sheet(names.front()), document);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    write_table(book, book.add_sheet(names[t + 1]), *tables[t]);
  }
  if (!document.facts.empty()) write_facts(book, book.add_sheet(names.back()), document.facts);
  book.close();
}

}  // namespace amnok
