#include <fmt/format.h>

#include <algorithm>

#include "engine/base/sha256.h"
#include "engine/base/text.h"
#include "engine/cli/backtest_report.h"
#include "engine/cli/commands.h"
#include "engine/report/comparison_report.h"
#include "engine/study/study_data.h"
#include "models/builtin.h"

namespace amnok {

namespace {

constexpr int kMostDraws = 10000;

// What of a config and its data is no longer what a run used; empty: all of it is.
std::string difference_from_run(const std::string& config, const LoadedStudy& loaded,
                                const RunInputs& inputs) {
  std::vector<std::string> changed;
  if (sha256_hex(loaded.study.text) != inputs.config_hash) changed.push_back(config);
  for (const auto& [file, hash] : inputs.files) {
    const auto now =
        std::find_if(loaded.data.inputs.begin(), loaded.data.inputs.end(),
                     [&file = file](const auto& input) { return input.first == file; });
    if (now == loaded.data.inputs.end() || now->second != hash) changed.push_back(file);
  }
  return join(changed, ", ");
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

News news_of(const CompareArguments& arguments) {
  News news;
  if (arguments.first_config.empty() || arguments.second_config.empty()) {
    news.problem =
        "a run folder does not say where its config and data lie; --config-a and --config-b do";
    return news;
  }
  const RunInputs before = run_inputs(arguments.first), after = run_inputs(arguments.second);
  const LoadedStudy earlier = load_study_and_data(arguments.first_config, builtin_plugins());
  const LoadedStudy later = load_study_and_data(arguments.second_config, builtin_plugins());
  const std::pair<std::string, std::string> differences[] = {
      {arguments.first, difference_from_run(arguments.first_config, earlier, before)},
      {arguments.second, difference_from_run(arguments.second_config, later, after)}};
  for (const auto& [run, difference] : differences) {
    if (difference.empty()) continue;
    news.problem = fmt::format(
        "what {} was made of has changed since ({}); an earlier copy of it can be named", run,
        difference);
    return news;
  }
  NewsSettings settings;
  settings.draws = std::clamp(std::min(before.draws, after.draws), 100, kMostDraws);
  settings.seed = before.seed;
  settings.threads = arguments.threads;
  news = projection_news(earlier, later, builtin_plugins(), settings);
  // Either run may hold some of its config's scenarios only (--scenario).
  std::erase_if(news.lines, [&](const NewsLine& line) {
    return !holds(before.scenarios, line.scenario) || !holds(after.scenarios, line.scenario);
  });
  if (news.lines.empty() && news.problem.empty()) news.problem = "the runs share no scenario";
  return news;
}

}  // namespace

int compare_command(const CompareArguments& arguments) {
  const RunComparison comparison = compare_runs(arguments.first, arguments.second);
  const News news = news_of(arguments);
  if (!arguments.json.empty()) put_text(arguments.json, comparison_json(comparison, news));
  if (arguments.json != "-") put_text(arguments.output, comparison_text(comparison, news));
  return 0;
}

}  // namespace amnok
