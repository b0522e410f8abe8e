#include "engine/regression/persistence_tests.h"

#include <Eigen/QR>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

VectorXd noise(std::uint32_t draw, int n) {
  VectorXd y(n);
  fill_normals({79, Purpose::simulation, 0}, draw, {y.data(), static_cast<std::size_t>(n)});
  return y;
}

// m^-2 sum S^2 over the long-run variance of one part, by its residuals about a fitted line.
double part_by_hand(const VectorXd& y, bool trend, int lags) {
  const Eigen::Index m = y.size();
  MatrixXd x = MatrixXd::Ones(m, trend ? 2 : 1);
  if (trend) x.col(1) = VectorXd::LinSpaced(m, 1, static_cast<double>(m));
  const VectorXd e = y - x * x.colPivHouseholderQr().solve(y);
  double sum = 0, squares = 0, variance = e.squaredNorm();
  for (Eigen::Index t = 0; t < m; ++t) squares += std::pow(sum += e(t), 2);
  for (int j = 1; j <= lags; ++j) {
    variance += 2 * (1 - j / (lags + 1.0)) * e.tail(m - j).dot(e.head(m - j));
  }
  const auto size = static_cast<double>(m);
  return squares / (size * size) / (lags < 0 ? 1 : variance / size);
}

double mean_ratio_by_hand(const VectorXd& y, bool trend, int lags, int first, int last) {
  double sum = 0;
  for (int i = first; i <= last; ++i) {
    sum += part_by_hand(y.tail(y.size() - i), trend, lags) / part_by_hand(y.head(i), trend, lags);
  }
  return sum / (last - first + 1);
}

}  // namespace

TEST_CASE("persistence: p-values are shares of draws that reach the statistic, by hand") {
  constexpr int n = 44, kDraws = 79;
  VectorXd y = noise(9, n);
  for (int t = 26; t < n; ++t) y(t) += 0.2 * y(t - 1);
  y.array() += 1e5;
  for (const bool trend : {false, true}) {
    for (const int lags : {-1, 0, 3}) {
      PersistenceOptions options;
      options.terms = trend ? Deterministics::trend : Deterministics::constant;
      options.lags = lags;
      options.trim = 0.25;
      options.replications = kDraws;
      options.seed = 4;
      const PersistenceTest test = persistence_test(y, options);
      CHECK(test.to_walk.mean == Approx(mean_ratio_by_hand(y, trend, lags, 11, 33)).epsilon(1e-6));
      int reached = 1;
      for (std::uint32_t r = 0; r < kDraws; ++r) {
        VectorXd e(n);
        fill_normals({4, Purpose::bootstrap, 0}, r, {e.data(), static_cast<std::size_t>(n)});
        reached += mean_ratio_by_hand(e, trend, lags, 11, 33) >= test.to_walk.mean ? 1 : 0;
      }
      INFO("trend " << trend << ", lags " << lags);
      CHECK(reached > 1);
      CHECK(reached < kDraws);
      CHECK(test.to_walk_p.mean == Approx(reached / (kDraws + 1.0)));
    }
  }
}

TEST_CASE("persistence: a ratio by hand") {
  // 1, -1 alternating: S is 1, 0, 1, 0, ..; 3, -3 alternating thrice that: every ratio of even parts
  // of equal length is 9.
  VectorXd y(40);
  for (int t = 0; t < 40; ++t) y(t) = (t % 2 == 0 ? 1 : -1) * (t < 20 ? 1 : 3);
  PersistenceOptions options;
  options.trim = 0.49999;  // 19 .. 21 observations
  options.replications = 9;
  const PersistenceTest test = persistence_test(y, options);
  CHECK(test.to_walk.sup >= 9);
  CHECK(test.either.mean == std::max(test.to_walk.mean, test.from_walk.mean));
}

TEST_CASE("persistence: reversing time swaps the directions") {
  const VectorXd y = noise(3, 60);
  for (const int lags : {-1, 4}) {
    PersistenceOptions options;
    options.lags = lags;
    options.trim = 0.25;  // the same candidates from both ends
    options.replications = 99;
    const PersistenceTest a = persistence_test(y, options),
                          b = persistence_test(y.reverse(), options);
    CHECK(a.to_walk.sup == Approx(b.from_walk.sup));
    CHECK(a.from_walk.exp == Approx(b.to_walk.exp));
    CHECK(a.either.mean == Approx(b.either.mean));
    CHECK(a.to_walk_at == 60 - b.from_walk_at);
    const PersistenceTest c = persistence_test(1e6 - 1e3 * y.array(), options);
    CHECK(c.to_walk.sup == Approx(a.to_walk.sup).epsilon(1e-6));
    CHECK(c.to_walk_p.mean == a.to_walk_p.mean);
  }
}

TEST_CASE("persistence: a turn into a random walk is seen, in its direction") {
  VectorXd y = noise(5, 160);
  for (int t = 81; t < 160; ++t) y(t) += y(t - 1);
  PersistenceOptions options;
  options.replications = 499;
  const PersistenceTest test = persistence_test(y, options);
  CHECK(test.to_walk_p.mean < 0.01);
  CHECK(test.either_p.exp < 0.01);
  CHECK(test.from_walk_p.mean > 0.1);
  CHECK(std::abs(test.to_walk_at - 80) <= 20);
}

TEST_CASE("persistence: bad input is named, a constant has no statistic") {
  CHECK_THROWS_WITH(persistence_test(noise(1, 10), {}), Catch::Contains("10 observations"));
  VectorXd y = noise(1, 40);
  y(2) = kMissing;
  CHECK_THROWS_WITH(persistence_test(y, {}), Catch::Contains("1 are missing"));
  CHECK(std::isnan(persistence_test(VectorXd::Ones(40), {}).either.sup));
}

TEST_CASE("persistence: size at 5 %", "[slow]") {
  constexpr int kDraws = 300;
  int rejected = 0;
  PersistenceOptions options;
  options.replications = 199;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    options.seed = r;
    rejected += persistence_test(noise(50 + r, 60), options).either_p.mean <= 0.05 ? 1 : 0;
  }
  INFO(rejected);
  CHECK(rejected > 0.015 * kDraws);
  CHECK(rejected < 0.095 * kDraws);
}

}  // namespace amnok
