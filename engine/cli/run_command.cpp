#include <fmt/format.h>

#include <filesystem>

#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/report/run_writer.h"
#include "engine/report/summary.h"

namespace amnok {

namespace {

// runs/NAME beside the working folder; runs/NAME-2, ... when that exists.
std::string free_folder(const std::string& config) {
  namespace fs = std::filesystem;
  const std::string base = "runs/" + fs::path(config).stem().string();
  std::string folder = base;
  std::error_code error;
  for (int i = 2; fs::exists(folder, error); ++i) folder = fmt::format("{}-{}", base, i);
  return folder;
}

}  // namespace

int run_command(const RunArguments& arguments) {
  const std::string wanted =
      arguments.output.empty() ? free_folder(arguments.config) : arguments.output;
  watch_for_interrupts();
  PipelineSettings settings{arguments.draws,     arguments.seed,  arguments.threads,
                            arguments.scenarios, arguments.quiet, !arguments.numbers};
  const RunResults run = run_study(arguments.config, settings);
  RunFolder folder(wanted, arguments.force);
  const std::string undrawn =
      write_run(run, folder, arguments.numbers ? RunFiles::numbers : RunFiles::all);
  throw_if_interrupted();
  folder.finish();
  std::string text = summary_text(run) + fmt::format("\nrun folder: {}\n", folder.final_path());
  if (!arguments.numbers) text += fmt::format("report:     {}/report.html\n", folder.final_path());
  print_out(text);
  if (!arguments.quiet) {
    if (!run.warnings.empty()) fmt::print(stderr, "{}\n", format_problems(run.warnings));
    if (!undrawn.empty()) fmt::print(stderr, "warning: {}\n", undrawn);
  }
  for (const std::string& fault : run.faults()) fmt::print(stderr, "warning: {}\n", fault);
  return run.sound() ? 0 : 3;
}

}  // namespace amnok
