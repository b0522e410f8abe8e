// What the summary says of scenarios beside their projections: how plausible they are, what targets
// came to, the mixture, answers to questions, who contributes what to an effect, and where bands come
// from. Each is empty when there is nothing to say.
#pragma once

#include <string>

#include "engine/report/run_results.h"

namespace amnok {

std::string mixture_text(const RunResults& run);
std::string plausibility_text(const RunResults& run);
std::string answers_text(const RunResults& run);
std::string attribution_text(const RunResults& run);
std::string uncertainty_text(const RunResults& run);

// One sentence an answer, in the order of the study.
std::vector<std::string> answer_sentences(const RunResults& run);
// What reports say in sentences: expected over all scenarios, answers, plausibility of scenarios, and
// what past events did.
std::vector<std::string> finding_sentences(const RunResults& run);
// "add-factor 3.21 in model units, multiplier 0.93" of a scenario's target, where it was solved.
std::string target_words(const TargetSolution& target);

}  // namespace amnok
