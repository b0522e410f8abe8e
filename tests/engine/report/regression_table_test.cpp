#include "engine/report/regression_table.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

namespace {

FitResult fit(const std::string& name, const std::vector<std::string>& terms,
              const std::vector<double>& estimates, const std::vector<double>& errors) {
  FitResult result;
  result.name = name;
  result.equation = "log(rice) = 8 - 0.3 log(imports) + e";
  result.status = FitStatus::converged;
  result.sample = {{Frequency::monthly, 2015 * 12}, 60};
  result.nobs = 60;
  result.r2 = 0.4567;
  result.covariance_kind = "HC1";
  const auto k = static_cast<Eigen::Index>(terms.size());
  result.covariance = MatrixXd::Zero(k, k);
  for (Eigen::Index j = 0; j < k; ++j) {
    const auto i = static_cast<std::size_t>(j);
    result.parameters.add(terms[i], estimates[i]);
    result.covariance(j, j) = errors[i] * errors[i];
  }
  return result;
}

const RegressionTable::Row& row(const RegressionTable& table, const std::string& label) {
  for (const RegressionTable::Row& r : table.rows) {
    if (r.label == label) return r;
  }
  throw std::runtime_error("no row " + label);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("regression table: coefficients of several equations meet by name") {
  const FitResult a = fit("static", {"intercept", "log(imports)"}, {8, -0.31}, {1.25, 0.0247});
  FitResult b = fit("wider", {"intercept", "log(fuel)", "log(imports)"}, {7, 0.5, -12345},
                    {0.5, 0.001234, 250});
  b.covariance_kind = "Newey-West, 4 lags";
  const RegressionTable table = regression_table({&a, &b});
  CHECK(table.names == std::vector<std::string>{"static", "wider"});
  CHECK(table.targets[0] == "log(rice)");
  CHECK(table.rows[0].label == "log(imports)");
  CHECK(table.rows[0].cells == std::vector<std::string>{"-0.3100", "-12345"});
  CHECK(table.rows[1].cells == std::vector<std::string>{"(0.0247)", "(250)"});
  CHECK(row(table, "log(fuel)").cells == std::vector<std::string>{"", "0.50000"});
  CHECK(table.rows[4].label == "intercept");  // last of three pairs
  CHECK(row(table, "Observations").cells == std::vector<std::string>{"60", "60"});
  CHECK(row(table, "R2").cells[0] == "0.457");
  CHECK(row(table, "Sample").cells[0] == "2015-01..2019-12");
  CHECK(table.notes[0] == "Standard errors in parentheses: (1) HC1; (2) Newey-West, 4 lags.");
}

TEST_CASE("regression table: stars are off unless asked for, and then explained") {
  // t of 1.7, 2 and 3 by the normal distribution.
  const FitResult a = fit("a", {"x", "y", "z"}, {1.7, 2, 3}, {1, 1, 1});
  CHECK(regression_table({&a}).rows[4].cells[0] == "3.00");
  CHECK(joined(regression_table({&a}).notes).find('*') == std::string::npos);
  const RegressionTable starred = regression_table({&a}, true);
  CHECK(starred.rows[0].cells[0] == "1.70*");
  CHECK(starred.rows[2].cells[0] == "2.00**");
  CHECK(starred.rows[4].cells[0] == "3.00***");
  CHECK(joined(starred.notes).find("* p < 0.10, ** p < 0.05, *** p < 0.01.") != std::string::npos);
  CHECK(format_table(starred, TableFormat::latex).find("3.00$^{***}$") != std::string::npos);
}

TEST_CASE("regression table: long runs have a block with the set to report") {
  FitResult a = fit("ecm", {"intercept", "L1.y"}, {1, 0.6}, {0.1, 0.1});
  a.tables.push_back({"long_run",
                      "Long run",
                      {"term", "estimate", "fieller95", "delta_std_error"},
                      {{std::string("log(imports)"), -0.75, std::string("[-0.9, -0.6]"), 0.08}}});
  const FitResult b = fit("static", {"intercept"}, {1}, {0.1});
  const RegressionTable table = regression_table({&b, &a});
  CHECK(row(table, "Long run").kind == RegressionTable::RowKind::heading);
  CHECK(row(table, "log(imports)").cells == std::vector<std::string>{"", "-0.7500"});
  CHECK(format_table(table, TableFormat::text).find("[-0.9, -0.6]") != std::string::npos);
  CHECK(joined(table.notes).find("95 % Fieller sets") != std::string::npos);
}

TEST_CASE("regression table: other estimators of the long run have a block of their own") {
  FitResult a = fit("ecm", {"intercept"}, {1}, {0.1});
  const auto line = [](const char* method, double estimate, double error) {
    return std::vector<ResultTable::Cell>{std::string("log(imports)"), std::string(method),
                                          estimate, error};
  };
  a.tables.push_back({"long_run_methods",
                      "Long run",
                      {"term", "method", "estimate", "std_error"},
                      {line("ARDL(1,1)", -0.75, 0.08), line("dynamic OLS", -0.7, 0.1),
                       line("Johansen", -0.72, kMissing)}});
  const RegressionTable table = regression_table({&a});
  CHECK(row(table, "log(imports), dynamic OLS").cells == std::vector<std::string>{"-0.700"});
  // The equation's own is above, and Johansen's has no standard error.
  for (const auto& r : table.rows) {
    CHECK(r.label != "log(imports), ARDL(1,1)");
    CHECK(r.label != "log(imports), Johansen");
  }
}

TEST_CASE("regression table: tests have rows by name and lag, for those that have them") {
  FitResult a = fit("static", {"x"}, {1}, {0.1}), b = fit("cities", {"x"}, {1}, {0.1});
  a.diagnostics = {{"breusch_godfrey", 1, 2.5, 1, kMissing, 0.1138, ""},
                   {"breusch_godfrey", 12, 40, 12, kMissing, 0.00007, ""},
                   {"reset", 0, 1, 2, 50, kMissing, ""}};
  b.diagnostics = {{"pesaran_cd", 0, 1.2, kMissing, kMissing, 0.23, ""},
                   {"other", 0, 1, 1, kMissing, 0.5, ""}};
  const RegressionTable table = regression_table({&a, &b});
  CHECK(row(table, "Tests, p-values").kind == RegressionTable::RowKind::heading);
  CHECK(row(table, "Breusch-Godfrey (1)").cells == std::vector<std::string>{"0.114", ""});
  CHECK(row(table, "Breusch-Godfrey (12)").cells == std::vector<std::string>{"<0.001", ""});
  CHECK(row(table, "Pesaran CD").cells == std::vector<std::string>{"", "0.230"});
  CHECK_THROWS(row(table, "RESET"));  // no p-value anywhere
  CHECK_THROWS(row(table, "other"));
  const FitResult none = fit("none", {"x"}, {1}, {0.1});
  CHECK_THROWS(row(regression_table({&none}), "Tests, p-values"));
}

TEST_CASE("regression table: bounds and instruments have blocks of their own") {
  FitResult a = fit("ecm", {"x"}, {1}, {0.1}), b = fit("iv", {"x"}, {1}, {0.1});
  a.tables.push_back({"bounds",
                      "",
                      {"statistic", "value", "p_if_I0", "p_if_I1"},
                      {{std::string("F"), 5.43062, std::string("0.0101"), std::string("0.0433")},
                       {std::string("t"), -3.2, std::string("0.0200"), std::string("0.1000")}}});
  b.tables.push_back(
      {"instrument_tests",
       "",
       {"test", "statistic", "p", "verdict"},
       {{std::string("effective F (Montiel Olea & Pflueger)"), 13.7382, kMissing, std::string()},
        {std::string("Sargan"), 1.2, 0.2733, std::string()},
        {std::string("Anderson-Rubin 95 % set of x"), kMissing, kMissing,
         std::string("[-0.2, 0.1]")}}});
  const RegressionTable table = regression_table({&a, &b});
  CHECK(row(table, "F").cells == std::vector<std::string>{"5.431", ""});
  CHECK(row(table, "p if I(0)").cells == std::vector<std::string>{"0.0101", ""});
  CHECK(row(table, "p if I(1)").cells == std::vector<std::string>{"0.0433", ""});
  CHECK(row(table, "Effective F").cells == std::vector<std::string>{"", "13.74"});
  CHECK(row(table, "Over-identification, p").cells == std::vector<std::string>{"", "0.273"});
  CHECK(row(table, "Anderson-Rubin 95 % set").cells == std::vector<std::string>{"", "[-0.2, 0.1]"});
  CHECK_THROWS(row(table, "Cragg-Donald"));
}

TEST_CASE("regression table: notes of LaTeX are paragraphs as wide as the table") {
  const FitResult a = fit("a", {"x"}, {1}, {0.1});
  const std::string text = format_table(regression_table({&a}), TableFormat::latex);
  // "Observations" and "2015-01..2019-12" with two characters each.
  CHECK(text.find("\\multicolumn{2}{p{13em}}{\\footnotesize Standard errors") != std::string::npos);
}

TEST_CASE("regression table: a panel counts all units, a failed fit says why") {
  FitResult a = fit("cities", {"intercept"}, {1}, {0.1});
  a.tables.push_back({"panel",
                      "The panel",
                      {"measure", "value"},
                      {{std::string("observations"), 240.0},
                       {std::string("units"), 4.0},
                       {std::string("R2 within"), 0.125}}});
  FitResult b = fit("broken", {"intercept"}, {1}, {0.1});
  b.status = FitStatus::failed;
  b.message = "the line search found no step";
  const RegressionTable table = regression_table({&a, &b});
  CHECK(row(table, "Observations").cells == std::vector<std::string>{"240", ""});
  CHECK(row(table, "Units").cells == std::vector<std::string>{"4", ""});
  CHECK(row(table, "R2").cells[0] == "0.125");
  CHECK(joined(table.notes).find("(2) failed: the line search found no step.") !=
        std::string::npos);
}

TEST_CASE("regression table: a coefficient without a standard error says so") {
  const FitResult a = fit("a", {"x"}, {0.25}, {0});
  const RegressionTable table = regression_table({&a}, true);
  CHECK(table.rows[0].cells[0] == "0.2500");
  CHECK(table.rows[1].cells[0] == "(-)");
}

TEST_CASE("regression table: hostile labels stay labels in LaTeX") {
  const std::string hostile = "a_b & 5 % # $x$ {y} ~ ^ \\end{tabular}";
  CHECK(latex_escaped(hostile) ==
        "a\\_b \\& 5 \\% \\# \\$x\\$ \\{y\\} \\textasciitilde{} \\textasciicircum{} "
        "\\textbackslash{}end\\{tabular\\}");
  FitResult a = fit(hostile, {"[x", "*y"}, {-1, 2}, {0.1, 0.1});
  a.equation = hostile + " = 1 + e";
  a.covariance_kind = "50 % & more_so";
  const std::string text = format_table(regression_table({&a}), TableFormat::latex);
  CHECK(count(text, "\\end{tabular}") == 1);
  CHECK(text.find("{}[x & $-$1.000") != std::string::npos);
  CHECK(text.find("{}*y & ") != std::string::npos);
  CHECK(text.find("50 \\% \\& more\\_so") != std::string::npos);
  // Every line of the body has one column separator for its one equation.
  std::size_t separators = 0;
  for (std::size_t i = 1; i < text.size(); ++i) separators += text[i] == '&' && text[i - 1] != '\\';
  CHECK(separators == count(text, " \\\\\n") - count(text, "\\multicolumn"));
}

TEST_CASE("regression table: hostile labels stay labels in Markdown and CSV") {
  const FitResult a = fit("a|b", {"x*y_z"}, {1}, {0.1});
  const std::string markdown = format_table(regression_table({&a}), TableFormat::markdown);
  CHECK(markdown.find("| a\\|b |") != std::string::npos);
  CHECK(markdown.find("x\\*y\\_z") != std::string::npos);
  const FitResult c = fit("a,\"b\"", {"x"}, {1}, {0.1});
  CHECK(format_table(regression_table({&c}), TableFormat::csv).find("\"a,\"\"b\"\"\"") !=
        std::string::npos);
}

TEST_CASE("regression table: formats by name") {
  CHECK(parse_table_format("") == TableFormat::text);
  CHECK(parse_table_format("md") == TableFormat::markdown);
  CHECK(parse_table_format("latex") == TableFormat::latex);
  CHECK(parse_table_format("csv") == TableFormat::csv);
  CHECK_FALSE(parse_table_format("tex").has_value());
}

}  // namespace amnok
