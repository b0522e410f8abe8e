#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "engine/evaluation/study_counterfactual.h"
#include "engine/report/check_report.h"
#include "engine/report/claim_check.h"
#include "engine/scenario/scenario_resolver.h"
#include "models/builtin.h"

namespace amnok {

int check_command(const std::string& config) {
  const LoadedStudy loaded = load_study_and_data(config, builtin_plugins());
  const Study& study = loaded.study;
  const StudyData& data = loaded.data;
  // Whatever `run` would refuse before it simulates: equations are fitted, scenarios resolved.
  if (!study.output.claims.empty()) read_claims(study.output.claims);
  ProblemList problems;
  const std::vector<BehaviouralEquation> equations =
      estimate(study, data, builtin_plugins(), {}, problems);
  resolve_scenarios(study, data, equations, problems);
  compute_counterfactuals(study, data, builtin_plugins(), {}, problems);
  const IdentityReport report = check_identities(study.checks, data.frame);
  const CheckText text =
      check_text(study, data, report, data_issues(study, data), equations, problems);
  print_out(text.text);
  problems.throw_if_errors();
  if (text.failed) return 2;
  return text.usable ? 0 : 3;
}

}  // namespace amnok
