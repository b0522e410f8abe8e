#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/report/fit_json.h"
#include "engine/report/regression_table.h"
#include "engine/report/run_folder.h"
#include "engine/report/summary.h"
#include "engine/report/text_table.h"
#include "engine/study/estimation.h"
#include "models/builtin.h"

namespace amnok {

namespace {

constexpr int kWindow = 24;  // periods that --solve looks at

std::vector<TrackedVariable> solutions_of(const FitArguments& arguments, const LoadedStudy& loaded,
                                          const std::vector<BehaviouralEquation>& equations) {
  std::vector<TrackedVariable> all;
  if (!arguments.solve.empty() && !arguments.models.empty()) {
    throw InputError("--solve needs the whole system, but --model leaves some of it out",
                     "say one of them");
  }
  const int periods = arguments.solve.empty() || arguments.periods > 0
                          ? arguments.periods
                          : longest_window(loaded.study, loaded.data, equations, kWindow);
  for (const std::string& name : arguments.solve) {
    const auto mode = parse_solution(name);
    if (!mode) {
      throw InputError(
          fmt::format("--solve is \"{}\", but must be static or dynamic (or both)", name));
    }
    for (TrackedVariable& v : track_sample(loaded.study, loaded.data, equations, *mode, periods)) {
      all.push_back(std::move(v));
    }
  }
  return all;
}

std::string solutions_text(const std::vector<TrackedVariable>& solutions) {
  if (solutions.empty()) return "";
  TextTable table({"variable", "solution", "periods", "bias", "RMSE", "RMSE %", "Theil's U"});
  for (const TrackedVariable& v : solutions) {
    table.add({v.variable, std::string(solution_name(v.mode)), fmt::format("{}", v.periods),
               format_significant(v.bias, 4), format_significant(v.rmse, 4),
               std::isnan(v.rmse_percent) ? "-" : format_significant(v.rmse_percent, 3),
               std::isnan(v.theil_u) ? "-" : format_significant(v.theil_u, 3)});
  }
  return fmt::format("\nHow the system tracks {} at its estimates and zero shocks\n{}",
                     format_range(solutions.front().window), table.text("  "));
}

}  // namespace

int fit_command(const FitArguments& arguments) {
  const std::optional<TableFormat> format = parse_table_format(arguments.table.value_or(""));
  if (!format) {
    throw InputError(fmt::format("--table is \"{}\", but must be one of text, md, latex, csv",
                                 *arguments.table));
  }
  const LoadedStudy loaded = load_study_and_data(arguments.config, builtin_plugins());
  const Study& study = loaded.study;
  std::vector<std::string> known;
  for (const EquationSpec& equation : study.equations) known.push_back(equation.name);
  for (const DetectedRegimes& regimes : loaded.data.regimes) known.push_back(regimes.name);
  for (const std::string& name : arguments.models) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw InputError(fmt::format("--model {} is not a model of {}", name, study.file),
                       name_hint(name, known));
    }
  }
  const std::vector<BehaviouralEquation> equations =
      estimate(study, loaded.data, builtin_plugins(), arguments.models);
  std::vector<const FitResult*> fits;
  bool usable = true;
  for (const DetectedRegimes& regimes : loaded.data.regimes) {
    const bool wanted = arguments.models.empty() ||
                        std::find(arguments.models.begin(), arguments.models.end(), regimes.name) !=
                            arguments.models.end();
    if (wanted) fits.push_back(&regimes.fitted.result);
  }
  for (const BehaviouralEquation& equation : equations) {
    fits.push_back(&equation.fitted.result);
    usable = usable && equation.fitted.result.usable();
  }
  const std::vector<TrackedVariable> solutions = solutions_of(arguments, loaded, equations);
  if (arguments.json == "-") {
    print_out(fits_json(fits, solutions));
  } else {
    if (!arguments.json.empty()) write_file(arguments.json, fits_json(fits, solutions));
    std::string text;
    if (arguments.table) {
      text = format_table(regression_table(fits, arguments.stars), *format);
    } else {
      for (const FitResult* fit : fits) text += fit_text(*fit);
    }
    print_out(text + solutions_text(solutions));
  }
  return usable ? 0 : 3;
}

}  // namespace amnok
