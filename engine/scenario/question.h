// Questions to the simulated paths: how probable a statement is, when a variable is back, and how
// large an assumption must be for a statement to hold with a given probability.
//
//   [questions.cheap_rice]      claim = "rice <= 5000", at = "2023-12"      P in every scenario
//   [questions.back]            recovery = "imports", share = 0.9, reference = "2019-01..2019-12"
//   [questions.how_open]        claim = ..., solve = "openness", scenario = ..., probability = 0.8
//
// A claim over several periods holds in a draw when it holds in all of them, or, with when = "any",
// in one. The recovery of a draw is the first period in which the mean of its last `smooth` values
// reaches the share of the reference's mean.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/scenario/ensemble.h"

namespace amnok {

// Of one scenario, or of the mixture.
struct ProbabilityAnswer {
  std::string question, scenario;
  double probability = kMissing, mc_error = kMissing;
};

struct RecoveryAnswer {
  std::string question, scenario, variable;
  double reference = kMissing;                         // mean of the reference periods
  double level = kMissing;                             // share of it
  double probability = kMissing, mc_error = kMissing;  // of recovery within the horizon
  // Periods from the last known one; NaN: not within the horizon.
  double p10 = kMissing, median = kMissing, p90 = kMissing;
};

struct SolvedAnswer {
  std::string question, scenario, assumption;
  double value = kMissing;                 // at which the claim has the wanted probability
  double low = kMissing, high = kMissing;  // with its Monte-Carlo band (one error to either side)
  double probability = kMissing;           // reached there
  double at_low = kMissing, at_high = kMissing;  // probabilities at the ends of what was searched
  std::string note;                              // why there is none
};

struct Answers {
  std::vector<ProbabilityAnswer> probabilities;
  std::vector<RecoveryAnswer> recoveries;
  std::vector<SolvedAnswer> solved;
  bool empty() const { return probabilities.empty() && recoveries.empty() && solved.empty(); }
};

Answers answer_questions(const Study& study, const StudyData& data, const System& system,
                         const Ensemble& ensemble, const SimulationSettings& settings);

}  // namespace amnok
