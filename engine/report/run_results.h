// Everything a run found, for the writers. Nothing in engine/report computes a result.
#pragma once

#include <string>
#include <vector>

#include "engine/evaluation/study_counterfactual.h"
#include "engine/report/claim_check.h"
#include "engine/scenario/annual.h"
#include "engine/scenario/attribution.h"
#include "engine/scenario/data_origin.h"
#include "engine/scenario/effect.h"
#include "engine/scenario/live.h"
#include "engine/scenario/mixture.h"
#include "engine/scenario/question.h"
#include "engine/scenario/realised.h"
#include "engine/scenario/uncertainty.h"

namespace amnok {

struct RunResults {
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
  std::vector<std::string> scenarios;  // simulated, in order
  std::vector<std::string> variables;  // shown, in order
  std::vector<Projection> projections;
  std::vector<SimulatedPaths> paths;  // empty: not asked for
  std::vector<UndefinedProjection> undefined;
  std::vector<EffectPath> effects;
  std::vector<Projection> mixture;        // of all scenarios; empty without probabilities
  std::vector<ScenarioAccount> accounts;  // by scenario
  std::vector<Contribution> attribution;
  std::vector<UncertaintyShare> uncertainty;
  Answers answers;
  std::vector<AnnualPath> annual;  // of the shown variables
  std::vector<Claim> claims;       // of a text, to hold against the run
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
  // The label, with the probability that the scenario is given.
  std::string scenario_title(std::string_view scenario) const;
  bool usable() const;           // every equation and counterfactual has a fit
  std::size_t violated() const;  // identities that the data violate, mere warnings left out
  bool sound() const;            // nothing of it rests on something unusable
  // Why it is not, a sentence each.
  std::vector<std::string> faults() const;
  std::string warning_text(const InputProblem& warning) const;  // in one line
};

}  // namespace amnok
