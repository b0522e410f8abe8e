#include "engine/regression/persistence_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/stats/hac.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr int kShortest = 20;

// m^-2 sum of squared cumulated residuals of one part, over its variance.
double part(const VectorView& y, const PersistenceOptions& options) {
  const Eigen::Index m = y.size();
  VectorXd e = y.array() - y.mean();
  if (options.terms == Deterministics::trend) {
    const VectorXd t =
        VectorXd::LinSpaced(m, -0.5 * static_cast<double>(m - 1), 0.5 * static_cast<double>(m - 1));
    e -= t * (t.dot(e) / t.squaredNorm());
  }
  double sum = 0, squares = 0;
  for (double value : e) {
    sum += value;
    squares += sum * sum;
  }
  const auto size = static_cast<double>(m);
  double variance = 1;
  if (options.lags >= 0) {
    variance = newey_west(e, std::min<int>(options.lags, static_cast<int>(m) - 1))(0, 0) / size;
  }
  return squares / (size * size) / variance;
}

VectorXd ratios(const VectorView& y, const PersistenceOptions& options, int first, int last) {
  VectorXd k(last - first + 1);
  for (int i = first; i <= last; ++i) {
    k(i - first) = part(y.tail(y.size() - i), options) / part(y.head(i), options);
  }
  return k;
}

PersistenceStatistics statistics(const VectorXd& k) {
  PersistenceStatistics s;
  s.mean = k.mean();
  s.sup = k.maxCoeff();
  s.exp = s.sup / 2 + std::log(((k.array() - s.sup) / 2).exp().mean());
  return s;
}

PersistenceStatistics larger(const PersistenceStatistics& a, const PersistenceStatistics& b) {
  return {std::max(a.mean, b.mean), std::max(a.sup, b.sup), std::max(a.exp, b.exp)};
}

// How many draws reach the observed value.
struct Count {
  PersistenceStatistics observed, reached{1, 1, 1};

  void add(const PersistenceStatistics& drawn) {
    reached.mean += drawn.mean >= observed.mean ? 1 : 0;
    reached.sup += drawn.sup >= observed.sup ? 1 : 0;
    reached.exp += drawn.exp >= observed.exp ? 1 : 0;
  }
  PersistenceStatistics shares(int draws) const {
    return {reached.mean / (draws + 1), reached.sup / (draws + 1), reached.exp / (draws + 1)};
  }
};

}  // namespace

PersistenceTest persistence_test(const VectorView& y, const PersistenceOptions& options) {
  const int n = static_cast<int>(y.size());
  AMNOK_CHECK(options.terms != Deterministics::none && options.trim > 0 && options.trim < 0.5,
              "trim {}", options.trim);
  if (!y.allFinite() || n < kShortest) {
    throw InputError(
        fmt::format("the series of the persistence test has {} observations of which "
                    "{} are missing, but must have at least {} and none missing",
                    n, n - y.array().isFinite().count(), kShortest));
  }
  const int first = std::max(static_cast<int>(std::floor(options.trim * n)), 4);
  const int last = std::min(static_cast<int>(std::ceil((1 - options.trim) * n)), n - 4);
  const VectorXd k = ratios(y, options, first, last);
  PersistenceTest test;
  if (!k.allFinite() || !(k.minCoeff() > 0)) return test;  // a part without variation
  Eigen::Index at = 0;
  k.maxCoeff(&at);
  test.to_walk_at = first + static_cast<int>(at);
  k.minCoeff(&at);
  test.from_walk_at = first + static_cast<int>(at);
  test.to_walk = statistics(k);
  test.from_walk = statistics(k.cwiseInverse());
  test.either = larger(test.to_walk, test.from_walk);
  Count to_walk{test.to_walk}, from_walk{test.from_walk}, either{test.either};
  VectorXd e(n);
  for (int r = 0; r < options.replications; ++r) {
    fill_normals({options.seed, Purpose::bootstrap, 0}, static_cast<std::uint32_t>(r),
                 {e.data(), static_cast<std::size_t>(n)});
    const VectorXd drawn = ratios(e, options, first, last);
    const PersistenceStatistics to = statistics(drawn), from = statistics(drawn.cwiseInverse());
    to_walk.add(to);
    from_walk.add(from);
    either.add(larger(to, from));
  }
  test.to_walk_p = to_walk.shares(options.replications);
  test.from_walk_p = from_walk.shares(options.replications);
  test.either_p = either.shares(options.replications);
  return test;
}

}  // namespace amnok
