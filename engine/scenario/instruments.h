// The instruments of an equation: the expressions of its option `instruments`, for plugins that have
// it. A sample carries them as further columns after its regressors; a projection does not need
// them. InputError: what is not an expression.
#pragma once

#include <vector>

#include "engine/model/plugin.h"

namespace amnok {

std::vector<Expression> instrument_expressions(const EquationSpec& equation);

}  // namespace amnok
