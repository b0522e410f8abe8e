// A report as data: sections of paragraphs, lists, tables with typed cells and figures, and the
// facts that sentences are made from. Writers (markdown, LaTeX, Excel) are pure functions of it; it
// is kept in the run folder as report.json, so that a report needs neither data nor config.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// A number with all its digits, and how many of them are printed. Marks refer to footnotes.
struct NumberCell {
  double value = 0;
  int decimals = 0;
  std::string marks{};
};
struct IntervalCell {
  double low = 0, high = 0;
  int decimals = 0;
};
using TableCell = std::variant<std::monostate, std::string, NumberCell, IntervalCell>;

struct TableColumn {
  std::string title;
  std::string group{};  // "actual", "projection": neighbours of one group stand under one head
  bool text = false;    // holds words: to the left, and broken where long
};

struct DocumentTable {
  std::string id;  // a name for files and sheets: annual_imports
  std::string title, unit{};
  std::vector<TableColumn> columns{};
  struct Row {
    std::vector<TableCell> cells{};  // as many as there are columns
    enum class Kind { plain, band, memo } kind = Kind::plain;
  };
  std::vector<Row> rows{};
  std::vector<std::string> notes{};
};

struct Paragraph {
  std::string text;
  bool warning = false;
};
struct BulletList {
  std::vector<std::string> items;
};
struct DocumentFigure {
  std::string name, title, caption;  // figures/NAME.gp draws it
  bool drawn = true;
};
using DocumentBlock = std::variant<Paragraph, BulletList, DocumentTable, DocumentFigure>;

struct DocumentSection {
  std::string id, title;
  std::vector<DocumentBlock> blocks{};
};

// One finding, with all that a sentence about it needs.
struct Fact {
  enum class Kind {
    recorded,
    recorded_year,
    projection,
    projected_year,
    effect,
    past_effect,  // of an event that has happened, against what would have been
    answer,       // to a question of the study: `label` is the sentence
    coefficient
  };
  Kind kind = Kind::projection;
  std::string variable, label, unit;
  std::string scenario, scenario_label;  // empty: none
  std::string against, against_label;    // of effects; of past ones: the analysis
  // Of effects: level, percent, cumulative; of past ones: average, total; of years: sum, mean, last;
  // of answers: probability, solved.
  std::string measure;
  std::string date;
  double value = kMissing;  // the median of projections and effects, the mean of the mixture
  double low = kMissing, high = kMissing;
  int coverage = 90;  // of [low, high], in per cent
  int decimals = 0;
  std::string note;  // what is special: "April to December are estimates"
};

struct Provenance {
  std::string program;  // amnok 0.1.0
  std::string config, config_sha256;
  std::string frequency, sample, horizon;
  int draws = 0;
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> inputs;  // file, sha256
  struct Origin {
    std::string series, label, file, column, title, publisher, licence, vintage;
  };
  std::vector<Origin> origins;
};

struct Document {
  std::string title, subtitle;
  std::vector<DocumentSection> sections;
  std::vector<Fact> facts;
  Provenance provenance;
};

// A cell as it is printed: "39", "39 e", "[11, 87]"; empty: blank.
std::string printed(const TableCell& cell);
// A number to so many decimals, zero without a sign; "..": there is none.
std::string printed(double value, int decimals);

// Intervals as numbers of their own, for programs that calculate: a column of intervals becomes two
// columns, a row of them two rows.
DocumentTable spread_intervals(const DocumentTable& table);

std::vector<const DocumentTable*> tables_of(const Document& document);
std::vector<const DocumentFigure*> figures_of(const Document& document);

std::string_view fact_kind_name(Fact::Kind kind);
std::optional<Fact::Kind> parse_fact_kind(std::string_view name);

}  // namespace amnok
