// The left side of an equation: which variable, under which transformation.
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "engine/data/expression.h"

namespace amnok {

// z = f(x): level x; log x; sqrt x; Box-Cox (x^lambda - 1) / lambda.
struct Transform {
  enum class Kind { level, log, sqrt, box_cox };
  Kind kind = Kind::level;
  double lambda = 1;

  double forward(double x) const;        // NaN where it is not defined
  double inverse(double z) const;        // of a square root, negative z count as zero
  double slope(double x) const;          // dz / dx
  double inverse_slope(double z) const;  // dx / dz
  std::string text(const std::string& variable) const;  // log(imports)
};

struct Target {
  std::string variable;
  Transform transform;
};

// `imports`, `log(imports)` or `sqrt(imports)`; anything else is an InputError.
Target parse_target(const std::string& text, const SourceRange& where);

}  // namespace amnok
