// A series for studies that need no more than one.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "engine/stats/random_stream.h"

namespace amnok {

// Columns date and y: sixty months of an AR(1) about 50 with coefficient 0.6, shocks by `stream`. Short
// enough that several orders are possible and that coefficients are uncertain.
inline std::string autoregression_csv(std::uint32_t stream) {
  std::vector<double> e(60);
  fill_normals({20220401, Purpose::simulation, stream}, 0, e);
  std::string text = "date,y\n";
  double u = 0;
  for (int t = 0; t < 60; ++t) {
    u = 0.6 * u + e[static_cast<std::size_t>(t)];
    text += fmt::format("{}-{:02d},{}\n", 2000 + t / 12, t % 12 + 1, 50 + u);
  }
  return text;
}

}  // namespace amnok
