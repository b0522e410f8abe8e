#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/report/counterfactual_report.h"
#include "engine/report/effect_json.h"
#include "engine/report/run_folder.h"
#include "engine/report/summary.h"

namespace amnok {

int effects_command(const EffectsArguments& arguments) {
  watch_for_interrupts();
  PipelineSettings settings;
  settings.threads = arguments.threads;
  settings.quiet = arguments.quiet;
  const RunResults run = run_study(arguments.config, settings);
  if (run.study.effects.empty() && run.study.counterfactuals.empty()) {
    throw InputError(
        arguments.config + " has no [effects]",
        "for example [effects.reopening] with compare = [\"SCENARIO_A\", \"SCENARIO_B\"]");
  }
  if (arguments.json == "-") {
    print_out(effects_json(run));
  } else {
    if (!arguments.json.empty()) write_file(arguments.json, effects_json(run));
    print_out(effects_text(run) + counterfactuals_text(run));
  }
  for (const std::string& fault : run.faults()) fmt::print(stderr, "warning: {}\n", fault);
  return run.sound() ? 0 : 3;
}

}  // namespace amnok
