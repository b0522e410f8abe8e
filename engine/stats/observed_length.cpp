#include "engine/stats/observed_length.h"

#include <cmath>

namespace amnok {

int observed_length(const VectorView& y) {
  Eigen::Index n = y.size();
  while (n > 0 && std::isnan(y(n - 1))) --n;
  return static_cast<int>(n);
}

}  // namespace amnok
