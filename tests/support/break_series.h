// Regressions with and without breaks, for tests of structural change.
#pragma once

#include <cmath>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/stats/random_stream.h"

namespace amnok {

struct BreakSeries {
  MatrixXd x;
  VectorXd y;
};

// y_t = x_t'b_t + e_t; x: a constant and k - 1 standard normals; b = 1, and 1 + shift in the
// second half; e standard normal, times (1 + |x_2|) when heteroskedastic.
inline BreakSeries break_series(std::uint32_t draw, int n, int k, double shift = 0,
                                bool heteroskedastic = false) {
  std::vector<double> z(static_cast<std::size_t>(n * k));
  fill_normals({1953, Purpose::simulation, static_cast<std::uint32_t>(k)}, draw, z);
  const MatrixXd normals = Eigen::Map<MatrixXd>(z.data(), n, k);
  BreakSeries series{MatrixXd::Ones(n, k), normals.col(0)};
  series.x.rightCols(k - 1) = normals.rightCols(k - 1);
  for (int t = 0; t < n; ++t) {
    if (heteroskedastic) series.y(t) *= 1 + std::fabs(series.x(t, k - 1));
    series.y(t) += (1 + (t >= n / 2 ? shift : 0)) * series.x.row(t).sum();
  }
  return series;
}

}  // namespace amnok
