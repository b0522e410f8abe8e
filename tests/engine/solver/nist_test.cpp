// NIST StRD: correct digits from both starts, printed.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

#include "engine/cli/reference/reference_case.h"
#include "engine/solver/formula_problem.h"
#include "engine/solver/linear_least_squares.h"
#include "tests/support/numbers.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

struct Digits {
  double coefficients = 17, errors = 17, rss = 17;
  FitStatus status = FitStatus::not_run;
};

double certified(const ReferenceCase& c, const std::string& name) {
  for (const Expectation& e : c.expected) {
    if (e.name == name) return e.value.numbers.at(0);
  }
  FAIL("no " << name);
  return 0;
}

std::vector<std::string> case_files(const std::string& prefix) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(source_path("tests/reference/expected"))) {
    if (entry.path().filename().string().rfind(prefix, 0) == 0)
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Digits solve_from(const ReferenceCase& c, const std::string& start) {
  const std::string model = c.text("model");
  const auto equals = model.find('=');
  FormulaRegression regression{parse_expression(model.substr(0, equals)),
                               parse_expression(model.substr(equals + 1)),
                               {},
                               {}};
  const std::vector<double> values = c.numbers(start);
  for (std::size_t i = 0; i < values.size(); ++i) {
    regression.parameters.push_back(fmt::format("b{}", i + 1));
  }
  regression.starts = {
      Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()))};
  Frame frame(PeriodRange{{Frequency::undated, 1}, c.data[0].rows()});
  for (const std::string& name : c.data[0].value_columns()) {
    frame.add({name, "", frame.range().first, c.data[0].column(name), {}, {}, "", {}});
  }
  const NonlinearFit fit = solve(make_problem(regression, frame));
  Digits digits;
  digits.status = fit.status;
  for (std::size_t i = 0; i < values.size(); ++i) {
    digits.coefficients = std::min(
        digits.coefficients, correct_digits(fit.x(static_cast<Eigen::Index>(i)),
                                            certified(c, "coef." + regression.parameters[i])));
  }
  digits.rss = correct_digits(fit.rss, certified(c, "rss"));
  return digits;
}

}  // namespace

TEST_CASE("NIST StRD nonlinear: correct digits from both starts") {
  const std::string folder = source_path("tests/reference");
  fmt::print("NIST StRD nonlinear: correct digits of the worst coefficient\n");
  fmt::print("  {:10} {:>8} {:>8}\n", "problem", "start 1", "start 2");
  for (const std::string& file : case_files("D-nist-nls-")) {
    const ReferenceCase c = load_reference_case(folder, file);
    const std::string name = c.id.substr(std::string("D-nist-nls-").size());
    const Digits first = solve_from(c, "start1"), second = solve_from(c, "start2");
    fmt::print("  {:10} {:8.1f} {:8.1f}\n", name, first.coefficients, second.coefficients);
    INFO(name);
    // Certified values have eleven digits; a solution that rounds to them may lose one or two.
    CHECK(second.coefficients >= 9);
    CHECK(first.coefficients >= 9);
    // No wrong "converged".
    for (const Digits& d : {first, second}) {
      if (d.status == FitStatus::converged) CHECK(d.coefficients >= 4);
    }
  }
}

TEST_CASE("NIST StRD linear: correct digits") {
  const std::string folder = source_path("tests/reference");
  fmt::print("NIST StRD linear: correct digits of the worst coefficient\n");
  for (const std::string& file : case_files("D-nist-lin-")) {
    const ReferenceCase c = load_reference_case(folder, file);
    const VectorXd y = c.data[0].column(c.text("response"));
    const std::vector<std::string> terms = c.texts("terms");
    MatrixXd x(y.size(), static_cast<Eigen::Index>(terms.size()));
    for (std::size_t j = 0; j < terms.size(); ++j) {
      const auto hat = terms[j].find('^');
      const auto at = static_cast<Eigen::Index>(j);
      x.col(at).setOnes();
      if (terms[j] == "1") continue;
      const VectorXd base = c.data[0].column(terms[j].substr(0, hat));
      const int power = hat == std::string::npos ? 1 : std::stoi(terms[j].substr(hat + 1));
      for (int k = 0; k < power; ++k) x.col(at).array() *= base.array();
    }
    const LinearFit fit = solve(LinearLeastSquares{x, y});
    double worst = 17;
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      const auto name = fmt::format("coef.b{}", j + (c.flag("intercept", true) ? 0 : 1));
      worst = std::min(worst, correct_digits(fit.coefficients(j), certified(c, name)));
    }
    fmt::print("  {:10} {:5.1f}\n", c.id.substr(11), worst);
    INFO(c.id);
    CHECK(fit.aliased.empty());
    // Filip is a polynomial of degree ten with a condition number of 1e15; Wampler5 has noise
    // a million times the signal.
    CHECK(worst >= (c.id == "D-nist-lin-filip" ? 7.0 : c.id == "D-nist-lin-wampler5" ? 6.0 : 9.0));
  }
}

}  // namespace amnok
