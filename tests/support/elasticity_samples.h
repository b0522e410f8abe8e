// Samples of an elasticity drawn from known parameters.
#pragma once

#include <vector>

#include "engine/model/sample.h"
#include "engine/stats/random_stream.h"

namespace amnok {

// log(rice) = 8 - 0.3 log(imports) + u, regressor and error autoregressions with coefficient rho.
inline Sample elasticity_sample(std::uint32_t draw, int n, double rho) {
  std::vector<double> e(static_cast<std::size_t>(2 * n));
  fill_normals({41, Purpose::simulation, 3}, draw, e);
  Sample sample;
  sample.range = {{Frequency::monthly, 2010 * 12}, n};
  sample.season = 12;
  sample.target = {"rice", {Transform::Kind::log, 0}};
  sample.y.resize(n);
  sample.regressor_names = {"log(imports)"};
  sample.regressors.resize(n, 1);
  double x = 0, u = 0;
  for (int t = 0; t < n; ++t) {
    x = rho * x + e[static_cast<std::size_t>(t)];
    u = rho * u + e[static_cast<std::size_t>(n + t)];
    sample.regressors(t, 0) = x;
    sample.y(t) = 8 - 0.3 * x + u;
  }
  return sample;
}

}  // namespace amnok
