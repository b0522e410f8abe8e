// The event calendar: a CSV of id, date, end_date, kind, direction, name, date_precision,
// source_id.
#pragma once

#include <string>
#include <vector>

#include "engine/base/input_error.h"
#include "engine/time/event.h"

namespace amnok {

std::vector<Event> read_events(const std::string& path, ProblemList& problems);

}  // namespace amnok
