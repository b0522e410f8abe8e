// `amnok report` and `amnok explain` as a user meets them: from a run folder alone.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include <stdlib.h>

#include "engine/base/text.h"
#include "engine/report/document_json.h"
#include "engine/report/report_files.h"
#include "engine/report/tool.h"
#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// projections.csv: the median, 5 % and 95 % quantile by scenario, variable and date.
struct Band {
  double median = 0, low = 0, high = 0;
};
std::map<std::string, Band> bands_of(const std::string& csv) {
  std::map<std::string, Band> bands;
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string_view> header = split(line, ',');
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  const std::size_t date = column("date"), median = column("median"), low = column("q05"),
                    high = column("q95");
  while (std::getline(lines, line)) {
    const std::vector<std::string_view> cells = split(line, ',');
    const auto number = [&](std::size_t j) { return *parse_double(cells[j]); };
    bands[fmt::format("{} {} {}", cells[0], cells[1], cells[date])] = {number(median), number(low),
                                                                       number(high)};
  }
  return bands;
}

// The rows of one of its tables in report.md, by cells.
std::vector<std::vector<std::string>> markdown_rows(const std::string& text,
                                                    const std::string& title) {
  std::vector<std::vector<std::string>> rows;
  const auto at = text.find("**" + title);
  if (at == std::string::npos) return rows;
  std::istringstream lines(text.substr(text.find("| ", at)));
  for (std::string line; std::getline(lines, line) && starts_with(line, "|");) {
    std::vector<std::string> cells;
    for (const std::string_view cell : split(line, '|')) cells.emplace_back(trim(cell));
    rows.emplace_back(cells.begin() + 1, cells.end() - 1);
  }
  return rows;
}

}  // namespace

TEST_CASE("report: the run's own files are enough, and every figure is that of projections.csv",
          "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  for (const char* file : {"study.toml", "data.csv", "events.csv"}) fs::remove(folder + "/" + file);
  const ProgramResult result = run_program("report out --to md,latex,xlsx,html", folder);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(result.out == "out/report.md\nout/report.tex\nout/report.xlsx\nout/report.html\n");

  const auto bands = bands_of(fixture.folder.read("out/projections.csv"));
  const std::string markdown = fixture.folder.read("out/report.md"),
                    latex = fixture.folder.read("out/tables/path_m.tex");
  const auto rows = markdown_rows(markdown, "Imports, monthly, USD mn");
  REQUIRE(rows.size() > 4);
  const std::map<std::string, std::string> scenarios = {{"Closed", "stay"}, {"Open", "open"}};
  int checked = 0;
  for (std::size_t i = 3; i + 1 < rows.size(); ++i) {
    const auto scenario = scenarios.find(rows[i][0]);
    if (scenario == scenarios.end()) continue;
    for (std::size_t j = 1; j < rows[i].size(); ++j) {
      if (rows[i][j].empty()) continue;
      const Band& band = bands.at(fmt::format("{} m {}", scenario->second, rows[0][j]));
      const std::string interval = fmt::format("[{:.0f}, {:.0f}]", band.low, band.high);
      CHECK(rows[i][j] == fmt::format("{:.0f}", band.median));
      CHECK(rows[i + 1][j] == interval);
      CHECK_THAT(latex,
                 Catch::Contains(fmt::format(" {:.0f} ", band.median)) &&
                     Catch::Contains(fmt::format("{{[}}{:.0f}, {:.0f}{{]}}", band.low, band.high)));
      ++checked;
    }
  }
  CHECK(checked == 8);  // two scenarios, four periods
}

TEST_CASE("report: the workbook holds the medians of projections.csv as numbers", "[program]") {
  if (!has_tool("unzip")) {
    WARN("skipped: unzip is not installed");
    return;
  }
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  REQUIRE(run_program("report out --to xlsx", folder).exit_code == 0);
  const std::string command = fmt::format("cd '{}' && unzip -q -o out/report.xlsx -d x", folder);
  REQUIRE(std::system(command.c_str()) == 0);
  // Ten digits, as in the CSV files.
  std::set<std::string> numbers;
  for (const auto& entry : fs::directory_iterator(folder + "/x/xl/worksheets")) {
    if (!entry.is_regular_file()) continue;
    const std::string sheet = read_file(entry.path().string());
    for (auto at = sheet.find("<v>"); at != std::string::npos; at = sheet.find("<v>", at + 3)) {
      const auto value = parse_double(sheet.substr(at + 3, sheet.find('<', at + 3) - at - 3));
      if (value) numbers.insert(fmt::format("{:.10g}", *value));
    }
  }
  std::istringstream lines(fixture.folder.read("out/projections.csv"));
  std::string line;
  std::getline(lines, line);
  int checked = 0;
  while (std::getline(lines, line)) {
    const std::vector<std::string_view> cells = split(line, ',');
    ++checked;
    CHECK(numbers.count(std::string(cells[6])) == 1);  // the median
  }
  CHECK(checked == 3 * 5 * 12);
}

TEST_CASE("report: years of annual.csv stand in the report, bands of sums", "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  REQUIRE(run_program("report out --to md", folder).exit_code == 0);
  const auto rows =
      markdown_rows(fixture.folder.read("out/report.md"), "Imports, annual sums, USD mn");
  REQUIRE(rows.size() > 4);
  CHECK(rows[2][1] == "*actual*");
  CHECK(rows[2].back() == "*projection*");
  std::istringstream lines(fixture.folder.read("out/annual.csv"));
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (starts_with(line, "stay,m,USD mn,2022,sum,projection,12,0,0,0,12,0,")) found = line;
  }
  REQUIRE(!found.empty());
  const double median = *parse_double(split(found, ',')[14]);
  CHECK(rows[4].back() == fmt::format("{:.0f}", median));
}

TEST_CASE(
    "report: Word and PDF hold the figures of projections.csv, and every format is the same "
    "bytes twice",
    "[program][slow]") {
  const bool word = has_tool("pandoc") && has_tool("unzip");
  const bool pdf = has_tool("pdflatex") && has_tool("pdftotext");
  if (!word && !pdf) {
    WARN("skipped: neither pandoc nor pdflatex with pdftotext is installed");
    return;
  }
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  std::string formats = "md,latex,xlsx,html";
  if (word) formats += ",docx";
  if (pdf) formats += ",pdf";
  for (const char* name : {"a", "b"}) {
    const ProgramResult result =
        run_program(fmt::format("report out --to {} -o {}", formats, name), folder);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
  }
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/a")) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), folder + "/a").string();
    INFO(name);
    CHECK(fixture.folder.read("a/" + name) == fixture.folder.read("b/" + name));
  }
  const auto bands = bands_of(fixture.folder.read("out/projections.csv"));
  const auto holds = [&](const std::string& command) {
    REQUIRE(std::system(fmt::format("cd '{}' && {}", folder, command).c_str()) == 0);
    const std::string text = fixture.folder.read("text");
    for (const char* scenario : {"stay", "open"}) {
      for (const char* date : {"2022-03", "2022-06", "2022-09", "2022-12"}) {
        const Band& band = bands.at(fmt::format("{} m {}", scenario, date));
        const std::string interval = fmt::format("[{:.0f}, {:.0f}]", band.low, band.high);
        INFO(command << " " << scenario << " " << date);
        CHECK_THAT(
            text, Catch::Contains(fmt::format("{:.0f}", band.median)) && Catch::Contains(interval));
      }
    }
  };
  if (word) holds("unzip -q -p a/report.docx word/document.xml > text");
  if (pdf) holds("pdftotext -layout a/report.pdf text");
}

TEST_CASE("report: another folder gets figures and scripts; two reports are the same bytes",
          "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  for (const char* name : {"a", "b"}) {
    REQUIRE(
        run_program(fmt::format("report out --to md,xlsx,html -o {}", name), folder).exit_code ==
        0);
  }
  CHECK(fixture.folder.read("a/report.xlsx") == fixture.folder.read("b/report.xlsx"));
  CHECK(fixture.folder.read("a/report.md") == fixture.folder.read("b/report.md"));
  CHECK(fixture.folder.read("a/report.html") == fixture.folder.read("out/report.html"));
  CHECK(fixture.folder.has("a/figures/m.gp"));
}

TEST_CASE("report: bad input is told", "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  const ProgramResult none = run_program("report nothing", folder);
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, Catch::Contains("nothing is not a run folder with a report") &&
                           Catch::Contains("amnok run CONFIG -o nothing"));
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  const ProgramResult format = run_program("report out --to docs,word", folder);
  CHECK(format.exit_code == 2);
  CHECK_THAT(format.err, Catch::Contains("--to docs is not a format") && Catch::Contains("docx"));
  const ProgramResult query = run_program("explain out zebra", folder);
  CHECK(query.exit_code == 2);
  CHECK_THAT(query.err, Catch::Contains("\"zebra\" matches nothing in this run") &&
                            Catch::Contains("scenarios: stay, same, open"));
}

TEST_CASE("report: a missing program is named, and other formats are written", "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  const WrittenReport written =
      write_report_files(parse_document(fixture.folder.read("out/report.json"), "report.json"),
                         folder + "/out", folder + "/out", {"docx", "pdf", "md"});
  setenv("PATH", path.c_str(), 1);
  REQUIRE(written.problems.size() == 2);
  CHECK(written.problems[0].message == "report.docx needs pandoc, but it is not installed");
  CHECK_THAT(written.problems[1].message, Catch::Contains("pdf needs pdflatex"));
  CHECK_THAT(written.problems[1].hint, Catch::Contains("apt-get install texlive"));
  CHECK(written.files == std::vector<std::string>{folder + "/out/report.md"});
}

TEST_CASE("explain: sentences of one variable, scenario and date, with what they rest on",
          "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  const auto bands = bands_of(fixture.folder.read("out/projections.csv"));
  const Band& band = bands.at("open m 2022-12");
  const ProgramResult result = run_program("explain out imports projection 2022-12 open", folder);
  REQUIRE(result.exit_code == 0);
  CHECK(starts_with(
      result.out, fmt::format("Imports in 2022-12: {:.0f} USD mn (90 % interval {:.0f} to {:.0f}) "
                              "if “Open”.\n\nSource: amnok ",
                              band.median, band.low, band.high)));
  CHECK_THAT(result.out, Catch::Contains("400 draws, seed 7"));
}

// The scenarios of the fixture with probabilities.
std::string rated_scenarios() {
  std::string toml = StudyFixture::scenarios_toml();
  for (const auto& [scenario, probability] :
       {std::pair("stay", "0.5"), std::pair("same", "0.2"), std::pair("open", "0.3")}) {
    const std::string head = std::string("[scenarios.") + scenario + "]\n";
    toml.insert(toml.find(head) + head.size(), std::string("probability = ") + probability + "\n");
  }
  return toml;
}

TEST_CASE("report: all scenarios by their probabilities, in the answer, the tables and sentences",
          "[program]") {
  const StudyFixture fixture(rated_scenarios());
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  REQUIRE(run_program("report out --to md", folder).exit_code == 0);
  std::istringstream lines(fixture.folder.read("out/projections.csv"));
  double mean = 0, median = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!starts_with(line, "mixture,m,USD mn,2022-12,")) continue;
    mean = *parse_double(split(line, ',')[4]);
    median = *parse_double(split(line, ',')[6]);
  }
  REQUIRE(mean > 0);
  const std::string markdown = fixture.folder.read("out/report.md"),
                    page = fixture.folder.read("out/report.html"),
                    summary = fixture.folder.read("out/summary.txt");
  CHECK_THAT(markdown, Catch::Contains(fmt::format(
                           "Over all scenarios by their probabilities {:.0f} is expected", mean)));
  const auto rows = markdown_rows(markdown, "Imports, monthly, USD mn");
  const auto row = std::find_if(rows.begin(), rows.end(), [](const auto& cells) {
    return cells[0] == "All scenarios by their probabilities";
  });
  REQUIRE(row != rows.end());
  CHECK(row->back() == fmt::format("{:.0f}", median));
  CHECK(!markdown_rows(markdown, "All scenarios by their probabilities, 2022-12").empty());
  CHECK_THAT(page, Catch::Contains("All scenarios by their probabilities, 2022-12"));
  CHECK_THAT(summary, Catch::Contains("All scenarios by their probabilities"));
  CHECK(fixture.folder.has("out/figures/m.mixture.dat"));
  CHECK_THAT(fixture.folder.read("out/annual.csv"), Catch::Contains("mixture,m,USD mn,2022,sum,"));
  const ProgramResult words = run_program("explain out imports 2022-12 mixture", folder);
  CHECK_THAT(words.out,
             Catch::StartsWith(fmt::format("Imports in 2022-12: {:.0f} USD mn (", mean)) &&
                 Catch::Contains("expected over all scenarios by their probabilities."));
}

TEST_CASE("run: a probability that every draw agrees on has no error", "[program]") {
  const StudyFixture fixture(rated_scenarios() +
                             "[questions.sure]\nclaim = \"m >= 0\"\nat = \"2022-12\"\n"
                             "[questions.open]\nclaim = \"m >= 55\"\nat = \"2022-12\"\n"
                             "[questions.back]\nrecovery = \"m\"\nshare = 0.5\nreference = "
                             "\"2018-01..2018-12\"\n");
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  const std::string summary = fixture.folder.read("out/summary.txt");
  CHECK_THAT(summary, Catch::Contains("P(m >= 0 in 2022-12) = 1.00, “Closed”"));
  CHECK_THAT(summary, Catch::Contains("P(m >= 55 in 2022-12) = 0.") && Catch::Contains(" ± 0.0"));
  CHECK_THAT(summary, Catch::Contains("all scenarios, by their probabilities"));
  CHECK_THAT(fixture.folder.read("out/answers.csv"), Catch::Contains("back,mixture,recovery,m,"));
  const ProgramResult words = run_program("explain out answer back mixture", folder);
  CHECK_THAT(words.out, Catch::StartsWith("Imports is back at 50 % of its mean over "));
  CHECK_THAT(run_program("explain out answer sure closed --csv -", folder).out,
             Catch::Contains("answer,sure,") && Catch::Contains(",probability,") &&
                 Catch::Contains(",estimate,1,1,1,90,"));
}

TEST_CASE("explain: a table of findings has value, interval, date, scenario, unit and hash",
          "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  const ProgramResult result =
      run_program("explain out imports projection 2022-12 open --csv -", folder);
  REQUIRE(result.exit_code == 0);
  const Band band = bands_of(fixture.folder.read("out/projections.csv")).at("open m 2022-12");
  const Json manifest = Json::parse(fixture.folder.read("out/manifest.json"));
  const auto second = result.out.find('\n') + 1;
  const std::string first = result.out.substr(0, second - 1);
  const std::vector<std::string_view> head = split(first, ',');
  const std::string line = result.out.substr(second);
  const std::vector<std::string_view> cells = split(line, ',');
  const auto cell = [&](std::string_view name) {
    return cells[static_cast<std::size_t>(std::find(head.begin(), head.end(), name) -
                                          head.begin())];
  };
  CHECK(*parse_double(cell("value")) == Approx(band.median));
  CHECK(*parse_double(cell("low")) == Approx(band.low));
  CHECK(cell("date") == "2022-12");
  CHECK(cell("unit") == "USD mn");
  CHECK(cell("scenario") == "open");
  CHECK(cell("statistic") == "median");
  CHECK(cell("config_sha256") == manifest["config"]["sha256"].get<std::string>());
  CHECK_THAT(line, Catch::Contains("Imports in 2022-12: "));
}

TEST_CASE("run: claims of the config are judged in the page, the report and a table", "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  fixture.folder.write("claims.csv",
                       "claim_id,series,period,value\n"
                       "C1,m,2022-12,1e6\nC2,w,2014-01,1\nC3,,,5\nC4,Imports,2022-12,80\n");
  fixture.folder.write("claimed.toml", StudyFixture::models_toml() +
                                           StudyFixture::scenarios_toml() +
                                           "[output]\nclaims = \"claims.csv\"\n");
  REQUIRE(run_program("run claimed.toml -o out -q", folder).exit_code == 0);
  const std::string table = fixture.folder.read("out/claims.csv");
  CHECK_THAT(table, Catch::Contains("C1,m,2022-12,1000000,,,contradicts,"));
  // A series that no table shows has its recorded figures as well.
  CHECK_THAT(table, Catch::Contains("C2,w,2014-01,1,,,contradicts,\"recorded 100.566, "));
  CHECK_THAT(table, Catch::Contains("C3,,,5,,,cannot be said,"));
  CHECK_THAT(fixture.folder.read("out/report.html"), Catch::Contains("<h2 id=\"claims\">"));
  CHECK_THAT(fixture.folder.read("out/report.json"), Catch::Contains("cannot be said"));
  CHECK_THAT(fixture.folder.read("out/manifest.json"), Catch::Contains("\"claims.csv\""));
}

TEST_CASE("explain: claims of a file are judged", "[program]") {
  const StudyFixture fixture;
  const std::string& folder = fixture.folder.path();
  REQUIRE(run_program("run study.toml -o out -q", folder).exit_code == 0);
  fixture.folder.write("claims.csv", "series,period,value\nm,2022-12,1e6\nImports,1950,3\n");
  const ProgramResult result = run_program("explain out --claims claims.csv", folder);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("0 agree, 1 contradict, 1 cannot be said"));
}

}  // namespace amnok
