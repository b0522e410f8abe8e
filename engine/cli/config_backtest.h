// `amnok backtest CONFIG.toml`: the study's own system at past origins.
#pragma once

#include <vector>

#include "engine/cli/commands.h"

namespace amnok {

// levels: of bands, in (0, 1). Returns the exit code.
int backtest_config(const BacktestArguments& arguments, const std::vector<double>& levels);

}  // namespace amnok
