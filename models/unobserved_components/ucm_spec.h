// Which components a series has, and the parameters that go with them.
#pragma once

#include <string>
#include <vector>

#include "engine/solver/parameter_vector.h"
#include "engine/statespace/invariant_filter.h"

namespace amnok {

struct UcmSpec {
  enum class Seasonal { none, dummy, trigonometric };
  enum class Start {
    exact_diffuse,
    // R's StructTS: alpha_0 ~ N((y_1, 0, ...), c 1 1'), c = 1e4 var y, in which all states of the
    // start are one random number.
    structts
  };

  // A component that is there but does not move has variance zero.
  bool irregular = true;
  bool level_moves = true;
  bool slope = false, slope_moves = true;
  Seasonal seasonal = Seasonal::none;
  int period = 0;     // observations a season; 0: the sample's
  int harmonics = 0;  // of a trigonometric season; 0: all, period / 2
  bool seasonal_moves = true;
  bool cycle = false, cycle_moves = true, cycle_damped = true;
  double shortest_cycle = 2, longest_cycle = 0;  // periods; 0: half the sample
  Start start = Start::exact_diffuse;
};

// The standard deviations of the components' disturbances, and the cycle's shape.
struct UcmValues {
  double irregular = 0, level = 0, slope = 0, seasonal = 0, cycle = 0;
  double cycle_period = 0, cycle_damping = 1;
};

// A part of the state vector and how it enters what is seen of it.
struct UcmPart {
  std::string name;  // level, slope, seasonal, cycle
  VectorXd loading;  // of the component, length m
  int first = 0;     // its first state, whose disturbance the auxiliary residuals show
};

// Names, in this order, of the standard deviations that are estimated.
std::vector<std::string> moving_components(const UcmSpec& spec);
double& component_sd(UcmValues& values, const std::string& name);

// level 1, slope 1, dummy season period - 1, a harmonic 2 (1 at frequency pi), cycle 2.
int state_count(const UcmSpec& spec);
std::vector<UcmPart> parts_of(const UcmSpec& spec);

// spec.period is set. Start::structts needs the first observation and the variance of the series.
InvariantModel ucm_model(const UcmSpec& spec, const UcmValues& values, double first_value = 0,
                         double series_variance = 0);

}  // namespace amnok
