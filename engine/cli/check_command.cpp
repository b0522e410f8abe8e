#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/report/check_report.h"
#include "models/builtin.h"

namespace amnok {

int check_command(const std::string& config) {
  const Study study = load_study(config, builtin_plugins());
  const StudyData data = load_data(study);
  ProblemList problems;
  for (const EquationSpec& equation : study.equations) {
    try {
      make_sample(equation, study, data);
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  }
  const IdentityReport report = check_identities(study.checks, data.frame);
  const CheckText text = check_text(study, data, report, data_issues(study, data));
  fmt::print("{}", text.text);
  problems.throw_if_errors();
  return text.failed ? 2 : 0;
}

}  // namespace amnok
