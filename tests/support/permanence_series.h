// Series with one event of known shape in AR(1) noise.
#pragma once

#include <vector>

#include "engine/stats/random_stream.h"
#include "models/structural_break/permanence.h"

namespace amnok {

// y_t = size v(t - s) + z_t, z_t = phi z_{t-1} + e_t, e_t of variance 1 - phi^2, so that `size` is
// in standard deviations of the noise. x: a constant.
inline PermanenceProblem permanence_series(const ResponseShape& shape, int n, double size,
                                           std::uint32_t draw, double phi = 0.5) {
  std::vector<double> e(static_cast<std::size_t>(n));
  fill_normals({1975, Purpose::simulation, static_cast<std::uint32_t>(n)}, draw, e);
  PermanenceProblem problem;
  problem.y.resize(n);
  problem.x = MatrixXd::Ones(n, 1);
  problem.starts = {shape.start};
  double z = e[0];
  for (int t = 0; t < n; ++t) {
    if (t > 0) z = phi * z + std::sqrt(1 - phi * phi) * e[static_cast<std::size_t>(t)];
    problem.y(t) = size * shape.at(t - shape.start) + z;
  }
  return problem;
}

}  // namespace amnok
