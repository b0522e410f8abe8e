// The data of a study, read and laid on one range.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/identity_check.h"
#include "engine/study/regimes.h"
#include "engine/study/study.h"

namespace amnok {

struct StudyData {
  Frame frame;          // every series, from the first observation to the end of the horizon
  PeriodRange sample;   // of the run; an equation's own sample may be shorter
  PeriodRange horizon;  // empty when the study projects nothing
  std::map<std::string, EventActivity> events;              // history, by the events' own dates
  std::vector<DetectedRegimes> regimes;                     // of study.regimes, once they are found
  std::vector<std::string> notes;                           // what reading found
  std::vector<std::pair<std::string, std::string>> inputs;  // file and its SHA-256
  std::vector<InputProblem> warnings;
};

// Throws InputError with every problem of every file. Regimes are still to be found
// (detect_regimes).
StudyData load_data(const Study& study);

// A config and its data, regimes found: the problems of all at once.
struct LoadedStudy {
  Study study;
  StudyData data;
};
LoadedStudy load_study_and_data(const std::string& file, const PluginList& plugins);

// What an analyst should know of a series before trusting it.
struct SeriesIssue {
  std::string series, kind, words;  // kind: gap, sum, near_zero, measurement_error, note
};
std::vector<SeriesIssue> data_issues(const Study& study, const StudyData& data);

// The data as an equation sees them: transformed target, regressors with events as series, sums
// inside the sample. Throws InputError that names the rows where a logarithm meets zero or less, a
// target that does not vary, an event that does not act in the sample.
Sample make_sample(const EquationSpec& equation, const Study& study, const StudyData& data);

// Events as series, for expressions that name them.
void add_event_series(Frame& frame, const std::map<std::string, EventActivity>& events,
                      const Expression& expression);

// Every identity, by the series of the frame. Identities may use each other: as many passes as there
// are identities settle any order.
void add_identities(Frame& frame, const Study& study,
                    const std::map<std::string, EventActivity>& events);

// Observed values of the endogenous variables, as far as there are data: up to the origin and
// beyond it (identities from observed parts only, so that filled gaps are not shown as data).
Frame observed_values(const Study& study, const StudyData& data);

}  // namespace amnok
