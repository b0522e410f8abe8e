// Numbers with exact derivatives (dual numbers), by Ceres. Jet<N> carries N partial derivatives.
#pragma once

#include <ceres/jet.h>

namespace amnok {

template <int N>
using Jet = ceres::Jet<double, N>;

}  // namespace amnok
