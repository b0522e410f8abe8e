// The theta plugin: the theta method (Assimakopoulos & Nikolopoulos 2000, Int. J. Forecasting 16,
// 521-530) as simple exponential smoothing with drift (Hyndman & Billah 2003, Int. J. Forecasting
// 19, 287-290), on seasonally adjusted data where a season shows.
//
//   x_t = y_t / s_t          s_t from a classical multiplicative decomposition, when |r_m| is
//                            significant at 90 % (additive where data are negative, or a season or
//                            the trend is all but zero)
//   l_t = l_{t-1} + alpha (x_t - l_{t-1})
//   x_{n+h|n} = l_n + (b / 2) (h - 1 + (1 - (1 - alpha)^n) / alpha),   b the slope of x on time
//   variance sigma^2 (1 + (h - 1) alpha^2)
#pragma once

#include <memory>

#include "engine/model/plugin.h"

namespace amnok {

Plugin theta_plugin();

struct ThetaSpec {
  int period = 0;  // 0: the season of the sample
};

std::unique_ptr<Model> make_theta(ThetaSpec spec);

}  // namespace amnok
