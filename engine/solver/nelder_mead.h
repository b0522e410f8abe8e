// Minimum of a function without derivatives (Nelder & Mead 1965, Computer Journal 7, 308-313), for
// functions with kinks, where gradients mislead. The coefficients adapt to the dimension (Gao & Han
// 2012, Comput. Optim. Appl. 51, 259-277).
#pragma once

#include <functional>

#include "engine/base/matrix.h"

namespace amnok {

struct NelderMeadOptions {
  double step = 0.5;               // of the first simplex, in every coordinate
  double value_tolerance = 1e-10;  // spread of values over the simplex, relative
  double size_tolerance = 1e-7;    // of the simplex
  int max_evaluations = 4000;
};

struct NelderMeadResult {
  VectorXd x;
  double value = INFINITY;
  int evaluations = 0;
  bool converged = false;
};

// Values that are not finite count as infinite; that of the start must be.
NelderMeadResult nelder_mead(const std::function<double(const VectorXd&)>& f, const VectorXd& start,
                             const NelderMeadOptions& options = {});

}  // namespace amnok
