// The commands of the program, a file each. Every one returns the exit code: 0 done, 2 bad input,
// 3 a result rests on an unusable fit, 70 internal error (by exceptions that main catches).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace amnok {

struct RunArguments {
  std::string config, output;
  std::optional<int> draws;
  std::optional<std::uint64_t> seed;
  int threads = 0;
  std::vector<std::string> scenarios;
  bool force = false, quiet = false;
  bool numbers = false;  // no figures and no report page
};
int run_command(const RunArguments& arguments);

int check_command(const std::string& config);

struct FitArguments {
  std::string config, json;
  std::vector<std::string> models;
  std::optional<std::string> table;  // text, md, latex or csv: equations side by side
  bool stars = false;
  std::vector<std::string> solve;  // static, dynamic: how the fitted system tracks its sample
  int periods = 0;  // of it, to its end; 0: 24, or as many as the equations stand without
};
int fit_command(const FitArguments& arguments);

struct EffectsArguments {
  std::string config, json;
  int threads = 0;
  bool quiet = false;
};
int effects_command(const EffectsArguments& arguments);

struct ForecastArguments {
  std::string file, frequency, output;
  std::vector<std::string> columns;
  std::optional<int> period, horizon;
  std::string model = "auto", levels = "80,95";
  int threads = 0;
};
int forecast_command(const ForecastArguments& arguments);

struct BacktestArguments {
  std::string file, frequency, output, json;
  std::vector<std::string> columns, models = {"auto"}, origins;
  std::optional<int> period, horizon, first;
  int step = 1, window = 0, threads = 0;
  std::string levels = "80,95";
};
int backtest_command(const BacktestArguments& arguments);

struct BreaksArguments {
  std::string file, frequency, events, monitor, output, json;
  std::vector<std::string> columns, regressors;
  std::string transform = "level", errors = "classical", breaks = "bic";
  int max_breaks = 5;
  double trim = 0.15, level = 0.05;
  bool trend = false, seasonal = false, settle = false, no_permanence = false, force = false;
  bool further_tests = false;
};
int breaks_command(const BreaksArguments& arguments);

struct ReportArguments {
  std::string run, output;
  std::vector<std::string> formats = {"html"};
};
int report_command(const ReportArguments& arguments);

struct ExplainArguments {
  std::string run, claims, csv;
  std::vector<std::string> words;
};
int explain_command(const ExplainArguments& arguments);
struct CompareArguments {
  std::string first, second;                // run folders
  std::string first_config, second_config;  // where the states between are run again from
  std::string json, output;
  int threads = 0;
};
int compare_command(const CompareArguments& arguments);

int models_command(const std::string& name);
int schema_command(bool results);

}  // namespace amnok
