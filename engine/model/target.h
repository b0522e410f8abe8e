// The left side of an equation: which variable, under which transformation.
//
//   level     z = x
//   log       z = log x                                x > 0
//   sqrt      z = sqrt x                               x >= 0
//   box_cox   z = (x^lambda - 1) / lambda, log x at 0   x > 0   (Box & Cox 1964, J. R. Statist.
//             Soc. B 26, 211-252)
//
// The inverse of box_cox exists where lambda z + 1 > 0. Beyond, it is the limit at that edge: 0
// for lambda > 0, infinity for lambda < 0 (a draw there is not defined, and is counted as such).
#pragma once

#include <string>

#include "engine/base/matrix.h"
#include "engine/data/expression.h"

namespace amnok {

struct Transform {
  enum class Kind { level, log, sqrt, box_cox };
  enum class LambdaBy { given, guerrero, ml };
  Kind kind = Kind::level;
  double lambda = 1;  // NaN: to be chosen from a sample, see chosen_transform
  LambdaBy lambda_by = LambdaBy::given;

  bool is_logarithm() const;             // log, or box_cox with lambda = 0
  double forward(double x) const;        // NaN where it is not defined
  double inverse(double z) const;        // of a square root, negative z count as zero
  double slope(double x) const;          // dz / dx
  double inverse_slope(double z) const;  // dx / dz
  // log(imports), boxcox(imports, 0.31), boxcox(imports, guerrero) before lambda is chosen
  std::string text(const std::string& variable) const;
};

std::string lambda_by_name(Transform::LambdaBy by);  // "given", "guerrero", "ml"

struct Target {
  std::string variable;
  Transform transform;
};

inline constexpr double kLargestTargetLambda = 2;  // of a given lambda, in absolute value

// What a target may be, for help and messages.
inline constexpr const char* kTargetForms =
    "a series, log(series), sqrt(series) or boxcox(series, lambda)";

// `imports`, `log(imports)`, `sqrt(imports)` or `boxcox(imports, lambda)` with lambda a number in
// [-2, 2], guerrero or ml; anything else is an InputError.
Target parse_target(const std::string& text, const SourceRange& where);

// The target's transform with lambda chosen from the untransformed values of a sample (NaN
// missing), when it is left open: by Guerrero's method in blocks of a season (of 2 without one), or
// by maximum likelihood about a trend and seasons, in [-1, 2] (see engine/stats/box_cox.h). Throws
// InputError when the sample cannot carry the choice.
Transform chosen_transform(const Target& target, const VectorView& values, int season);

// What a reader must know of a chosen lambda: how it was chosen, what the likelihood says of the
// logarithm and of the level, what a negative one means. `y` is transformed; empty: not box_cox, or
// lambda was given and not negative.
std::string lambda_note(const Target& target, const VectorView& y, int season);

}  // namespace amnok
