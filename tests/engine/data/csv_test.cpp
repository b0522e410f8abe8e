#include "engine/data/csv.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace amnok {

namespace {

std::vector<std::string> problems_of(const std::string& text) {
  ProblemList problems;
  const CsvTable table = parse_csv(text, "t.csv", problems);
  for (std::size_t row = 0; row < table.rows(); ++row) number_cell(table, row, 1, problems);
  std::vector<std::string> result;
  for (const InputProblem& p : problems.all()) result.push_back(format_problem(p));
  return result;
}

}  // namespace

TEST_CASE("csv: quotes, commas and line ends inside cells") {
  ProblemList problems;
  const CsvTable table =
      parse_csv("date,value,note\r\n2020-01,1.5,\"a, \"\"b\"\"\"\r\n2020-02,2,\"two\nlines\"\r\n",
                "t.csv", problems);
  REQUIRE_FALSE(problems.has_errors());
  REQUIRE(table.rows() == 2);
  CHECK(table.cell(0, 2) == "a, \"b\"");
  CHECK(table.cell(1, 2) == "two\nlines");
  CHECK(table.where(1).line == 3);
}

TEST_CASE("csv: a byte-order mark is dropped") {
  ProblemList problems;
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBF"
      "date,value\n2020,1\n",
      "t.csv", problems);
  CHECK(table.column("date") == 0);
}

TEST_CASE("csv: empty cells and NA are missing") {
  ProblemList problems;
  const CsvTable table = parse_csv("date,value\n2020,\n2021,NA\n2022,3\n", "t.csv", problems);
  CHECK_FALSE(number_cell(table, 0, 1, problems));
  CHECK_FALSE(number_cell(table, 1, 1, problems));
  CHECK(number_cell(table, 2, 1, problems) == 3.0);
  CHECK_FALSE(problems.has_errors());
}

TEST_CASE("csv: text in a number names the cell") {
  const auto found = problems_of("date,value\n2020,abc\n");
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("t.csv:2:6: error: value is `abc`, but must be a number or empty") == 0);
}

TEST_CASE("csv: decimal commas and thousands separators are told apart") {
  CHECK(problems_of("date,value\n2020,\"1,5\"\n")[0].find("write a decimal point") !=
        std::string::npos);
  CHECK(problems_of("date,value\n2020,\"1,234\"\n")[0].find("thousands separator") !=
        std::string::npos);
  CHECK(problems_of("date,value\n2020,\"1,234.5\"\n")[0].find("thousands separator") !=
        std::string::npos);
  CHECK(problems_of("date,value\n2020,1 234\n")[0].find("without spaces") != std::string::npos);
}

TEST_CASE("csv: infinities are no figures") {
  CHECK(problems_of("date,value\n2020,inf\n").size() == 1);
}

TEST_CASE("csv: an empty file, another separator, repeated names") {
  CHECK(problems_of("")[0].find("the file is empty") != std::string::npos);
  CHECK(problems_of("date;value\n2020;1\n")[0].find("separated by `;`") != std::string::npos);
  CHECK(problems_of("date,date\n2020,1\n")[0].find("stands twice") != std::string::npos);
}

TEST_CASE("csv: rows of the wrong length are all named") {
  const auto found = problems_of("date,value\n2020,1,2\n2021\n2022,3\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].find("t.csv:2:8: error: 3 cells, but the header names 2") == 0);
  CHECK(found[1].find("t.csv:3:5: error: 1 cells") == 0);
}

TEST_CASE("csv: an unclosed quote has its line") {
  CHECK(problems_of("date,value\n2020,\"1\n2021,2\n")[0].find("t.csv:2:6: error: a quote") == 0);
}

TEST_CASE("csv: a stray quote has its column") {
  CHECK(problems_of("date,value\n2020,1\"2\n")[0].find("t.csv:2:7: error: a quote stands") == 0);
}

TEST_CASE("csv: commas in numbers are read by the whole column, or called unclear") {
  const std::string head = "date,value\n2020,\"21,288\"\n";
  CHECK(problems_of(head)[0].find("write 21.288 or 21288") != std::string::npos);
  CHECK(problems_of(head + "2021,\"3,5\"\n")[0].find("decimal point") != std::string::npos);
  CHECK(problems_of(head + "2021,\"1,234,567\"\n")[0].find("thousands separator") !=
        std::string::npos);
}

TEST_CASE("csv: a quoted cell has its column and caret") {
  const std::string found = problems_of("date,value\n2020,\"x,y\"\n")[0];
  CHECK(found.find("t.csv:2:6: error: value is `x,y`") == 0);
  CHECK(found.find("      |      ^~~~~") != std::string::npos);
}

TEST_CASE("csv: blank lines do not move places") {
  const auto found = problems_of("date,value\n\n2020,abc\n   \n\n2021,x\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].find("t.csv:3:6: error") == 0);
  CHECK(found[1].find("t.csv:6:6: error") == 0);
}

TEST_CASE("csv: rows one by one are those of the table") {
  const std::string text =
      "\xEF\xBB\xBF"
      "date,value,note\r\n\r\n2020-01, 1.5 ,\"a, \"\"b\"\"\"\r\n2020-02,2,\"two\nlines\"\n2021";
  std::istringstream input(text);
  std::vector<CsvRow> rows;
  REQUIRE(for_each_csv_row(input, [&](const CsvRow& row) { rows.push_back(row); }));
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].cells == std::vector<std::string>{"date", "value", "note"});
  CHECK(rows[1].cells == std::vector<std::string>{"2020-01", "1.5", "a, \"b\""});
  CHECK(rows[2].cells == std::vector<std::string>{"2020-02", "2", "two\nlines"});
  CHECK(rows[3].cells == std::vector<std::string>{"2021"});
  CHECK(rows[1].line == 3);
  CHECK(rows[2].line == 4);
  CHECK(rows[3].line == 6);
  for (const std::string broken : {"a,b\n1,\"2\n", "a,b\n1,2\"3\n"}) {
    std::istringstream again(broken);
    CHECK_FALSE(for_each_csv_row(again, [](const CsvRow&) {}));
  }
}

TEST_CASE("csv: fields are quoted when they must be") {
  CHECK(csv_field("plain") == "plain");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("say \"x\"") == "\"say \"\"x\"\"\"");
}

}  // namespace amnok
