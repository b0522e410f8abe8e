// The ways in which an event can act on a series after its start s, as regressors. k = t - s:
//
//   pulse        1 at k = 0                     decay        delta^k, delta in (0, 1): the transfer
//   block        1 for 0 <= k < L                            function 1 / (1 - delta B) of a pulse
//   level shift  1 for k >= 0                   ramp         min((k + 1) / L, 1)
//   slope shift  k + 1 for k >= 0
//
// (Box & Tiao 1975, J. American Statistical Association 70, 70-79). L of blocks and ramps and delta
// are searched over a grid: every block that ends in an observed period and leaves three
// observations after its end, ramps of 2 to 36 periods with three observations on the plateau, and
// half-lives of a decay from half a period to 60, evenly spaced in logarithms.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/statespace/ar_regression.h"

namespace amnok {

enum class Response { none, pulse, block, decay, ramp, level_shift, slope_shift };
inline constexpr int kResponses = 7;
inline constexpr double kShortestHalfLife = 0.5, kLongestHalfLife = 60;  // periods, of a decay
std::string_view response_name(Response response);

struct ResponseShape {
  Response response = Response::none;
  int start = 0;     // 0-based period
  double shape = 0;  // periods of a block or ramp, delta of a decay

  double at(int k) const;          // k periods after the start
  double share_left(int k) const;  // of its largest effect so far; slope shifts and ramps: 1
  double typical_size() const;     // of its column: 1, of a slope shift its height after 24 periods
  double half_life() const;        // periods until half is gone; infinite: never
  std::string words() const;       // "decay, half-life 3.2 periods"
};

// Every shape of one response that the observations can tell from nothing and from no end. others:
// first periods of other breaks; a block that ends within three periods of one is left out, because
// its end and that break could not be told apart: what another break undoes is counted as its work.
std::vector<ResponseShape> response_shapes(Response response, const std::vector<int>& starts,
                                           const ObservedPeriods& observed,
                                           const std::vector<int>& others = {});

// Its column at the observed periods.
VectorXd response_column(const ResponseShape& shape, const ObservedPeriods& observed);

double decay_of_half_life(double half_life);

}  // namespace amnok
