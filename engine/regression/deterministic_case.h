// The deterministic terms of an error-correction equation or system: cases I to V. A restricted
// term is part of the relationship in levels.
#pragma once

namespace amnok {

enum class DeterministicCase {
  none = 1,
  restricted_constant = 2,
  constant = 3,
  restricted_trend = 4,  // the constant is free
  trend = 5              // both are free
};

// Without a constant there is no case with a trend.
inline bool has_constant(DeterministicCase terms) {
  return terms != DeterministicCase::none;
}
inline bool has_trend(DeterministicCase terms) {
  return terms == DeterministicCase::restricted_trend || terms == DeterministicCase::trend;
}

}  // namespace amnok
