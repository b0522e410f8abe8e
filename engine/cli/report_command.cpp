#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/backtest_report.h"
#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/report/claim_check.h"
#include "engine/report/document_json.h"
#include "engine/report/explanation.h"
#include "engine/report/report_files.h"

namespace amnok {

namespace {

Document read_run(const std::string& run) {
  const std::string file = run + "/report.json";
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    throw InputError(
        fmt::format("{} is not a run folder with a report (it has no report.json)", run),
        "`amnok run CONFIG -o " + run + "` writes one");
  }
  return parse_document(read_file(file), file);
}

// Each format once, in the order given.
std::vector<std::string> checked_formats(const std::vector<std::string>& wanted) {
  std::vector<std::string> formats;
  ProblemList problems;
  for (const std::string& name : wanted) {
    const auto& known = report_formats();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      problems.error({}, fmt::format("--to {} is not a format", name), name_hint(name, known));
    } else if (std::find(formats.begin(), formats.end(), name) == formats.end()) {
      formats.push_back(name);
    }
  }
  problems.throw_if_errors();
  return formats;
}

}  // namespace

int report_command(const ReportArguments& arguments) {
  const std::vector<std::string> formats = checked_formats(arguments.formats);
  const Document document = read_run(arguments.run);
  const std::string output = arguments.output.empty() ? arguments.run : arguments.output;
  const WrittenReport written = write_report_files(document, arguments.run, output, formats);
  for (const std::string& file : written.files) print_out(file + "\n");
  if (!written.problems.empty()) fmt::print(stderr, "{}\n", format_problems(written.problems));
  return written.problems.empty() ? 0 : 2;
}

int explain_command(const ExplainArguments& arguments) {
  const Document document = read_run(arguments.run);
  if (!arguments.csv.empty()) {
    put_text(arguments.csv, facts_csv(document, explained_facts(document, arguments.words)));
    return 0;
  }
  if (arguments.claims.empty()) {
    print_out(explanation(document, arguments.words));
    return 0;
  }
  print_out(claims_text(judge_claims(read_claims(arguments.claims), document.facts)));
  return 0;
}

}  // namespace amnok
