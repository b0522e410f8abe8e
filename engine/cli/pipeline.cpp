#include "engine/cli/pipeline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/progress.h"
#include "engine/scenario/live.h"
#include "engine/scenario/scenario_check.h"
#include "engine/scenario/scenario_resolver.h"
#include "models/builtin.h"

namespace amnok {

namespace {

volatile std::sig_atomic_t interrupted = 0;

void note_interrupt(int signal) {
  interrupted = signal;
}

void check_scenario_names(const Study& study, const std::vector<std::string>& wanted) {
  std::vector<std::string> known;
  for (const ScenarioSpec& scenario : study.scenarios) known.push_back(scenario.name);
  for (const std::string& name : wanted) {
    if (study.scenario(name) == nullptr) {
      throw InputError(fmt::format("--scenario {} is not a scenario of {}", name, study.file),
                       name_hint(name, known));
    }
  }
}

// The claims of [output], and years of the series that no table shows.
void add_claims(RunResults& run) {
  if (run.study.output.claims.empty()) return;
  run.claims = read_claims(run.study.output.claims);
  std::vector<std::string> further;
  for (const SeriesSource& source : run.study.data) {
    if (!run.study.is_endogenous(source.name)) further.push_back(source.name);
  }
  run.further_years = recorded_years(run.study, run.observed, further, run.data.sample.last() + 1);
}

// --draws may ask for fewer draws than the config writes out.
void warn_of_few_draws(RunResults& run) {
  const int wanted = run.study.run.paths;
  if (wanted <= run.draws) return;
  run.warnings.push_back(
      {Severity::warning, run.study.run.paths_where,
       fmt::format("run.paths is {}, but there are {} draws: all of them are written", wanted,
                   run.draws),
       ""});
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void throw_if_interrupted() {
  if (interrupted != 0) throw Interrupted{interrupted};
}

void print_out(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) {
    throw InputError(fmt::format("cannot write standard output: {}", std::strerror(errno)));
  }
}

void resolve_scenarios(const Study& study, const StudyData& data,
                       const std::vector<BehaviouralEquation>& equations, ProblemList& problems) {
  if (data.horizon.count == 0) return;
  for (const ScenarioSpec& scenario : study.scenarios) {
    resolve_scenario(scenario, study, data, equations, problems);
    check_feasible(scenario, data.horizon, equations, problems);
  }
  if (!problems.has_errors()) check_live(study, data, equations, problems);
}

RunResults run_study(const std::string& config, const PipelineSettings& settings) {
  RunResults run;
  LoadedStudy loaded = load_study_and_data(config, builtin_plugins());
  run.study = std::move(loaded.study);
  run.data = std::move(loaded.data);
  check_scenario_names(run.study, settings.scenarios);
  run.issues = data_issues(run.study, run.data);
  run.identities = check_identities(run.study.checks, run.data.frame);
  ProblemList problems;
  run.equations = estimate(run.study, run.data, builtin_plugins(), {}, problems);
  resolve_scenarios(run.study, run.data, run.equations, problems);
  run.counterfactuals =
      compute_counterfactuals(run.study, run.data, builtin_plugins(),
                              {settings.draws.value_or(run.study.run.draws),
                               settings.seed.value_or(run.study.run.seed), settings.threads},
                              problems);
  problems.throw_if_errors();
  run.warnings = run.study.warnings;
  run.warnings.insert(run.warnings.end(), run.data.warnings.begin(), run.data.warnings.end());
  for (const InputProblem& warning : problems.warnings()) run.warnings.push_back(warning);
  throw_if_interrupted();
  run.draws = settings.draws.value_or(run.study.run.draws);
  run.seed = settings.seed.value_or(run.study.run.seed);
  warn_of_few_draws(run);
  run.horizon = run.data.horizon;
  run.observed = observed_values(run.study, run.data);
  run.origins = data_origins(run.study);
  add_claims(run);
  const bool has_numbers = std::all_of(
      run.equations.begin(), run.equations.end(),
      [](const BehaviouralEquation& e) { return e.fitted.result.status != FitStatus::failed; });
  if (run.horizon.count == 0 || run.study.scenarios.empty() || run.equations.empty() ||
      !has_numbers) {
    return run;
  }
  const System system = build_system(run.study, run.data, run.equations);
  run.blocks = system.blocks();
  Progress progress("simulating", settings.quiet);
  SimulationSettings simulation;
  simulation.draws = run.draws;
  simulation.seed = sampled_seed(run.seed, run.study.run.sampling);
  simulation.threads = settings.threads;
  simulation.scenarios = settings.scenarios;
  simulation.progress = [&](double share) {
    progress.update(share);
    throw_if_interrupted();
  };
  static_cast<SimulatedResults&>(run) =
      simulate_results(run.study, run.data, system, run.observed, simulation);
  if (settings.page) {
    run.live =
        simulate_live(run.study, run.data, system, run.projections, run.variables, simulation);
  }
  run.realised = realised_coverage(run.projections, run.observed, run.horizon);
  return run;
}

}  // namespace amnok
