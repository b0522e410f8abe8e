// The document and its writers: golden files, hostile labels, same bytes twice.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/report/document_json.h"
#include "engine/report/latex_report.h"
#include "engine/report/markdown_report.h"
#include "engine/report/report_files.h"
#include "engine/report/tool.h"
#include "engine/report/word_report.h"
#include "engine/report/xlsx_report.h"
#include "tests/support/message_of.h"
#include "tests/support/program.h"
#include "tests/support/sample_document.h"

namespace amnok {

namespace {

std::string golden(const std::string& name) {
  return read_file(source_path("tests/golden/report/" + name));
}

// A member of a zip archive; empty without unzip.
std::string unzipped(const std::string& archive, const std::string& member) {
  std::string text;
  FILE* pipe = popen(("unzip -p '" + archive + "' '" + member + "' 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return text;
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  pclose(pipe);
  return text;
}

}  // namespace

TEST_CASE("document: numbers are printed to their decimals, without a signed zero") {
  CHECK(printed(-0.04, 1) == "0.0");
  CHECK(printed(-0.06, 1) == "-0.1");
  CHECK(printed(kMissing, 1) == "..");
  CHECK(printed(TableCell(NumberCell{12.25, 1, "e"})) == "12.2 e");
  CHECK(printed(TableCell(IntervalCell{-3.5, 2.5, 0})) == "[-4, 2]");
}

TEST_CASE("document: intervals become two rows or two columns of numbers") {
  const Document document = sample_document();
  const auto tables = tables_of(document);
  REQUIRE(tables.size() == 2);
  const DocumentTable rows = spread_intervals(*tables[0]);
  CHECK(rows.columns.size() == 4);
  REQUIRE(rows.rows.size() == 5);
  CHECK(printed(rows.rows[2].cells[0]) == "90 % band, low");
  CHECK(std::get<NumberCell>(rows.rows[3].cells[3]).value == 8);
  const DocumentTable columns = spread_intervals(*tables[1]);
  REQUIRE(columns.columns.size() == 5);
  CHECK(columns.columns[2].title == "95 % interval, low");
  CHECK(std::get<NumberCell>(columns.rows[0].cells[3]).value == 0.646);
}

TEST_CASE("document: report.json reads back as the same document") {
  for (const bool hangul : {false, true}) {
    const std::string text = document_json(sample_document(hangul));
    const Document again = parse_document(text, "report.json");
    CHECK(document_json(again) == text);
    CHECK(again.facts.size() == 2);
    CHECK(again.facts[0].low == 119.2);
    CHECK(std::isnan(again.facts[1].low));
  }
}

TEST_CASE("document: what is no report is told by name") {
  CHECK_THAT(message_of([] { parse_document("{]", "x/report.json"); }),
             Catch::Contains("x/report.json is not a report"));
  CHECK_THAT(message_of([] { parse_document(R"({"format": "other/2"})", "r"); }),
             Catch::Contains("format of r is \"other/2\", but must be amnok-report/1"));
  CHECK_THAT(message_of([] { parse_document(R"({"format": "amnok-report/1"})", "r"); }),
             Catch::Contains("r is not a report"));
}

TEST_CASE("markdown: the golden file, and hostile labels stay text") {
  const std::string text = markdown_report(sample_document());
  CHECK(text == golden("report.md"));
  CHECK(text.find("<script>") == std::string::npos);
  CHECK(markdown_escape("- a") == "\\- a");
  CHECK(markdown_escape("-12.5") == "-12.5");
  CHECK(markdown_escape("2022. A year") == "2022\\. A year");
}

TEST_CASE("latex: the golden files, and hostile labels stay text") {
  const Document document = sample_document();
  CHECK(latex_report(document) == golden("report.tex"));
  CHECK(latex_table(*tables_of(document)[0]) == golden("annual_m.tex"));
  CHECK(latex_escape(R"(\_{}%&#$~^<)") ==
        "\\textbackslash{}\\_\\allowbreak{}\\{\\}\\%\\&\\#\\$\\textasciitilde{}\\textasciicircum{}"
        "\\textless{}");
  CHECK(latex_escape("--") == "-{}-");
}

TEST_CASE("latex: Hangul and Greek ask for an engine that has them, Latin does not") {
  CHECK(!needs_unicode_tex("Curaçao, Łódź – “½” × 3 ≥ 2…"));
  CHECK(needs_unicode_tex("압록"));
  CHECK(needs_unicode_tex("α"));
  CHECK(!needs_unicode_tex(sample_document()));
  CHECK(needs_unicode_tex(sample_document(true)));
}

TEST_CASE("xlsx: two writes give the same bytes") {
  const TemporaryFolder folder;
  write_xlsx(sample_document(true), folder.path() + "/a.xlsx");
  write_xlsx(sample_document(true), folder.path() + "/b.xlsx");
  CHECK(folder.read("a.xlsx") == folder.read("b.xlsx"));
  CHECK(folder.read("a.xlsx").substr(0, 2) == "PK");
}

TEST_CASE("xlsx: numbers are numbers with all their digits, labels are text") {
  if (!has_tool("unzip")) {
    WARN("skipped: unzip is not installed");
    return;
  }
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/a.xlsx";
  write_xlsx(sample_document(true), file);
  const std::string sheet = unzipped(file, "xl/worksheets/sheet2.xml");
  for (const char* value : {"<v>1234.567</v>", "<v>-0.04</v>", "<v>-12.25</v>", "<v>-20</v>"}) {
    CHECK_THAT(sheet, Catch::Contains(value));
  }
  const std::string strings = unzipped(file, "xl/sharedStrings.xml");
  CHECK_THAT(strings, Catch::Contains("수입 (imports)") && Catch::Contains("&lt;script&gt;") &&
                          Catch::Contains("2026-06") && Catch::Contains(std::string(64, 'b')));
  CHECK_THAT(sheet, Catch::Contains("fitToHeight=\"0\"") && Catch::Contains("landscape"));
  CHECK_THAT(unzipped(file, "xl/styles.xml"), Catch::Contains("0.0&quot; e&quot;"));
  CHECK_THAT(unzipped(file, "xl/workbook.xml"),
             Catch::Contains("notes") && Catch::Contains("annual_m") && Catch::Contains("facts"));
}

TEST_CASE("xlsx: sheet names are those that Excel takes") {
  const std::vector<std::string> names =
      sheet_names({"a/b", "A/B", std::string(40, 'x'), std::string(40, 'x') + "y", "", "'q'"});
  CHECK(names == std::vector<std::string>{"a_b", "A_B~2", std::string(31, 'x'),
                                          std::string(29, 'x') + "~2", "table", "_q_"});
}

TEST_CASE("xlsx: a folder that is not there is an input error") {
  CHECK_THAT(message_of([] { write_xlsx(sample_document(), "/nowhere/at/all.xlsx"); }),
             Catch::Contains("cannot write /nowhere/at/all.xlsx"));
}

TEST_CASE("report files: pdf of hostile labels by TeX, with and without Hangul", "[slow]") {
  const TemporaryFolder folder;
  const std::string run = folder.path(), out = folder.path() + "/out";
  for (const bool hangul : {false, true}) {
    const WrittenReport written = write_report_files(sample_document(hangul), run, out, {"pdf"});
    const bool engine =
        has_tool("xelatex") || has_tool("lualatex") || (!hangul && has_tool("pdflatex"));
    if (!engine) {
      WARN("skipped: TeX is not installed");
      CHECK(written.files.empty() == !written.problems.empty());
      continue;
    }
    INFO((written.problems.empty() ? "" : written.problems[0].message));
    REQUIRE(written.problems.empty());
    CHECK(folder.read("out/report.pdf").substr(0, 5) == "%PDF-");
    if (!has_tool("pdftotext")) continue;
    const std::string command = fmt::format("cd '{}' && pdftotext -raw report.pdf text", out);
    REQUIRE(std::system(command.c_str()) == 0);
    // Lines are broken anywhere, and straight quotes are set as such or as curly ones.
    std::string text;
    for (char c : folder.read("out/text")) {
      if (c != '\n' && c != ' ' && c != '\f') text += c;
    }
    CHECK_THAT(text, Catch::Contains("50%ofa_b&c#d$e{f}~g^h\\i<script>alert("));
    if (hangul) CHECK_THAT(text, Catch::Contains("수입"));
  }
}

TEST_CASE("word: columns are as wide as their words, and share the line where it is short") {
  DocumentTable table;
  table.columns = {{"variable", "", true}, {"median"}, {"90 % band"}, {"why", "", true}};
  table.rows = {{{std::string("Imports"), NumberCell{12.3, 1}, IntervalCell{3696, 13709, 0},
                  std::string("short words")}}};
  const std::vector<double> roomy = column_shares(table);
  REQUIRE(roomy.size() == 4);
  CHECK(roomy[0] + roomy[1] + roomy[2] + roomy[3] < 0.7);
  CHECK(roomy[2] == Approx(15 / 98.0));
  // Prose takes what is left, and an interval stays in one line.
  table.rows[0].cells[3] = std::string(40, 'x') + std::string(160, ' ') + "end";
  const std::vector<double> full = column_shares(table);
  CHECK(full[0] + full[1] + full[2] + full[3] == Approx(1));
  CHECK(full[2] == Approx(roomy[2]));
  CHECK(full[3] > 0.5);
  // The head of a group widens its first column alone.
  table.columns[1].group = table.columns[2].group = "projections";
  const std::vector<double> grouped = column_shares(table);
  CHECK(grouped[1] == Approx(13 / 98.0));
  CHECK(grouped[2] == Approx(15 / 98.0));
}

TEST_CASE("latex: a table of many columns stays inside the page") {
  DocumentTable table;
  table.id = "wide";
  table.title = "Wide";
  const std::string label = "Exchange rate, mean of reported markets",
                    name = "Restriction continues";
  table.columns = {{"variable", "", true}, {"unit", "", true},    {"expected"},
                   {"90 % band"},          {"highest median"},    {"scenario", "", true},
                   {"lowest median"},      {"scenario", "", true}};
  table.rows = {
      {{label, std::string("KPW per USD"), NumberCell{7179, 0}, IntervalCell{3069, 13709, 0},
        NumberCell{6447, 0}, name, NumberCell{6447, 0}, name}}};
  // The long words of three columns are broken, not those of the first alone.
  const std::string text = latex_table(table);
  std::size_t broken = 0;
  for (std::size_t at = 0; (at = text.find("p{", at)) != std::string::npos; ++at) ++broken;
  CHECK(broken >= 3);
}

TEST_CASE("report files: docx by pandoc holds the labels, and is the same twice", "[slow]") {
  if (!has_tool("pandoc") || !has_tool("unzip")) {
    WARN("skipped: pandoc or unzip is not installed");
    return;
  }
  const TemporaryFolder folder;
  const Document document = sample_document(true);
  for (const char* out : {"/a", "/b"}) {
    const WrittenReport written =
        write_report_files(document, folder.path(), folder.path() + out, {"docx"});
    REQUIRE(written.problems.empty());
  }
  CHECK(folder.read("a/report.docx") == folder.read("b/report.docx"));
  const std::string text = unzipped(folder.path() + "/a/report.docx", "word/document.xml");
  CHECK_THAT(text, Catch::Contains("수입 (imports)") && Catch::Contains("&lt;script&gt;") &&
                       Catch::Contains("1234.6 p") && Catch::Contains("[-20.0, 8.0]"));
  // Styles of the reference document, and widths by what the columns hold.
  CHECK_THAT(text, Catch::Contains("<w:pStyle w:val=\"TableTitle\""));
  CHECK_THAT(text, Catch::Contains("11906"));
  const std::string grid = text.substr(text.find("<w:tblGrid>"));
  const std::string first = grid.substr(11, grid.find("/>") - 11);
  const std::string rest = grid.substr(grid.find("/>") + 2);
  CHECK(rest.substr(0, first.size()) != first);
}

}  // namespace amnok
