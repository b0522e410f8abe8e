#include "engine/regression/ratio_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace amnok {

bool RatioSet::contains(double theta) const {
  switch (shape) {
    case Shape::interval:
      return lower <= theta && theta <= upper;
    case Shape::outside:
      return theta <= lower || theta >= upper;
    case Shape::everything:
      break;
  }
  return true;
}

std::string RatioSet::words() const {
  switch (shape) {
    case Shape::interval:
      return fmt::format("[{:.4g}, {:.4g}]", lower, upper);
    case Shape::outside:
      return fmt::format("up to {:.4g} or from {:.4g} on: not an interval", lower, upper);
    case Shape::everything:
      break;
  }
  return "every number: the data do not bound it";
}

double Ratio::standard_error() const {
  const double theta = value();
  return std::sqrt(std::max(v_aa + 2 * theta * v_ab + theta * theta * v_bb, 0.0)) / std::fabs(b);
}

RatioSet delta_interval(const Ratio& ratio, double quantile) {
  const double half = quantile * ratio.standard_error();
  return {RatioSet::Shape::interval, ratio.value() - half, ratio.value() + half};
}

RatioSet fieller_set(const Ratio& ratio, double quantile) {
  const double q2 = quantile * quantile;
  // square theta^2 + 2 mixed theta + rest <= 0
  const double square = ratio.b * ratio.b - q2 * ratio.v_bb;
  const double mixed = ratio.a * ratio.b - q2 * ratio.v_ab;
  const double rest = ratio.a * ratio.a - q2 * ratio.v_aa;
  const double discriminant = mixed * mixed - square * rest;
  if (square == 0 || (square < 0 && discriminant <= 0)) {
    return {RatioSet::Shape::everything, kMissing, kMissing};
  }
  const double root = std::sqrt(std::max(discriminant, 0.0));
  const double one = (-mixed - root) / square, other = (-mixed + root) / square;
  return {square > 0 ? RatioSet::Shape::interval : RatioSet::Shape::outside, std::min(one, other),
          std::max(one, other)};
}

}  // namespace amnok
