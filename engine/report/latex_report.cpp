#include "engine/report/latex_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/base/text.h"

namespace amnok {

namespace {

using Row = DocumentTable::Row;

constexpr std::size_t kLongest = 28;  // rows of a table that stays on one page

// Characters that TeX knows by a name of its own in every engine.
struct NamedCharacter {
  std::string_view utf8, tex;
};
constexpr std::array<NamedCharacter, 20> kNamed = {{
    {"–", "--"},       {"—", "---"},       {"‘", "`"},      {"’", "'"},         {"“", "``"},
    {"”", "''"},       {"…", "\\ldots{}"}, {"−", "$-$"},    {"×", "$\\times$"}, {"÷", "$\\div$"},
    {"±", "$\\pm$"},   {"≤", "$\\le$"},    {"≥", "$\\ge$"}, {"≠", "$\\ne$"},    {"→", "$\\to$"},
    {"·", "$\\cdot$"}, {"°", "$^\\circ$"}, {"²", "$^2$"},   {"³", "$^3$"},      {"\u00a0", "~"},
}};

// The UTF-8 character that begins at i: as much of it as there is.
std::string_view character_at(std::string_view text, std::size_t i) {
  std::size_t end = i + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) ++end;
  return text.substr(i, end - i);
}

const NamedCharacter* named(std::string_view character) {
  const auto at = std::find_if(kNamed.begin(), kNamed.end(),
                               [&](const NamedCharacter& n) { return n.utf8 == character; });
  return at == kNamed.end() ? nullptr : &*at;
}

std::string_view ascii_escape(char c) {
  switch (c) {
    case '\\':
      return "\\textbackslash{}";
    case '{':
      return "\\{";
    case '}':
      return "\\}";
    case '_':
      return "\\_\\allowbreak{}";  // names and paths may be broken there
    case '/':
      return "/\\allowbreak{}";
    case '&':
      return "\\&";
    case '%':
      return "\\%";
    case '#':
      return "\\#";
    case '$':
      return "\\$";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    case '"':
      return "\\textquotedbl{}";
    case '[':
      return "{[}";  // after \\ it would be an option
    case ']':
      return "{]}";
    case '`':
      return "\\textasciigrave{}";
    case '\'':
      return "\\textquotesingle{}";
    case '\n':
    case '\r':
    case '\t':
      return " ";
    default:
      return "";
  }
}

std::string text_cell(const TableCell& cell) {
  if (const auto* number = std::get_if<NumberCell>(&cell)) {
    std::string text = printed(number->value, number->decimals);
    if (text.front() == '-') text = "$-$" + text.substr(1);
    if (!number->marks.empty()) text += "\\textsuperscript{" + latex_escape(number->marks) + "}";
    return text;
  }
  const std::string text = printed(cell);
  if (!std::holds_alternative<IntervalCell>(cell)) return latex_escape(text);
  std::string result;
  for (char c : text) {
    if (c == '-') {
      result += "$-$";
    } else if (c == '[' || c == ']') {
      result += c == '[' ? "{[}" : "{]}";
    } else {
      result += c;
    }
  }
  return result;
}

// Column types, and which columns break their words into lines.
struct ColumnLayout {
  std::string types;
  std::vector<bool> broken;

  bool any_broken() const { return std::find(broken.begin(), broken.end(), true) != broken.end(); }
};

constexpr std::size_t kPage = 104;  // characters in a line of a table

std::vector<std::size_t> cell_widths(const DocumentTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    std::size_t width = static_cast<std::size_t>(display_width(table.columns[j].title));
    for (const Row& row : table.rows) {
      width = std::max(width, static_cast<std::size_t>(display_width(printed(row.cells[j]))));
    }
    widths.push_back(width);
  }
  return widths;
}

// Columns of words that are wider than this are broken: the widest only, where that is enough for
// the others and a dozen characters in each broken one.
std::size_t widest_whole(const DocumentTable& table, const std::vector<std::size_t>& widths) {
  constexpr std::size_t kMost = 26, kLeast = 10, kStep = 4, kBroken = 14;
  for (std::size_t wide = kMost; wide > kLeast; wide -= kStep) {
    std::size_t total = 0;
    for (std::size_t j = 0; j < widths.size(); ++j) {
      total += table.columns[j].text && widths[j] > wide ? kBroken : widths[j] + 2;
    }
    if (total <= kPage) return wide;
  }
  return kLeast;
}

// Columns of long words share what the others leave of the page, by the root of what they hold, so
// that a short one is not starved by a very long one.
ColumnLayout column_layout(const DocumentTable& table) {
  constexpr double kUsed = 0.92;  // of the line; the rest is between columns
  const std::vector<std::size_t> widths = cell_widths(table);
  const std::size_t wide = widest_whole(table, widths);
  std::size_t total = 0, fixed = 0;
  double roots = 0;
  for (std::size_t j = 0; j < widths.size(); ++j) {
    total += widths[j] + 2;
    if (table.columns[j].text && widths[j] > wide) {
      roots += std::sqrt(static_cast<double>(widths[j]));
    } else {
      fixed += widths[j] + 2;
    }
  }
  const double left = kPage > fixed + 20 ? static_cast<double>(kPage - fixed) : 20;
  ColumnLayout layout;
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    layout.broken.push_back(table.columns[j].text && widths[j] > wide && total > kPage);
    if (layout.broken.back()) {
      const double share = std::sqrt(static_cast<double>(widths[j])) / roots;
      layout.types += fmt::format("p{{{:.3f}\\linewidth}}", kUsed * left / kPage * share);
    } else {
      layout.types += table.columns[j].text ? "l" : "r";
    }
  }
  return layout;
}

// Heads of groups with a rule under each, then the titles.
std::string head_rows(const DocumentTable& table) {
  std::string groups, rules, titles;
  bool any = false;
  for (std::size_t j = 0; j < table.columns.size();) {
    std::size_t end = j + 1;
    const std::string& group = table.columns[j].group;
    while (end < table.columns.size() && !group.empty() && table.columns[end].group == group) ++end;
    if (j > 0) groups += " & ";
    if (!group.empty()) {
      any = true;
      groups += fmt::format("\\multicolumn{{{}}}{{c}}{{{}}}", end - j, latex_escape(group));
      rules += fmt::format("\\cmidrule(lr){{{}-{}}}", j + 1, end);
    }
    j = end;
  }
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    if (j > 0) titles += " & ";
    titles += latex_escape(table.columns[j].title);
  }
  return (any ? groups + " \\\\\n" + rules + "\n" : "") + titles + " \\\\\n";
}

std::string body_rows(const DocumentTable& table, const ColumnLayout& layout) {
  std::string text;
  bool memo = false;
  for (const Row& row : table.rows) {
    if (row.kind == Row::Kind::memo && !memo) text += "\\midrule\n";
    memo = memo || row.kind == Row::Kind::memo;
    for (std::size_t j = 0; j < row.cells.size(); ++j) {
      if (j > 0) text += " & ";
      std::string cell = text_cell(row.cells[j]);
      if (layout.broken[j] && !cell.empty()) cell = "\\raggedright " + cell;
      if (row.kind == Row::Kind::band && j == 0) cell = "\\quad " + cell;
      text += cell;
    }
    // Ragged text has a line break of its own by that name.
    text += layout.any_broken() ? " \\tabularnewline\n" : " \\\\\n";
  }
  return text;
}

std::string notes_text(const DocumentTable& table) {
  std::string text;
  for (const std::string& note : table.notes) {
    text += "\\par\\noindent{\\footnotesize " + latex_escape(note) + "}\n";
  }
  return text;
}

std::string title_of(const DocumentTable& table) {
  return latex_escape(table.title) + (table.unit.empty() ? "" : ", " + latex_escape(table.unit));
}

std::string tabular(const DocumentTable& table) {
  const ColumnLayout layout = column_layout(table);
  return fmt::format(
      "\\begin{{tabular}}{{{}}}\n\\toprule\n{}\\midrule\n{}\\bottomrule\n"
      "\\end{{tabular}}\n",
      layout.types, head_rows(table), body_rows(table, layout));
}

// A table of the report: not a float, so that it stands where the text speaks of it.
std::string table_in_text(const DocumentTable& table) {
  const ColumnLayout layout = column_layout(table);
  const std::string size =
      layout.any_broken() || table.columns.size() > 6 ? "\\footnotesize" : "\\small";
  if (table.rows.size() <= kLongest) {
    return fmt::format(
        "\\begin{{table}}[htbp]\n\\raggedright\\textbf{{{}}}\\par\\smallskip\n{{{}\\setlength"
        "{{\\tabcolsep}}{{4pt}}%\n{}}}{}\\end{{table}}\n\n",
        title_of(table), size, tabular(table), notes_text(table));
  }
  return fmt::format(
      "\\bigskip\\noindent\\textbf{{{}}}\n{{{}\\setlength{{\\tabcolsep}}{{4pt}}\\setlength"
      "{{\\LTleft}}{{0pt}}\n\\begin{{longtable}}{{{}}}\n\\toprule\n{}\\midrule\n\\endhead\n"
      "\\bottomrule\n\\endfoot\n{}\\end{{longtable}}}}\n{}\n",
      title_of(table), size, layout.types, head_rows(table), body_rows(table, layout),
      notes_text(table));
}

struct BlockLatex {
  bool with_figures;

  std::string operator()(const Paragraph& paragraph) const {
    return (paragraph.warning ? "\\textbf{Warning:} " : "") + latex_escape(paragraph.text) + "\n\n";
  }
  std::string operator()(const BulletList& list) const {
    std::string text = "\\begin{itemize}\n";
    for (const std::string& item : list.items) text += "\\item " + latex_escape(item) + "\n";
    return text + "\\end{itemize}\n\n";
  }
  std::string operator()(const DocumentTable& table) const { return table_in_text(table); }
  std::string operator()(const DocumentFigure& figure) const {
    if (!with_figures || !figure.drawn) return "";
    return fmt::format(
        "\\begin{{figure}}[htbp]\n\\centering\n\\includegraphics[width=\\linewidth,height="
        "0.8\\textheight,keepaspectratio]{{figures/{}.pdf}}\n\\par\\footnotesize {}\n"
        "\\end{{figure}}\n\n",
        figure.name, latex_escape(figure.caption));
  }
};

// The fonts that hold Hangul, Greek and Latin, best first; the engine takes the first it finds.
constexpr std::string_view kUnicodePreamble =
    R"tex(% Holds characters beyond Latin: compile with xelatex or lualatex.
\documentclass[11pt,a4paper]{article}
\ifdefined\Umathchar\else\ifdefined\XeTeXversion\else
  \errmessage{This report holds characters that pdflatex cannot set: use xelatex or lualatex}
\fi\fi
\usepackage{fontspec}
\IfFontExistsTF{Noto Serif CJK KR}{\setmainfont{Noto Serif CJK KR}}{%
\IfFontExistsTF{NanumMyeongjo}{\setmainfont{NanumMyeongjo}}{%
\IfFontExistsTF{UnBatang}{\setmainfont{UnBatang}}{%
\IfFontExistsTF{NanumGothic}{\setmainfont{NanumGothic}}{%
\IfFontExistsTF{DejaVu Serif}{\setmainfont{DejaVu Serif}}{}}}}}
\ifdefined\XeTeXlinebreaklocale\XeTeXlinebreaklocale "ko"\fi
)tex";
constexpr std::string_view kLatinPreamble = R"tex(\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
% Outline fonts where they are installed: the default ones are bitmaps in this encoding.
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
)tex";
constexpr std::string_view kPackages = R"tex(\usepackage{booktabs}
\usepackage{longtable}
\usepackage{graphicx}
\usepackage[margin=20mm]{geometry}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt plus 2pt}
\setlength{\emergencystretch}{3em}
\sloppy
% Tables and figures stay near their text, however many there are.
\setcounter{topnumber}{9}\setcounter{bottomnumber}{9}\setcounter{totalnumber}{18}
\renewcommand{\topfraction}{.95}\renewcommand{\bottomfraction}{.95}
\renewcommand{\textfraction}{.03}\renewcommand{\floatpagefraction}{.6}
)tex";

}  // namespace

std::string latex_escape(std::string_view text) {
  constexpr int kRun = 20;  // a word that is longer (a hash, a path) may be broken
  std::string result;
  int run = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view character = character_at(text, i);
    i += character.size();
    if (character == " " || run == kRun) {
      if (run == kRun) result += "\\allowbreak{}";
      run = 0;
    }
    ++run;
    if (const NamedCharacter* name = named(character)) {
      result += name->tex;
    } else if (const std::string_view escaped = ascii_escape(character[0]); !escaped.empty()) {
      result += escaped;
    } else if (character == "-" && !result.empty() && result.back() == '-') {
      result += "{}-";  // "--" would become a dash
    } else {
      result += character;
    }
  }
  return result;
}

bool needs_unicode_tex(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view character = character_at(text, i);
    i += character.size();
    // Two bytes up to U+017F: Latin-1 and Latin Extended-A, which T1 fonts have.
    const auto lead = static_cast<unsigned char>(character[0]);
    if (lead >= 0xC6 && named(character) == nullptr) return true;
  }
  return false;
}

bool needs_unicode_tex(const Document& document) {
  return needs_unicode_tex(latex_report(document, true));
}

std::string latex_table(const DocumentTable& table) {
  std::string text =
      "% " + title_of(table) + "\n% Needs \\usepackage{booktabs}.\n" + tabular(table);
  for (const std::string& note : table.notes) text += "% " + latex_escape(note) + "\n";
  return text;
}

std::string latex_report(const Document& document, bool with_figures) {
  std::string body = fmt::format(
      "\\begin{{document}}\n\\begin{{center}}\n{{\\Large\\bfseries {}\\par}}\n\\smallskip\n{}\n"
      "\\end{{center}}\n\n",
      latex_escape(document.title), latex_escape(document.subtitle));
  for (const DocumentSection& section : document.sections) {
    body += fmt::format("\\section*{{{}}}\n\n", latex_escape(section.title));
    for (const DocumentBlock& block : section.blocks) {
      body += std::visit(BlockLatex{with_figures}, block);
    }
    body += "\\clearpage\n\n";
  }
  body += "\\end{document}\n";
  return std::string(needs_unicode_tex(body) ? kUnicodePreamble : kLatinPreamble) +
         std::string(kPackages) + body;
}

}  // namespace amnok
