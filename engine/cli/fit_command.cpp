#include <fmt/format.h>

#include <algorithm>

#include "engine/base/names.h"
#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/report/fit_json.h"
#include "engine/report/regression_table.h"
#include "engine/report/run_folder.h"
#include "engine/report/summary.h"
#include "engine/scenario/estimation.h"
#include "models/builtin.h"

namespace amnok {

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
  if (arguments.json == "-") {
    print_out(fits_json(fits));
  } else {
    if (!arguments.json.empty()) write_file(arguments.json, fits_json(fits));
    std::string text;
    if (arguments.table) {
      text = format_table(regression_table(fits, arguments.stars), *format);
    } else {
      for (const FitResult* fit : fits) text += fit_text(*fit);
    }
    print_out(text);
  }
  return usable ? 0 : 3;
}

}  // namespace amnok
