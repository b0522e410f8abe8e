// Equations that one table of [models] describes together, for plugins with the option `targets`:
//
//   [models.trade]
//   plugin = "vector_autoregression"
//   targets = ["log(imports)", "log(rice)"]        the equations `imports` and `rice`
//
// An equation is called by its series. Its regressors are those of the table and then the targets'
// lags, lag 1 of all, lag 2 of all, ... up to the number in `lags`, or else `max_lags`. Its sample
// carries the targets themselves as well (carried_columns.h), so that every equation sees the whole.
#pragma once

#include <string>
#include <vector>

#include "engine/model/plugin.h"

namespace amnok {

bool has_targets(const Plugin& plugin);
bool is_joint(const EquationSpec& equation);
bool in_same_table(const EquationSpec& a, const EquationSpec& b);

// One a target, in their order; those that can be read. A problem of the table is added once.
std::vector<EquationSpec> read_joint_equations(const std::string& table_name,
                                               const ConfigValue& table, const Plugin& plugin,
                                               ProblemList& problems);

// The targets as expressions: log(imports).
std::vector<Expression> joint_targets(const EquationSpec& equation);

// What a message calls an equation: "models.rice", "the system of imports and exports".
std::string equation_words(const EquationSpec& equation);

}  // namespace amnok
