// amnok forecast: series in, distributions out, no config.
#include <catch2/catch.hpp>

#include "engine/base/text.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

const std::string kAirPassengers = "tests/reference/data/airpassengers.csv";

// Monthly, quarterly, weekly ... dates by hand.
std::string wide(const std::vector<std::string>& dates) {
  std::string text = "date,a\n";
  for (std::size_t i = 0; i < dates.size(); ++i) {
    text += dates[i] + "," + std::to_string(10 + (i * 7) % 5) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("forecast: columns and rows are those of the contract", "[program]") {
  const ProgramResult run = run_program("forecast " + kAirPassengers + " --horizon 12");
  REQUIRE(run.exit_code == 0);
  const auto lines = lines_of(run.out);
  CHECK(lines[0] == "series,date,model,mean,median,lo80,hi80,lo95,hi95,note");
  REQUIRE(lines.size() == 13);
  CHECK(starts_with(lines[1], "value,1961-01,combination,"));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto cells = split(lines[i], ',');
    const auto number = [&](std::size_t j) { return *parse_double(cells[j]); };
    CHECK(number(7) < number(5));
    CHECK(number(5) < number(4));
    CHECK(number(4) < number(6));
    CHECK(number(6) < number(8));
  }
}

TEST_CASE("forecast: every model gives a band, and the same for any number of threads",
          "[program]") {
  for (const std::string model : {"auto", "arima", "ets", "theta", "combination", "snaive"}) {
    const std::string arguments = "forecast " + kAirPassengers + " --horizon 6 --model " + model;
    const ProgramResult one = run_program(arguments + " --threads 1");
    INFO(model << one.err);
    REQUIRE(one.exit_code == 0);
    CHECK(lines_of(one.out).size() == 7);
    CHECK(one.out == run_program(arguments + " --threads 2").out);
  }
}

TEST_CASE("forecast: long and wide files give the same numbers", "[program]") {
  const TemporaryFolder folder;
  std::string wide_text = "t,a,b\n", long_text = "series,t,value\n", b;
  for (int t = 1; t <= 30; ++t) {
    const std::string x = std::to_string(20 + (t * 13) % 7),
                      y = std::to_string(50 + t + (t * 5) % 3);
    wide_text += std::to_string(t) + "," + x + "," + y + "\n";
    long_text += "a," + std::to_string(t) + "," + x + "\n";
    b += "b," + std::to_string(t) + "," + y + "\n";
  }
  const std::string w = folder.write("wide.csv", wide_text),
                    l = folder.write("long.csv", long_text + b);
  const ProgramResult one = run_program("forecast " + w + " --horizon 4 --period 4");
  REQUIRE(one.exit_code == 0);
  CHECK(one.out == run_program("forecast " + l + " --horizon 4 --period 4").out);
  const ProgramResult part = run_program("forecast " + w + " --horizon 4 --period 4 --column b");
  CHECK(lines_of(part.out).size() == 5);
  CHECK(starts_with(lines_of(part.out)[1], "b,31,"));
}

TEST_CASE("forecast: the frequency is read from the dates", "[program]") {
  const TemporaryFolder folder;
  const auto next = [&](const std::vector<std::string>& dates) {
    const ProgramResult run = run_program("forecast " + folder.write("f.csv", wide(dates)) +
                                          " --horizon 1 --model snaive");
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    return std::string(split(lines_of(run.out).at(1), ',')[1]);
  };
  CHECK(next({"2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"}) == "2020-05");
  CHECK(next({"2020-01", "2020-04", "2020-07", "2020-10"}) == "2021Q1");
  CHECK(next({"2019Q3", "2019Q4", "2020Q1"}) == "2020Q2");
  CHECK(next({"2017", "2018", "2019"}) == "2020");
  CHECK(next({"2020-01-06", "2020-01-13", "2020-01-20"}) == "2020-01-27");
  CHECK(next({"2020-01-06", "2020-01-07", "2020-01-09"}) == "2020-01-10");
}

TEST_CASE("forecast: series that carry no model say so", "[program]") {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("f.csv",
                   "t,constant,short,empty,gappy\n1,5,,,1\n2,5,,,2\n3,5,3,,\n4,5,4,,4\n5,5,2,,3\n6,"
                   "5,,,\n7,5,,,5\n8,5,,,4\n9,5,,,6\n");
  const ProgramResult run = run_program("forecast " + file + " --horizon 2");
  REQUIRE(run.exit_code == 0);
  const auto lines = lines_of(run.out);
  REQUIRE(lines.size() == 9);
  CHECK(lines[1] == "constant,10,constant,5,5,5,5,5,5,\"a constant series, carried forward\"");
  CHECK(lines[3].find("too few for combination: a random walk instead") != std::string::npos);
  CHECK(lines[5] == "empty,,combination,,,,,,,no observations");
  CHECK(starts_with(lines[7], "gappy,10,combination,"));
  CHECK(lines[7].back() == ',');
}

TEST_CASE("forecast: columns of text are left out, and named", "[program]") {
  const TemporaryFolder folder;
  const std::string text = "date,a,grade,source\n2020,1,B,kita\n2021,2,,x=2021\n2022,4,A,\n";
  const ProgramResult run =
      run_program("forecast " + folder.write("f.csv", text) + " --horizon 1 --model snaive");
  CHECK(run.exit_code == 0);
  CHECK(lines_of(run.out).size() == 2);
  CHECK(run.err == "left out, as they hold text: grade, source\n");
  // Asked for, or alone, their cells are mistakes.
  const ProgramResult asked =
      run_program("forecast " + folder.write("g.csv", text) + " --column grade");
  CHECK(asked.exit_code == 2);
  CHECK(asked.err.find("grade is `B`, but must be a number or empty") != std::string::npos);
  const ProgramResult alone = run_program("forecast " + folder.write("h.csv", "date,a\n2020,x\n"));
  CHECK(alone.exit_code == 2);
  CHECK(alone.err.find("a is `x`, but must be a number or empty") != std::string::npos);
}

TEST_CASE("forecast: a bad series does not stop the others, and its row says why", "[program]") {
  const TemporaryFolder folder;
  std::string text = "series,date,value\n", good = text;
  for (int t = 1; t <= 9; ++t) {
    const std::string date = "2020-0" + std::to_string(t) + ",", value = std::to_string(t * t % 7);
    good += "good," + date + value + "\n";
    text += "good," + date + value + "\nword," + date + (t == 4 ? "n.a." : value) + "\ntwice," +
            (t == 5 ? "2020-04," : date) + value + "\n" + "day," + (t == 6 ? "2020-06-31," : date) +
            value + "\n";
  }
  const std::string arguments = " --horizon 1 --model naive";
  const ProgramResult run = run_program("forecast " + folder.write("f.csv", text) + arguments),
                      alone = run_program("forecast " + folder.write("g.csv", good) + arguments);
  REQUIRE(run.exit_code == 0);
  CHECK(run.err == "3 of 4 series cannot be read, as their notes say: word, twice, day\n");
  const auto lines = lines_of(run.out);
  REQUIRE(lines.size() == 5);
  CHECK(lines[1] == lines_of(alone.out)[1]);
  CHECK(lines[2] ==
        "word,,naive,,,,,,,\"line 15: value is `n.a.`, but must be a number or empty\"");
  CHECK(lines[3] == "twice,,naive,,,,,,,two values for 2020-04");
  CHECK(lines[4] == "day,,naive,,,,,,,\"\"\"2020-06-31\"\" is not a monthly period\"");
}

TEST_CASE("forecast: a cell that is no figure spoils its own column only", "[program]") {
  const TemporaryFolder folder;
  const std::string text = "date,a,b\n2020-01,1,2\n2020-02,1..5,3\n2020-03,4,5\n";
  const ProgramResult run =
      run_program("forecast " + folder.write("f.csv", text) + " --horizon 1 --model naive");
  REQUIRE(run.exit_code == 0);
  const auto lines = lines_of(run.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == "a,,naive,,,,,,,\"line 3: a is `1..5`, but must be a number or empty\"");
  CHECK(starts_with(lines[2], "b,2020-04,naive,5,5,"));
}

TEST_CASE("forecast: a level asked for twice is one band", "[program]") {
  const ProgramResult run =
      run_program("forecast " + kAirPassengers + " --model naive --horizon 1 --level 95,80,95");
  CHECK(lines_of(run.out).at(0) == "series,date,model,mean,median,lo80,hi80,lo95,hi95,note");
}

TEST_CASE("forecast: output that cannot be written is an error", "[program]") {
  const TemporaryFolder folder;
  for (const std::string horizon : {"1", "900"}) {  // a full disk is seen at the end, or before
    const ProgramResult run =
        run_program("forecast " + kAirPassengers + " --model naive --horizon " + horizon +
                    " > /dev/full 2> '" + folder.path() + "/e'; echo $?");
    CHECK(run.out == "2\n");
    CHECK(folder.read("e") == "error: cannot write the output: No space left on device\n");
  }
}

TEST_CASE("forecast: columns of a long file are known by their names", "[program]") {
  const TemporaryFolder folder;
  const std::string rows = "a,2020-01,1\na,2020-02,3\n";
  const auto first = [&](const std::string& header) {
    const ProgramResult run = run_program("forecast " + folder.write("f.csv", header + rows) +
                                          " --horizon 1 --model naive");
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    return lines_of(run.out).at(1);
  };
  const std::string row = first("series,date,value\n");
  CHECK(starts_with(row, "a,2020-03,naive,3,3,"));
  CHECK(first("Series,Date,Value\n") == row);
  CHECK(first("series,month,value\n") == row);
}

TEST_CASE("forecast: bad input is told with its place", "[program]") {
  using Catch::Contains;
  const TemporaryFolder folder;
  const auto fails = [&](const std::string& content, const std::string& arguments) {
    const ProgramResult run =
        run_program("forecast " + folder.write("f.csv", content) + " " + arguments);
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    return run.err;
  };
  const std::string good = wide({"2020-01", "2020-02", "2020-03"});
  CHECK_THAT(fails(good, "--model arma"), Contains("did you mean `arima`"));
  CHECK_THAT(fails(good, "--level 120"), Contains("--level is 120, but must be"));
  const std::string column = fails(good, "--column zzz");
  CHECK_THAT(column, Contains("--column zzz is not a series") && Contains("known: a"));
  CHECK_THAT(column, !Contains("date"));
  CHECK_THAT(fails("series,date,value\nq,2020-01,1\n", "--column zzz"), Contains("known: q"));
  CHECK_THAT(fails("date,a\n", ""), Contains("has a header and no rows"));
  CHECK_THAT(fails(good, "--frequency hourly"), Contains("--frequency is hourly"));
  CHECK_THAT(fails("date,a\n2020-01,1\n2020-01,2\n", ""),
             Contains("f.csv:3") && Contains("two values"));
  CHECK_THAT(fails("date,a\n2020-01,1\nlast month,2\n", ""), Contains("is not a monthly period"));
  CHECK_THAT(fails("date,a\n2020-01,x1\n", ""), Contains("f.csv:2"));
  // Dates that no frequency would make readable, those of another one, and finer ones.
  CHECK_THAT(fails("date,a\n31.01.2020,1\n", ""), Contains("write 2020, 2020Q3"));
  CHECK_THAT(fails("date,a\n2020Q1,1\n", "--frequency monthly"),
             Contains("say which frequency it is with --frequency"));
  CHECK_THAT(fails("a,b\n1.5,2\n1.7,3\n", "--frequency undated"),
             Contains("\"1.5\" is not an undated period"));
  CHECK_THAT(fails("date,a\n2020-01-06,1\n2020-01-13,2\n", "--frequency monthly"),
             Contains("2020-01-06 and 2020-01-13 lie in one monthly period"));
}

}  // namespace amnok
