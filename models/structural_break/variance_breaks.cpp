#include "models/structural_break/variance_breaks.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/check.h"
#include "engine/stats/hac.h"
#include "models/structural_break/fluctuation_distribution.h"

namespace amnok {

namespace {

constexpr int kMostRounds = 20;  // of the last step
constexpr int kShortest = 4;     // observations in which a break is looked for
constexpr int kSettled = 2;      // observations that a date may still move by

double scale_of(const VectorView& e, VarianceTest test) {
  const auto n = static_cast<double>(e.size());
  const VectorXd squares = e.cwiseAbs2();
  const double s2 = squares.mean();
  const VectorXd about = squares.array() - s2;
  switch (test) {
    case VarianceTest::inclan_tiao:
      return s2 * std::sqrt(2 * n);
    case VarianceTest::kappa1:
      return about.norm();
    case VarianceTest::kappa2: {
      const int lag = std::min(static_cast<int>(std::floor(4 * std::pow(n / 100, 2.0 / 9))),
                               static_cast<int>(e.size()) - 1);
      return std::sqrt(newey_west(about, lag)(0, 0));
    }
  }
  return kMissing;
}

class Search {
 public:
  Search(const VectorView& e, VarianceTest test, double level)
      : e_(e), test_(test), critical_(bridge_critical_value(level, 1)) {}

  // The break in begin .. end - 1; -1 without a significant one.
  int find(int begin, int end) const {
    if (end - begin < kShortest) return -1;
    const VarianceBreak found = cusum_of_squares(e_.segment(begin, end - begin), test_);
    return found.statistic > critical_ ? begin + found.last : -1;
  }

  // From the outside in: the first and the last break, then what lies between them.
  std::set<int> all(int begin, int end) const {
    std::set<int> breaks;
    while (true) {
      const int here = find(begin, end);
      if (here < 0) return breaks;
      int first = here, last = here;
      for (int next = here; (next = find(begin, next + 1)) >= 0 && next < first;) first = next;
      for (int next = here; (next = find(next + 1, end)) >= 0;) last = next;
      breaks.insert({first, last});
      if (first == last) return breaks;
      begin = first + 1;
      end = last + 1;
    }
  }

  // Each break again, between its neighbours.
  std::vector<int> settle(std::vector<int> breaks) const {
    for (int round = 0; round < kMostRounds; ++round) {
      std::set<int> kept;
      int largest_move = 0;
      for (std::size_t i = 0; i < breaks.size(); ++i) {
        const int begin = i == 0 ? 0 : breaks[i - 1] + 1;
        const int end = i + 1 < breaks.size() ? breaks[i + 1] + 1 : static_cast<int>(e_.size());
        const int at = find(begin, end);
        if (at < 0) continue;
        largest_move = std::max(largest_move, std::abs(at - breaks[i]));
        kept.insert(at);
      }
      const bool settled = kept.size() == breaks.size() && largest_move <= kSettled;
      breaks.assign(kept.begin(), kept.end());
      if (settled) break;
    }
    return breaks;
  }

 private:
  VectorXd e_;
  VarianceTest test_;
  double critical_;
};

}  // namespace

VarianceBreak cusum_of_squares(const VectorView& e, VarianceTest test) {
  const Eigen::Index n = e.size();
  AMNOK_CHECK(n >= 2, "n {}", n);
  VarianceBreak result;
  const double scale = scale_of(e, test), mean = e.squaredNorm() / static_cast<double>(n);
  if (!(scale > 0)) return result;
  double sum = 0, farthest = -1;
  for (Eigen::Index k = 0; k + 1 < n; ++k) {
    sum += e(k) * e(k) - mean;
    if (std::fabs(sum) <= farthest) continue;
    farthest = std::fabs(sum);
    result.last = static_cast<int>(k);
  }
  result.statistic = farthest / scale;
  result.p_value = bridge_p_value(result.statistic, 1);
  return result;
}

std::vector<int> variance_breaks(const VectorView& e, VarianceTest test, double level) {
  const Search search(e, test, level);
  const std::set<int> found = search.all(0, static_cast<int>(e.size()));
  return search.settle({found.begin(), found.end()});
}

}  // namespace amnok
