// Everything a run found, for the writers. Nothing in engine/report computes a result.
#pragma once

#include <string>
#include <vector>

#include "engine/evaluation/study_counterfactual.h"
#include "engine/report/claim_check.h"
#include "engine/scenario/live.h"
#include "engine/scenario/realised.h"
#include "engine/scenario/simulated_results.h"
#include "engine/study/data_origin.h"

namespace amnok {

struct RunResults : SimulatedResults {
  Study study;
  StudyData data;
  std::vector<InputProblem> warnings;
  std::vector<SeriesIssue> issues;
  IdentityReport identities;
  std::vector<BehaviouralEquation> equations;
  std::vector<std::vector<std::string>> blocks;  // of the system
  int draws = 0;
  std::uint64_t seed = 0;
  PeriodRange horizon;
  std::vector<Claim> claims;  // of a text, to hold against the run
  // Recorded years of the other series, where there are claims.
  std::vector<AnnualPath> further_years;
  std::vector<DataOrigin> origins;  // of every series
  std::vector<StudyCounterfactual> counterfactuals;
  std::vector<LiveGrid> live;  // what the sliders of the page move
  Frame observed;
  std::vector<RealisedCoverage> realised;

  // The scenarios, then the mixture where there is one.
  std::vector<std::string> outlooks() const;
  // Of a scenario or of the mixture.
  const Projection& projection(std::string_view scenario, std::string_view variable) const;
  std::string unit(std::string_view variable) const;
  std::string scenario_label(std::string_view scenario) const;
  std::string event_label(const std::string& event) const;  // its id, where it has none
  // The label, with the probability that the scenario is given.
  std::string scenario_title(std::string_view scenario) const;
  std::vector<const FitResult*> fits() const;  // of what found regimes, then of the equations
  bool usable() const;                         // every equation and counterfactual has a fit
  std::size_t violated() const;  // identities that the data violate, mere warnings left out
  bool sound() const;            // nothing of it rests on something unusable
  // Why it is not, a sentence each.
  std::vector<std::string> faults() const;
  std::string warning_text(const InputProblem& warning) const;  // in one line
};

}  // namespace amnok
