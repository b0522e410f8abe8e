// Options that the commands on CSV files without a config share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/time/period.h"

namespace amnok {

// "80,95": per cent, ascending, each once, inside (0, 100).
std::vector<double> parse_levels(const std::string& text);

// Empty: nothing, the dates decide.
std::optional<Frequency> parse_frequency_option(const std::string& text);

// Two years, and for what has no year ten periods.
int default_horizon(Frequency frequency, int season);

}  // namespace amnok
