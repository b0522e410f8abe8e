// Mean, standard deviation and order statistics of many values, by vector instructions and without a
// sort; the same bits on every machine.
#pragma once

#include <span>
#include <vector>

namespace amnok {

struct SampleMoments {
  bool finite = true;       // false: some value is not, and the rest says nothing
  double mean = 0, sd = 0;  // sd with n - 1; 0 for a single value
  double low = 0, high = 0;
};
SampleMoments sample_moments(std::span<const double> values);

// The values at `ranks` (from 0, in any order) of the sorted finite `values`, which lie in [low,
// high]. Exact: values are counted in buckets of equal width, and those in a bucket that holds one of
// the ranks are sorted.
std::vector<double> order_statistics(std::span<const double> values, double low, double high,
                                     std::span<const std::size_t> ranks);

}  // namespace amnok
