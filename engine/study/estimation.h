// Fits the equations of a study and joins them into a system.
#pragma once

#include <string>
#include <vector>

#include "engine/study/study_data.h"
#include "engine/system/system.h"

namespace amnok {

// One fitted equation a spec, in the order of the study; only the named ones when `only` is not
// empty. An equation is fitted after those that explain its regressors, and the gaps of such a
// regressor are filled by the equation that explains it. Problems with samples are collected over
// all equations and thrown as one InputError; a fit that fails is a status.
std::vector<BehaviouralEquation> estimate(const Study& study, const StudyData& data,
                                          const PluginList& plugins,
                                          const std::vector<std::string>& only = {});
// The same with problems added instead; equations that have some are left out.
std::vector<BehaviouralEquation> estimate(const Study& study, const StudyData& data,
                                          const PluginList& plugins,
                                          const std::vector<std::string>& only,
                                          ProblemList& problems);

// The system with its history: gaps of explained variables filled by their equations (inside the
// sample), identities evaluated.
System build_system(const Study& study, const StudyData& data,
                    std::vector<BehaviouralEquation> equations);

// The same history, up to the end of the sample.
Frame completed_history(const Study& study, const StudyData& data,
                        const std::vector<BehaviouralEquation>& equations);
// The equations, at their estimates, as a system that ends before `window`, a part of the sample.
System system_before(const Study& study, const Frame& history,
                     const std::vector<BehaviouralEquation>& equations, const PeriodRange& window);
// What exogenous series and events did in the window.
SystemInputs realised_inputs(const StudyData& data, const Frame& history,
                             const PeriodRange& window);

// Feeding residuals back reproduces history: the largest relative gap between history and the
// system solved over the last `periods` periods of the sample with the shocks that its equations
// imply there.
double residual_check(const Study& study, const StudyData& data,
                      const std::vector<BehaviouralEquation>& equations, int periods);

}  // namespace amnok
