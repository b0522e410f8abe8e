// What an equation needs in its sample beside its regressors, and no projection needs: the
// expressions of its option `instruments`, and of every table of its option `panel` (another unit)
// its target and, where it has some, its regressors; of an equation that shares its table with
// others (joint_equations.h), all their targets. For plugins that have these options. A sample
// carries them, in this order, as further columns after its regressors. InputError: what is not an
// expression.
#pragma once

#include <vector>

#include "engine/model/plugin.h"

namespace amnok {

struct CarriedColumn {
  Expression expression;
  bool is_target = false;  // of another unit or equation: the sample begins with the first observed
};

std::vector<CarriedColumn> carried_columns(const EquationSpec& equation);

}  // namespace amnok
