// TOML text to ConfigValue. The only place that knows toml++.
#pragma once

#include <string>

#include "engine/base/input_error.h"
#include "engine/config/value.h"

namespace amnok {

// A syntax error is added to `problems` and an empty table returned. Dates become strings.
ConfigValue parse_toml(const std::string& text, const std::string& file, ProblemList& problems);

}  // namespace amnok
