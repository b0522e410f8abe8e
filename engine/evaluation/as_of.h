// What was known at a date: the data, and of events what had happened by then.
#pragma once

#include <map>
#include <string>

#include "engine/study/study_data.h"

namespace amnok {

// Figures of periods after `last` are taken out, and sums that end later; the sample ends in `last`
// and `horizon` periods follow. Figures are those of today: a later revision of an earlier figure is
// not undone, and one that was published late counts as known.
StudyData data_as_of(const StudyData& data, Period last, int horizon);

// Events that had started by `last`; one that had not ended goes on.
std::map<std::string, EventActivity> events_as_of(
    const std::map<std::string, EventActivity>& events, Period last);

// Whether an intervention's input is anything but zero up to `last`: otherwise nothing can be
// estimated of it.
bool acts_by(const Intervention& intervention, const StudyData& data, Period last);

}  // namespace amnok
