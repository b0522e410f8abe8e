#include "engine/report/regression_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/report/numbers.h"
#include "engine/report/result_table.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

using Row = RegressionTable::Row;
using RowKind = RegressionTable::RowKind;

constexpr const char* kIntercept = "intercept";

// The tests that a table shows, in its order.
struct NamedTest {
  const char *name, *label;
};
constexpr NamedTest kTests[] = {{"breusch_godfrey", "Breusch-Godfrey"},
                                {"ljung_box", "Ljung-Box"},
                                {"wooldridge_within", "Wooldridge"},
                                {"breusch_pagan_koenker", "Breusch-Pagan"},
                                {"reset", "RESET"},
                                {"jarque_bera", "Jarque-Bera"},
                                {"cusum", "CUSUM"},
                                {"effects_f", "F of units"},
                                {"pesaran_cd", "Pesaran CD"}};

// Decimals that show three significant digits of a standard error.
int decimals_of(double std_error) {
  return std::clamp(2 - static_cast<int>(std::floor(std::log10(std_error))), 0, 10);
}

std::string stars_of(double p) {
  if (!(p < 0.10)) return "";
  return p < 0.01 ? "***" : p < 0.05 ? "**" : "*";
}

struct Cells {
  std::string estimate, error;
};

Cells cells_of(double estimate, double std_error, double p, bool stars) {
  if (!(std_error > 0) || !std::isfinite(std_error)) {
    return {format_significant(estimate, 4), "(-)"};
  }
  const int decimals = decimals_of(std_error);
  return {fmt::format("{:.{}f}", estimate, decimals) + (stars ? stars_of(p) : ""),
          fmt::format("({:.{}f})", std_error, decimals)};
}

// What an equation explains: its algebra left of the equals sign.
std::string target_of(const FitResult& fit) {
  return std::string(trim(std::string_view(fit.equation).substr(0, fit.equation.find(" = "))));
}

double panel_measure(const FitResult& fit, const std::string& measure) {
  for (const TableRow& row : rows_of(fit, "panel")) {
    if (row.text("measure") == measure) return row.number("value");
  }
  return kMissing;
}

class Builder {
 public:
  Builder(const std::vector<const FitResult*>& fits, bool stars) : fits_(fits), stars_(stars) {
    for (const FitResult* fit : fits) {
      table_.names.push_back(fit->name);
      table_.targets.push_back(target_of(*fit));
    }
    add_coefficients();
    add_long_run();
    add_long_run_methods();
    add_measures();
    add_tests();
    add_bounds();
    add_instruments();
    add_notes();
  }

  RegressionTable take() { return std::move(table_); }

 private:
  Row blank(const std::string& label, RowKind kind) const {
    return {kind, label, std::vector<std::string>(fits_.size()), false};
  }

  void add_pair(Row estimates, Row below, bool first = false) {
    estimates.first = first;
    table_.rows.push_back(std::move(estimates));
    table_.rows.push_back(std::move(below));
  }

  std::vector<std::string> coefficient_names() const {
    std::vector<std::string> names;
    for (const FitResult* fit : fits_) {
      if (!fit->usable()) continue;
      for (const std::string& name : fit->parameters.names()) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    std::stable_partition(names.begin(), names.end(),
                          [](const std::string& name) { return name != kIntercept; });
    return names;
  }

  void add_coefficients() {
    for (const std::string& name : coefficient_names()) {
      Row estimates = blank(name, RowKind::number), errors = blank("", RowKind::number);
      for (std::size_t i = 0; i < fits_.size(); ++i) {
        if (!fits_[i]->usable()) continue;
        for (const Coefficient& c : coefficient_table(*fits_[i])) {
          if (c.name != name) continue;
          const Cells cells = cells_of(c.estimate, c.std_error, c.p_value, stars_);
          estimates.cells[i] = cells.estimate;
          errors.cells[i] = cells.error;
        }
      }
      add_pair(std::move(estimates), std::move(errors));
    }
  }

  // Of dynamic equations: their table `long_run`, with the set to report.
  void add_long_run() {
    std::vector<std::string> terms;
    for (const FitResult* fit : fits_) {
      for (const TableRow& row : rows_of(*fit, "long_run")) {
        const std::string term = row.text("term");
        if (std::find(terms.begin(), terms.end(), term) == terms.end()) terms.push_back(term);
      }
    }
    if (terms.empty()) return;
    Row heading = blank("Long run", RowKind::heading);
    heading.first = true;
    table_.rows.push_back(std::move(heading));
    for (const std::string& term : terms) {
      Row estimates = blank(term, RowKind::number), sets = blank("", RowKind::number);
      for (std::size_t i = 0; i < fits_.size(); ++i) {
        for (const TableRow& row : rows_of(*fits_[i], "long_run")) {
          if (row.text("term") != term) continue;
          estimates.cells[i] =
              cells_of(row.number("estimate"), row.number("delta_std_error"), kMissing, false)
                  .estimate;
          sets.cells[i] = row.text("fieller95");
        }
      }
      add_pair(std::move(estimates), std::move(sets));
    }
    table_.notes.emplace_back("Long run: 95 % Fieller sets below the estimates.");
  }

  // Of equations whose cointegration was asked about: the long run by other estimators.
  void add_long_run_methods() {
    const auto label = [](const TableRow& row) {
      return row.text("term") + ", " + row.text("method");
    };
    const auto shown = [](const TableRow& row) {
      return std::isfinite(row.number("std_error")) && row.text("method").rfind("ARDL", 0) != 0;
    };
    std::vector<std::string> labels;
    for (const FitResult* fit : fits_) {
      for (const TableRow& row : rows_of(*fit, "long_run_methods")) {
        const bool known = std::find(labels.begin(), labels.end(), label(row)) != labels.end();
        if (shown(row) && !known) labels.push_back(label(row));
      }
    }
    if (labels.empty()) return;
    Row heading = blank("Long run by other methods", RowKind::heading);
    heading.first = true;
    table_.rows.push_back(std::move(heading));
    for (const std::string& name : labels) {
      Row estimates = blank(name, RowKind::number), errors = blank("", RowKind::number);
      for (std::size_t i = 0; i < fits_.size(); ++i) {
        for (const TableRow& row : rows_of(*fits_[i], "long_run_methods")) {
          if (!shown(row) || label(row) != name) continue;
          const Cells cells =
              cells_of(row.number("estimate"), row.number("std_error"), kMissing, false);
          estimates.cells[i] = cells.estimate;
          errors.cells[i] = cells.error;
        }
      }
      add_pair(std::move(estimates), std::move(errors));
    }
  }

  void add_measures() {
    Row observations = blank("Observations", RowKind::number),
        units = blank("Units", RowKind::number), r2 = blank("R2", RowKind::number),
        sample = blank("Sample", RowKind::text);
    bool panels = false;
    for (std::size_t i = 0; i < fits_.size(); ++i) {
      const FitResult& fit = *fits_[i];
      if (!fit.usable()) continue;
      const double all = panel_measure(fit, "observations"), n = panel_measure(fit, "units");
      const bool panel = !std::isnan(all);
      panels = panels || panel;
      observations.cells[i] = fmt::format("{:.0f}", panel ? all : fit.nobs);
      if (panel) units.cells[i] = fmt::format("{:.0f}", n);
      const double share = panel ? panel_measure(fit, "R2 within") : fit.r2;
      if (!std::isnan(share)) r2.cells[i] = fmt::format("{:.3f}", share);
      sample.cells[i] = format_range(fit.sample);
    }
    observations.first = true;
    table_.rows.push_back(std::move(observations));
    if (panels) table_.rows.push_back(std::move(units));
    table_.rows.push_back(std::move(r2));
    table_.rows.push_back(std::move(sample));
    if (panels) table_.notes.emplace_back("R2 of panels: within units.");
  }

  // Rows under a heading; those that no equation has are left out, and the heading without any.
  void add_block(const std::string& heading, std::vector<Row> rows) {
    std::erase_if(rows, [](const Row& row) {
      return std::all_of(row.cells.begin(), row.cells.end(),
                         [](const std::string& cell) { return cell.empty(); });
    });
    if (rows.empty()) return;
    Row first = blank(heading, RowKind::heading);
    first.first = true;
    table_.rows.push_back(std::move(first));
    for (Row& row : rows) table_.rows.push_back(std::move(row));
  }

  void add_tests() {
    std::vector<Row> rows;
    for (const NamedTest& test : kTests) {
      std::set<int> lags;
      for (const FitResult* fit : fits_) {
        for (const Diagnostic& d : fit->diagnostics) {
          if (d.name == test.name) lags.insert(d.lag);
        }
      }
      for (int lag : lags) {
        Row row = blank(lag > 0 && std::string(test.name) != "wooldridge_within"
                            ? fmt::format("{} ({})", test.label, lag)
                            : test.label,
                        RowKind::number);
        for (std::size_t i = 0; i < fits_.size(); ++i) {
          for (const Diagnostic& d : fits_[i]->diagnostics) {
            if (d.name == test.name && d.lag == lag && std::isfinite(d.p_value)) {
              row.cells[i] = p_text(d.p_value);
            }
          }
        }
        rows.push_back(std::move(row));
      }
    }
    add_block("Tests, p-values", std::move(rows));
  }

  // Of dynamic equations: their table `bounds`.
  void add_bounds() {
    Row f = blank("F", RowKind::number), below = blank("p if I(0)", RowKind::number),
        above = blank("p if I(1)", RowKind::number);
    for (std::size_t i = 0; i < fits_.size(); ++i) {
      for (const TableRow& row : rows_of(*fits_[i], "bounds")) {
        if (row.text("statistic") != "F") continue;
        f.cells[i] = format_significant(row.number("value"), 4);
        below.cells[i] = row.text("p_if_I0");
        above.cells[i] = row.text("p_if_I1");
      }
    }
    add_block("Relation in levels, bounds test",
              {std::move(f), std::move(below), std::move(above)});
  }

  // Of equations with instruments: their table `instrument_tests`.
  void add_instruments() {
    Row strength = blank("Effective F", RowKind::number),
        wald = blank("Cragg-Donald", RowKind::number),
        over = blank("Over-identification, p", RowKind::number),
        set = blank("Anderson-Rubin 95 % set", RowKind::number);
    for (std::size_t i = 0; i < fits_.size(); ++i) {
      for (const TableRow& row : rows_of(*fits_[i], "instrument_tests")) {
        const std::string test = row.text("test");
        const auto is = [&](const char* name) { return test.rfind(name, 0) == 0; };
        if (is("effective F")) strength.cells[i] = format_significant(row.number("statistic"), 4);
        if (is("Cragg-Donald")) wald.cells[i] = format_significant(row.number("statistic"), 4);
        if ((is("Sargan") || is("Hansen J")) && std::isfinite(row.number("p"))) {
          over.cells[i] = p_text(row.number("p"));
        }
        if (is("Anderson-Rubin 95 % set")) set.cells[i] = row.text("verdict");
      }
    }
    add_block("Instruments",
              {std::move(strength), std::move(wald), std::move(over), std::move(set)});
  }

  // "Standard errors in parentheses: (1), (3) HC1; (2) Newey-West, 4 lags."
  void add_notes() {
    std::vector<std::pair<std::string, std::string>> kinds;  // errors, columns
    for (std::size_t i = 0; i < fits_.size(); ++i) {
      const FitResult& fit = *fits_[i];
      const std::string column = fmt::format("({})", i + 1);
      if (!fit.usable()) {
        table_.notes.push_back(
            fmt::format("{} {}: {}.", column, status_name(fit.status), fit.message));
        continue;
      }
      const std::string kind = fit.covariance_kind.empty() ? "none" : fit.covariance_kind;
      const auto known = std::find_if(kinds.begin(), kinds.end(),
                                      [&](const auto& entry) { return entry.first == kind; });
      if (known == kinds.end()) {
        kinds.emplace_back(kind, column);
      } else {
        known->second += ", " + column;
      }
    }
    if (!kinds.empty()) {
      std::vector<std::string> parts;
      for (const auto& [kind, columns] : kinds) {
        parts.push_back(kinds.size() == 1 ? kind : columns + " " + kind);
      }
      table_.notes.insert(table_.notes.begin(),
                          "Standard errors in parentheses: " + join(parts, "; ") + ".");
    }
    if (stars_) table_.notes.emplace_back("* p < 0.10, ** p < 0.05, *** p < 0.01.");
  }

  const std::vector<const FitResult*>& fits_;
  bool stars_;
  RegressionTable table_;
};

std::string column_number(std::size_t i) {
  return fmt::format("({})", i + 1);
}

// Rows of cells that every format begins with: numbers, names, what is explained.
std::vector<std::vector<std::string>> head_of(const RegressionTable& table) {
  std::vector<std::vector<std::string>> rows(3, {""});
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    rows[0].push_back(column_number(i));
    rows[1].push_back(table.names[i]);
    rows[2].push_back(table.targets[i]);
  }
  return rows;
}

std::vector<std::string> with_label(const Row& row) {
  std::vector<std::string> cells = {row.label};
  cells.insert(cells.end(), row.cells.begin(), row.cells.end());
  return cells;
}

std::string as_text(const RegressionTable& table) {
  const std::vector<std::vector<std::string>> head = head_of(table);
  TextTable text(head[0]);
  text.add(head[1]);
  text.add(head[2]);
  for (const Row& row : table.rows) {
    if (row.first) text.add({""});
    text.add(with_label(row));
  }
  std::string result = text.text();
  for (const std::string& note : table.notes) result += "  " + note + "\n";
  return result;
}

// Every character that Markdown may read as a mark.
std::string markdown_escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (std::string_view("\\`*_{}[]<>#|~$&").find(c) != std::string_view::npos) result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

std::string as_markdown(const RegressionTable& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + markdown_escaped(cell) + " |";
    return text + "\n";
  };
  const std::vector<std::vector<std::string>> head = head_of(table);
  std::string text = line(head[0]) + "|---|";
  for (std::size_t i = 0; i < table.names.size(); ++i) text += "---:|";
  text += "\n" + line(head[1]) + line(head[2]);
  for (const Row& row : table.rows) text += line(with_label(row));
  for (const std::string& note : table.notes) text += "\n" + markdown_escaped(note) + "\n";
  return text;
}

// A minus sign before a number, stars as a superscript.
std::string latex_number(const std::string& cell) {
  const auto stars = cell.find('*');
  const std::string number = cell.substr(0, stars);
  std::string text;
  for (std::size_t i = 0; i < number.size(); ++i) {
    const bool minus = number[i] == '-' && i + 1 < number.size() &&
                       std::isdigit(static_cast<unsigned char>(number[i + 1]));
    text += minus ? "$-$" : latex_escaped(number.substr(i, 1));
  }
  return stars == std::string::npos ? text : text + "$^{" + cell.substr(stars) + "}$";
}

// The characters of the widest cells, side by side with two between.
std::size_t columns_wide(const RegressionTable& table) {
  std::vector<std::vector<std::string>> rows = head_of(table);
  for (const Row& row : table.rows) rows.push_back(with_label(row));
  std::size_t sum = 0;
  for (std::size_t j = 0; j <= table.names.size(); ++j) {
    std::size_t widest = 0;
    for (const std::vector<std::string>& row : rows) {
      if (j < row.size()) widest = std::max(widest, row[j].size());
    }
    sum += widest + 2;
  }
  return sum;
}

std::string as_latex(const RegressionTable& table) {
  // A line that begins with [ or * would be read as an argument of the line break before it.
  const auto line = [](const std::string& label, const std::vector<std::string>& cells) {
    std::string text = "{}" + latex_escaped(label);
    for (const std::string& cell : cells) text += " & " + cell;
    return text + " \\\\\n";
  };
  std::string text = "\\begin{tabular}{l" + std::string(table.names.size(), 'c') + "}\n\\hline\n";
  for (const std::vector<std::string>& row : head_of(table)) {
    std::vector<std::string> cells;
    for (std::size_t i = 1; i < row.size(); ++i) cells.push_back(latex_escaped(row[i]));
    text += line(row[0], cells);
  }
  text += "\\hline\n";
  for (const Row& row : table.rows) {
    if (row.first) text += "\\hline\n";
    std::vector<std::string> cells;
    for (const std::string& cell : row.cells) {
      cells.push_back(row.kind == RowKind::number ? latex_number(cell) : latex_escaped(cell));
    }
    text += line(row.label, cells);
  }
  text += "\\hline\n";
  // Notes are paragraphs about as wide as the table: a character takes 0.42 em.
  const double width = 0.42 * static_cast<double>(columns_wide(table));
  for (const std::string& note : table.notes) {
    text += fmt::format("\\multicolumn{{{}}}{{p{{{:.0f}em}}}}{{\\footnotesize {}}} \\\\\n",
                        table.names.size() + 1, width, latex_escaped(note));
  }
  return text + "\\end{tabular}\n";
}

std::string as_csv(const RegressionTable& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::vector<std::string> fields;
    for (const std::string& cell : cells) fields.push_back(csv_field(cell));
    return join(fields, ",") + "\n";
  };
  std::string text;
  for (const std::vector<std::string>& row : head_of(table)) text += line(row);
  for (const Row& row : table.rows) text += line(with_label(row));
  for (const std::string& note : table.notes) text += line({note});
  return text;
}

}  // namespace

RegressionTable regression_table(const std::vector<const FitResult*>& fits, bool stars) {
  return Builder(fits, stars).take();
}

std::optional<TableFormat> parse_table_format(const std::string& name) {
  if (name.empty() || name == "text") return TableFormat::text;
  if (name == "md") return TableFormat::markdown;
  if (name == "latex") return TableFormat::latex;
  if (name == "csv") return TableFormat::csv;
  return {};
}

std::string format_table(const RegressionTable& table, TableFormat format) {
  switch (format) {
    case TableFormat::markdown:
      return as_markdown(table);
    case TableFormat::latex:
      return as_latex(table);
    case TableFormat::csv:
      return as_csv(table);
    case TableFormat::text:
      break;
  }
  return as_text(table);
}

std::string latex_escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '\\':
        result += "\\textbackslash{}";
        break;
      case '~':
        result += "\\textasciitilde{}";
        break;
      case '^':
        result += "\\textasciicircum{}";
        break;
      case '<':
        result += "\\textless{}";
        break;
      case '>':
        result += "\\textgreater{}";
        break;
      case '|':
        result += "\\textbar{}";
        break;
      case '{':
      case '}':
      case '_':
      case '&':
      case '%':
      case '#':
      case '$':
        result += '\\';
        result += c;
        break;
      case '\n':
      case '\r':
        result += ' ';
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace amnok
