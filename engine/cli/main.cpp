// amnok: econometric scenario forecasts from a config file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/base/memory.h"
#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/base/version.h"
#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

// A whole number that fits: "-3" would else wrap around.
CLI::Validator seed_check() {
  return CLI::Validator(
      [](std::string& text) {
        const auto value = parse_integer(text);
        const bool fits = value && *value >= 0 && static_cast<std::uint64_t>(*value) <= kMostSeed;
        return fits ? std::string()
                    : fmt::format("seed is {}, but must be a whole number in [0, {}]", text,
                                  kMostSeed);
      },
      "SEED");
}

int dispatch(int argc, char** argv) {
  CLI::App app("Amnok: econometric scenario forecasts from a config file.", "amnok");
  app.set_version_flag("--version", "amnok " + version());
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 2 bad input, 3 a result rests on an unusable fit, an undefined "
      "projection "
      "or violated identities, 70 internal error.");
  int code = 0;

  RunArguments run;
  auto* run_app = app.add_subcommand("run", "everything in the config; writes a run folder");
  run_app->add_option("CONFIG", run.config, "the study")->required();
  run_app->add_option("-o,--output", run.output, "run folder (default runs/NAME)");
  run_app->add_option("--draws", run.draws, "number of simulated paths")
      ->check(CLI::Range(100, 10000000));
  run_app->add_option("--seed", run.seed, "seed of the random numbers")->check(seed_check());
  run_app->add_option("--threads", run.threads, "threads (0: all cores)")
      ->check(CLI::Range(0, 1024));
  run_app->add_option("--scenario", run.scenarios, "only this scenario; may be repeated")
      ->take_all();
  run_app->add_flag("--numbers", run.numbers,
                    "tables and JSON only: no figures and no report page");
  run_app->add_flag("--force", run.force, "replace an earlier run in the same folder");
  run_app->add_flag("-q,--quiet", run.quiet, "no progress and warnings");
  run_app->callback([&] { code = run_command(run); });

  std::string check_config;
  auto* check =
      app.add_subcommand("check", "schema, references, data identities; every problem at once");
  check->add_option("CONFIG", check_config, "the study")->required();
  check->callback([&] { code = check_command(check_config); });

  FitArguments fit;
  auto* fit_app = app.add_subcommand("fit", "estimates only");
  fit_app->add_option("CONFIG", fit.config, "the study")->required();
  fit_app->add_option("--model", fit.models, "only this model; may be repeated")->take_all();
  fit_app->add_option("--json", fit.json, "write JSON to this file (-: standard output)");
  fit_app
      ->add_option("--table", fit.table,
                   "equations side by side, as journals print them: text, md, latex or csv")
      ->expected(0, 1);
  fit_app->add_flag("--stars", fit.stars, "stars in that table: * 0.10, ** 0.05, *** 0.01");
  fit_app
      ->add_option("--solve", fit.solve,
                   "solve the fitted system over the end of its sample and compare: static (each "
                   "period from the actual values before it) or dynamic (from the window's "
                   "beginning); may be repeated")
      ->delimiter(',')
      ->take_all();
  fit_app->add_option("--periods", fit.periods, "of the sample, to its end, with --solve")
      ->check(CLI::Range(1, 100000));
  fit_app->callback([&] { code = fit_command(fit); });

  EffectsArguments effects;
  auto* effects_app = app.add_subcommand("effects", "comparisons of scenarios");
  effects_app->add_option("CONFIG", effects.config, "the study")->required();
  effects_app->add_option("--json", effects.json, "write JSON to this file (-: standard output)");
  effects_app->add_option("--threads", effects.threads, "threads (0: all cores)")
      ->check(CLI::Range(0, 1024));
  effects_app->add_flag("-q,--quiet", effects.quiet, "no progress");
  effects_app->callback([&] { code = effects_command(effects); });

  ForecastArguments forecast;
  auto* forecast_app = app.add_subcommand(
      "forecast", "forecasts of the series of a CSV file, without a config; long CSV to stdout");
  forecast_app
      ->add_option(
          "FILE", forecast.file,
          "wide (date,a,b,...) or long (series,date,value) CSV; t = 1, 2, ... instead of dates")
      ->required();
  forecast_app->add_option("--column", forecast.columns, "only this series; may be repeated")
      ->take_all();
  forecast_app->add_option(
      "--frequency", forecast.frequency,
      "annual, quarterly, monthly, weekly, daily or undated (default: from the dates)");
  forecast_app
      ->add_option("--period", forecast.period, "observations a season (default: the frequency's)")
      ->check(CLI::Range(1, 366));
  forecast_app
      ->add_option("--horizon", forecast.horizon, "periods ahead (default: about two years)")
      ->check(CLI::Range(1, 10000));
  forecast_app
      ->add_option("--model", forecast.model,
                   "auto, arima, ets, theta, ucm, combination, snaive, naive or drift")
      ->capture_default_str();
  forecast_app->add_option("--level", forecast.levels, "bands, in per cent")->capture_default_str();
  forecast_app->add_option("--threads", forecast.threads, "threads (0: all cores)")
      ->check(CLI::Range(0, 1024));
  forecast_app->add_option("-o,--output", forecast.output, "write to this file");
  forecast_app->callback([&] { code = forecast_command(forecast); });

  BacktestArguments backtest;
  auto* backtest_app = app.add_subcommand(
      "backtest",
      "how well the models of `forecast` (FILE.csv) or a whole config (CONFIG.toml) would have "
      "forecast the past: scores by horizon over rolling origins, beside naive forecasts; of a "
      "config also what knowing its events was worth");
  backtest_app
      ->add_option(
          "FILE", backtest.file,
          "wide (date,a,b,...) or long (series,date,value) CSV; t = 1, 2, ... instead of dates; or "
          "a config, CONFIG.toml")
      ->required();
  backtest_app->add_option("--column", backtest.columns, "only this series; may be repeated")
      ->take_all();
  backtest_app->add_option(
      "--frequency", backtest.frequency,
      "annual, quarterly, monthly, weekly, daily or undated (default: from the dates)");
  backtest_app
      ->add_option("--period", backtest.period, "observations a season (default: the frequency's)")
      ->check(CLI::Range(1, 366));
  backtest_app
      ->add_option("--horizon", backtest.horizon, "periods ahead (default: about two years)")
      ->check(CLI::Range(1, 10000));
  backtest_app
      ->add_option("--model", backtest.models,
                   "auto, arima, ets, theta, ucm, combination, snaive, naive or drift; several: "
                   "A,B")
      ->delimiter(',')
      ->capture_default_str();
  backtest_app
      ->add_option("--first", backtest.first,
                   "periods before the first origin (default: two thirds of the series)")
      ->check(CLI::Range(1, 1000000));
  backtest_app
      ->add_option("--origin", backtest.origins,
                   "of a config: the last period known, such as 2022-03; may be repeated (default: "
                   "by --first and --step)")
      ->take_all();
  backtest_app->add_option("--step", backtest.step, "periods between origins")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  backtest_app
      ->add_option("--window", backtest.window,
                   "periods a model sees before an origin (0: all of them)")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  backtest_app->add_option("--level", backtest.levels, "bands, in per cent")->capture_default_str();
  backtest_app->add_option("--threads", backtest.threads, "threads (0: all cores)")
      ->check(CLI::Range(0, 1024));
  backtest_app->add_option("--json", backtest.json,
                           "write JSON to this file (-: standard output, instead of the table)");
  backtest_app->add_option("-o,--output,--out", backtest.output, "write the table to this file");
  backtest_app->callback([&] { code = backtest_command(backtest); });

  CompareArguments compare;
  auto* compare_app = app.add_subcommand(
      "compare", "what changed from one run to another: data, config, estimates, results, and why");
  compare_app->add_option("RUN_A", compare.first, "the earlier run folder")->required();
  compare_app->add_option("RUN_B", compare.second, "the later run folder")->required();
  compare_app->add_option("--config-a", compare.first_config,
                          "the config of RUN_A; with --config-b: why projections moved, by running "
                          "the states between the two");
  compare_app->add_option("--config-b", compare.second_config, "the config of RUN_B");
  compare_app->add_option("--threads", compare.threads, "threads (0: all cores)")
      ->check(CLI::Range(0, 1024));
  compare_app->add_option("--json", compare.json, "write JSON to this file (-: standard output)");
  compare_app->add_option("-o,--output", compare.output, "write the text to this file");
  compare_app->callback([&] { code = compare_command(compare); });

  BreaksArguments breaks;
  auto* breaks_app = app.add_subcommand(
      "breaks",
      "when did the series of a CSV file change, by how much, what happened then, and does it "
      "last; without a config");
  breaks_app
      ->add_option(
          "FILE", breaks.file,
          "wide (date,a,b,...) or long (series,date,value) CSV; t = 1, 2, ... instead of dates")
      ->required();
  breaks_app->add_option("--column", breaks.columns, "only this series; may be repeated")
      ->take_all();
  breaks_app
      ->add_option("--regressors", breaks.regressors,
                   "series of the file whose coefficients may change as well: A,B")
      ->delimiter(',');
  breaks_app->add_option(
      "--frequency", breaks.frequency,
      "annual, quarterly, monthly, weekly, daily or undated (default: from the dates)");
  breaks_app->add_option("--transform", breaks.transform, "level, log or sqrt of the series")
      ->capture_default_str();
  breaks_app->add_option("--events", breaks.events,
                         "calendar of events (id,date,end_date,kind,direction,name,...) to match");
  breaks_app->add_option("--max-breaks", breaks.max_breaks, "the largest number of breaks")
      ->capture_default_str();
  breaks_app
      ->add_option("--breaks", breaks.breaks, "how many: bic, lwz, kt, sequential, or a number")
      ->capture_default_str();
  breaks_app->add_option("--trim", breaks.trim, "shortest segment as a share of the sample")
      ->capture_default_str();
  breaks_app->add_option("--level", breaks.level, "of the tests: 0.10, 0.05, 0.025 or 0.01")
      ->capture_default_str();
  breaks_app->add_option("--errors", breaks.errors, "classical, hc or hac")->capture_default_str();
  breaks_app->add_option("--monitor", breaks.monitor,
                         "monitor observations from this period on against those before");
  breaks_app->add_flag("--trend", breaks.trend, "each segment has its own linear trend");
  breaks_app->add_flag("--seasonal", breaks.seasonal, "seasonal dummies, the same in all segments");
  breaks_app->add_flag("--settle", breaks.settle,
                       "how many more periods would settle the verdicts, by simulation");
  breaks_app->add_flag("--further-tests", breaks.further_tests,
                       "test for breaks in variance, persistence and trend as well");
  breaks_app->add_flag("--no-permanence", breaks.no_permanence, "leave permanence out");
  breaks_app->add_option("-o,--out", breaks.output,
                         "folder for the summary, fits.json and figures");
  breaks_app->add_flag("--force", breaks.force, "replace that folder");
  breaks_app->add_option("--json", breaks.json, "write JSON to this file (-: standard output)");
  breaks_app->callback([&] { code = breaks_command(breaks); });

  ReportArguments report;
  auto* report_app = app.add_subcommand(
      "report", "a run as a document: Word, PDF, LaTeX, Excel, Markdown or HTML");
  report_app->add_option("RUN", report.run, "a run folder")->required();
  report_app->add_option("--to", report.formats, "html, md, latex, xlsx, docx, pdf; several: A,B")
      ->delimiter(',')
      ->capture_default_str();
  report_app->add_option("-o,--output", report.output, "folder of the files (default RUN)");
  report_app->callback([&] { code = report_command(report); });

  ExplainArguments explain;
  auto* explain_app = app.add_subcommand(
      "explain", "findings of a run as sentences, with their intervals and what they rest on");
  explain_app->add_option("RUN", explain.run, "a run folder")->required();
  explain_app->add_option(
      "QUERY", explain.words,
      "only what holds all these words: a variable, a scenario, a date, effect");
  explain_app->add_option("--csv", explain.csv,
                          "the same as a table: value, interval, date, scenario, unit, vintage, "
                          "config hash, sentence (- : standard output)");
  explain_app->add_option("--claims", explain.claims,
                          "a CSV of claims (series, period, value, unit, scenario) to judge");
  explain_app->callback([&] { code = explain_command(explain); });

  std::string model;
  auto* models = app.add_subcommand("models", "the plugins, and every option of one");
  models->add_option("NAME", model, "a plugin");
  models->callback([&] { code = models_command(model); });

  bool results = false;
  auto* schema = app.add_subcommand("schema", "JSON Schema of the config");
  schema->add_flag("--results", results,
                   "of the results instead: fits.json, report.json, annual.csv");
  schema->callback([&] { code = schema_command(results); });

  if (argc == 1) {
    fmt::print(stderr, "error: a subcommand is missing\n\n{}", app.help());
    return 2;
  }
  if (argv[1][0] != '-') {
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
    if (std::find(known.begin(), known.end(), argv[1]) == known.end()) {
      throw InputError(fmt::format("`{}` is not a command", argv[1]), name_hint(argv[1], known));
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return code;
}

// What still waits to be written may find a full disk.
void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw std::system_error(errno, std::generic_category(), "standard output");
  }
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  amnok::keep_freed_memory();
  try {
    const int code = amnok::dispatch(argc, argv);
    amnok::flush_output();
    return code;
  } catch (const amnok::InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  } catch (const amnok::Interrupted& interrupt) {
    fmt::print(stderr, "interrupted; nothing was written\n");
    return 128 + interrupt.signal;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error: out of memory; ask for fewer draws\n");
    return 70;
  } catch (const std::system_error& error) {
    if (std::ferror(stdout) == 0) {
      fmt::print(stderr, "internal error: {}\n", error.what());
      return 70;
    }
    fmt::print(stderr, "error: cannot write the output: {}\n", error.code().message());
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "internal error: {}\n", error.what());
    return 70;
  }
}
