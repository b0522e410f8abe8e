#include "engine/cli/reference/reference_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "engine/cli/reference/tasks.h"

namespace amnok {

const std::map<std::string, ReferenceTask>& reference_tasks() {
  static const std::map<std::string, ReferenceTask> tasks = {
      {"arima_ml", run_arima_ml},
      {"intervention", run_intervention},
      {"auto_arima", run_auto_arima},
      {"ets_select", run_ets_select},
      {"theta", run_theta},
      {"stl", run_stl},
      {"boxcox_lambda", run_boxcox_lambda},
      {"holt_winters_recursion", run_holt_winters_recursion},
      {"unit_root_suite", run_unit_root_suite},
      {"bai_perron_breakpoints", run_bai_perron_breakpoints},
      {"stability_tests", run_stability_tests},
      {"bai_perron_tests", run_bai_perron_tests},
      {"critical_values", run_critical_values},
      {"ols_elasticity", run_ols_elasticity},
      {"ardl_bounds", run_ardl_bounds},
      {"engle_granger", run_engle_granger},
      {"johansen", run_johansen},
      {"var", run_var},
      {"conditional_forecast", run_conditional_forecast},
      {"simultaneous_equations", run_simultaneous_equations},
      {"system_simulation", run_system_simulation},
      {"ucm_ml", run_ucm_ml},
      {"structts_r", run_structts_r},
      {"counterfactual_ucm", run_counterfactual_ucm},
      {"synthetic_control", run_synthetic_control},
      {"forecast_evaluation", run_forecast_evaluation},
      {"iv_2sls", run_iv_2sls},
      {"gls_ar1", run_gls_ar1},
      {"panel", run_panel},
      {"nist_linear", run_nist_linear},
      {"nist_nonlinear", run_nist_nonlinear},
      {"nonlinear_ls", run_nonlinear_ls},
  };
  return tasks;
}

namespace {

Comparison compare_values(const Expectation& expected, const Quantities& all) {
  using Outcome = Comparison::Outcome;
  Comparison result;
  result.name = expected.name;
  const auto found = all.find(expected.name);
  if (found == all.end()) return result;
  const Quantity& ours = found->second;
  const auto words = [&](bool equal, const std::string& mine, const std::string& theirs) {
    result.outcome = equal ? Outcome::passed : Outcome::failed;
    result.words = fmt::format("{} against {}", mine, theirs);
    result.ratio = equal ? 0 : INFINITY;
  };
  if (expected.value.kind != ours.kind) {
    words(false, "another kind of value", "the expected one");
    return result;
  }
  if (ours.kind == Quantity::Kind::text) {
    words(ours.text == expected.value.text, ours.text, expected.value.text);
    return result;
  }
  if (ours.kind == Quantity::Kind::flag) {
    words(ours.flag == expected.value.flag, ours.flag ? "true" : "false",
          expected.value.flag ? "true" : "false");
    return result;
  }
  const auto& x = ours.numbers;
  const auto& value = expected.value.numbers;
  if (x.size() != value.size()) {
    words(false, fmt::format("{} values", x.size()), fmt::format("{}", value.size()));
    return result;
  }
  result.outcome = Outcome::passed;
  result.ratio = -1;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double tolerance = expected.atol + expected.rtol * std::fabs(value[i]);
    double distance = std::fabs(x[i] - value[i]);
    if (expected.kind == "max") distance = value[i] - x[i];
    if (expected.kind == "min") distance = x[i] - value[i];
    const double limit = expected.kind == "max" ? expected.atol : tolerance;
    const bool both_missing = std::isnan(x[i]) && std::isnan(value[i]);
    const bool passes = both_missing || distance <= limit;  // a NaN of ours fails
    double ratio = both_missing || distance <= 0 ? 0 : limit > 0 ? distance / limit : INFINITY;
    if (std::isnan(ratio)) ratio = INFINITY;
    if (!passes) result.outcome = Outcome::failed;
    if (ratio > result.ratio) {
      result.ratio = ratio;
      result.ours = x[i];
      result.expected = value[i];
      result.tolerance = limit;
    }
  }
  return result;
}

}  // namespace

Comparison compare(const Expectation& expected, const Quantities& all) {
  Comparison result = compare_values(expected, all);
  if (result.outcome != Comparison::Outcome::failed) return result;
  const std::string& alternative = all.at(expected.name).alternative;
  if (alternative.empty()) return result;
  result.outcome = Comparison::Outcome::passed;
  result.ratio = 0;
  result.words = alternative;
  return result;
}

int CaseReport::count(Comparison::Outcome outcome) const {
  return static_cast<int>(std::count_if(comparisons.begin(), comparisons.end(),
                                        [&](const Comparison& c) { return c.outcome == outcome; }));
}

bool CaseReport::failed() const {
  return !error.empty() || count(Comparison::Outcome::failed) > 0;
}

const Comparison* CaseReport::worst() const {
  const Comparison* worst = nullptr;
  for (const Comparison& c : comparisons) {
    if (c.outcome == Comparison::Outcome::not_supported) continue;
    if (worst == nullptr || c.ratio > worst->ratio) worst = &c;
  }
  return worst;
}

CaseReport run_reference_case(const ReferenceCase& reference_case) {
  CaseReport report{reference_case.id, reference_case.area, reference_case.task, {}, ""};
  Quantities ours;
  const auto task = reference_tasks().find(reference_case.task);
  if (task != reference_tasks().end()) {
    try {
      ours = task->second(reference_case);
    } catch (const std::exception& error) {
      report.error = error.what();
    }
  }
  for (const Expectation& expected : reference_case.expected) {
    report.comparisons.push_back(compare(expected, ours));
  }
  return report;
}

std::vector<CaseReport> run_reference_folder(const std::string& folder,
                                             const ReferenceFilter& filter) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder + "/expected", error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  if (files.empty()) {
    throw InputError(
        fmt::format("{} has no expected/*.json, but must be a folder of the "
                    "reference-case/1 format",
                    folder));
  }
  std::sort(files.begin(), files.end());
  const auto takes = [](const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  };
  std::vector<CaseReport> reports;
  for (const std::string& file : files) {
    const std::string stem = fs::path(file).stem().string();
    if (stem == "index" || !takes(filter.ids, stem)) continue;
    ReferenceCase reference_case;
    try {
      reference_case = load_reference_case(folder, file);
    } catch (const std::exception& e) {
      if (filter.areas.empty() && filter.tasks.empty())
        reports.push_back({stem, "", "", {}, e.what()});
      continue;
    }
    if (!takes(filter.areas, reference_case.area) || !takes(filter.tasks, reference_case.task)) {
      continue;
    }
    reports.push_back(run_reference_case(reference_case));
  }
  return reports;
}

}  // namespace amnok
