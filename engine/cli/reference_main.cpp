// amnok-reference DIR: compares the engine with a folder of reference cases.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/cli/reference/reference_runner.h"

namespace amnok {

namespace {

using Outcome = Comparison::Outcome;

std::string describe(const Comparison& c) {
  if (!c.words.empty()) return fmt::format("{}: {}", c.name, c.words);
  return fmt::format("{} (ours {}, expected {}, tolerance {})", c.name,
                     format_significant(c.ours, 10), format_significant(c.expected, 10),
                     format_significant(c.tolerance, 3));
}

void print_case(const CaseReport& report) {
  const int supported = report.count(Outcome::passed) + report.count(Outcome::failed);
  std::string line = fmt::format("{:4} {:40} {:4}/{:<4} {:4} not supported",
                                 report.failed() ? "FAIL"
                                 : supported > 0 ? "ok"
                                                 : "-",
                                 report.id, report.count(Outcome::passed),
                                 report.comparisons.size(), report.count(Outcome::not_supported));
  if (!report.error.empty()) {
    line += "  error: " + report.error;
  } else if (const Comparison* worst = report.worst()) {
    line += "  worst " + describe(*worst);
  }
  fmt::print("{}\n", line);
  for (const Comparison& c : report.comparisons) {
    if (c.outcome == Outcome::failed) fmt::print("       failed {}\n", describe(c));
  }
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

void write_json(const std::vector<CaseReport>& reports, const std::string& path) {
  nlohmann::ordered_json cases = nlohmann::ordered_json::array();
  for (const CaseReport& report : reports) {
    nlohmann::ordered_json quantities = nlohmann::ordered_json::array();
    for (const Comparison& c : report.comparisons) {
      const char* outcome = c.outcome == Outcome::passed   ? "passed"
                            : c.outcome == Outcome::failed ? "failed"
                                                           : "not_supported";
      quantities.push_back({{"name", c.name},
                            {"outcome", outcome},
                            {"ours", number(c.ours)},
                            {"expected", number(c.expected)},
                            {"tolerance", number(c.tolerance)},
                            {"words", c.words}});
    }
    cases.push_back({{"id", report.id},
                     {"area", report.area},
                     {"task", report.task},
                     {"error", report.error},
                     {"quantities", quantities}});
  }
  const std::string text = nlohmann::ordered_json{{"cases", cases}}.dump(1) + "\n";
  if (path == "-") {
    fmt::print("{}", text);
  } else {
    std::ofstream(path) << text;
  }
}

int main_reference(int argc, char** argv) {
  CLI::App app("Compares the engine with a folder of reference cases (format reference-case/1).",
               "amnok-reference");
  std::string folder, json;
  ReferenceFilter filter;
  app.add_option("DIR", folder, "folder with data/ and expected/")->required();
  app.add_option("--area", filter.areas, "only this area (A, B, ...)")->take_all();
  app.add_option("--task", filter.tasks, "only this task")->take_all();
  app.add_option("--id", filter.ids, "only this case")->take_all();
  app.add_option("--json", json,
                 "also write every comparison to this file (- for standard output)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::vector<CaseReport> reports = run_reference_folder(folder, filter);
  if (json != "-") {
    std::map<std::string, std::array<int, 4>> totals;  // cases, passed, failed, not supported
    bool failed = false;
    for (const CaseReport& report : reports) {
      print_case(report);
      failed = failed || report.failed();
      for (const std::string& key : {report.area, std::string("all")}) {
        auto& total = totals[key];
        ++total[0];
        total[1] += report.count(Outcome::passed);
        total[2] += report.count(Outcome::failed) + (report.error.empty() ? 0 : 1);
        total[3] += report.count(Outcome::not_supported);
      }
    }
    fmt::print("\n{:6} {:>6} {:>8} {:>8} {:>14}\n", "area", "cases", "passed", "failed",
               "not supported");
    for (const auto& [area, total] : totals) {
      fmt::print("{:6} {:6} {:8} {:8} {:14}\n", area, total[0], total[1], total[2], total[3]);
    }
    if (!json.empty()) write_json(reports, json);
    return failed ? 1 : 0;
  }
  write_json(reports, json);
  return std::any_of(reports.begin(), reports.end(), [](const auto& r) { return r.failed(); });
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  try {
    return amnok::main_reference(argc, argv);
  } catch (const amnok::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 70;
  }
}
