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

// Sums over the first observations of a series, by which `part` of them takes no pass: with
// residuals e_t = y_t - a - b t, their cumulated sums are C_t - a t - b t (t + 1) / 2, and a product
// of sums of t, y and C is all that a square or an autocovariance needs. For draws without a mean
// to speak of; of other series subtraction would lose digits.
class LeadingParts {
 public:
  LeadingParts(const VectorXd& y, int lags) : lags_(std::max(lags, 0)) {
    const Eigen::Index n = y.size();
    sums_ = Eigen::ArrayXXd::Zero(n + 1, kSums);
    products_ = Eigen::ArrayXXd::Zero(n + 1, lags_ + 1);
    for (Eigen::Index i = 1; i <= n; ++i) {
      const double t = static_cast<double>(i), v = 0.5 * t * (t + 1), value = y(i - 1);
      const double c = sums_(i - 1, kY) + value;
      const double added[kSums] = {value, t * value, c * c, t * c, v * c, t * t, t * v, v * v};
      for (int s = 0; s < kSums; ++s) sums_(i, s) = sums_(i - 1, s) + added[s];
      for (int j = 0; j <= lags_; ++j) {
        const double product = i > j ? value * y(i - 1 - j) : 0;
        products_(i, j) = products_(i - 1, j) + product;
      }
    }
  }

  // As part() of the first m observations.
  double operator()(int m, const PersistenceOptions& options) const {
    const double size = m, middle = 0.5 * (size + 1), mean = sums_(m, kY) / size;
    const double b = options.terms == Deterministics::trend
                         ? (sums_(m, kTY) - middle * sums_(m, kY)) / (size * (size * size - 1) / 12)
                         : 0;
    const double a = mean - b * middle;
    const double squares = sums_(m, kCC) + a * a * sums_(m, kTT) + b * b * sums_(m, kVV) +
                           2 * (a * b * sums_(m, kTV) - a * sums_(m, kTC) - b * sums_(m, kVC));
    double variance = 1;
    if (options.lags >= 0) {
      const int lags = std::min(options.lags, m - 1);
      variance = autocovariance(m, 0, a, b);
      for (int j = 1; j <= lags; ++j) {
        variance += 2 * (1 - j / (lags + 1.0)) * autocovariance(m, j, a, b);
      }
      variance /= size;
    }
    return squares / (size * size) / variance;
  }

 private:
  // Cumulated y, t y, C C, t C, v C, t t, t v, v v, with v = t (t + 1) / 2.
  enum Sum { kY, kTY, kCC, kTC, kVC, kTT, kTV, kVV, kSums };

  // sum of e_t e_{t - j} over t = j + 1 .. m.
  double autocovariance(int m, int j, double a, double b) const {
    const int pairs = m - j;
    const double count = pairs, lag = j;
    const double late = sums_(m, kY) - sums_(j, kY), late_t = sums_(m, kTY) - sums_(j, kTY);
    const double early = sums_(pairs, kY), early_t = sums_(pairs, kTY);
    const double crossed = (a - b * lag) * late + b * late_t + (a + b * lag) * early + b * early_t;
    const double s = 0.5 * count * (count + 1), ss = s * (2 * count + 1) / 3;
    return products_(m, j) - crossed + count * a * (a + b * lag) + b * (2 * a + b * lag) * s +
           b * b * ss;
  }

  int lags_;
  Eigen::ArrayXXd sums_, products_;
};

// The same as ratios() of a draw. Residuals of a part sum to zero, so that its cumulated sums are
// the same squares from either end.
VectorXd ratios_of_draw(const VectorXd& y, const PersistenceOptions& options, int first, int last) {
  const int n = static_cast<int>(y.size());
  const LeadingParts before(y, options.lags), after(y.reverse(), options.lags);
  VectorXd k(last - first + 1);
  for (int i = first; i <= last; ++i) k(i - first) = after(n - i, options) / before(i, options);
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
    const VectorXd drawn = ratios_of_draw(e, options, first, last);
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
