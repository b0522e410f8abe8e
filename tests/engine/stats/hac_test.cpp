#include "engine/stats/hac.h"

#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

MatrixXd drawn_scores(int n, int k) {
  MatrixXd s(n, k);
  fill_normals({5, Purpose::simulation, 3}, 0, {s.data(), static_cast<std::size_t>(n * k)});
  for (int t = 1; t < n; ++t) s.row(t) += 0.6 * s.row(t - 1);
  s.col(0) *= 1e3;
  return s;
}

// sum_j w_j (G(j) + G(j)') as the definition says.
MatrixXd by_definition(const MatrixXd& s, double bandwidth) {
  MatrixXd sum = s.transpose() * s;
  for (Eigen::Index j = 1; j < s.rows(); ++j) {
    const double y = 6 * std::acos(-1.0) * static_cast<double>(j) / bandwidth / 5;
    const double w = 3 / (y * y) * (std::sin(y) / y - std::cos(y));
    const MatrixXd g = s.bottomRows(s.rows() - j).transpose() * s.topRows(s.rows() - j);
    sum += w * (g + g.transpose());
  }
  return sum;
}

}  // namespace

TEST_CASE("hac: the quadratic spectral sum is its definition, for few and for many lags") {
  // Sums below 400 lags, transforms above.
  for (const int n : {50, 399, 401, 730}) {
    const MatrixXd s = drawn_scores(n, 3);
    for (const double bandwidth : {1.3, 7.0, 60.0}) {
      const MatrixXd a = kernel_covariance(s, Kernel::quadratic_spectral, bandwidth);
      const MatrixXd b = by_definition(s, bandwidth);
      for (Eigen::Index i = 0; i < 3; ++i) {
        for (Eigen::Index j = 0; j < 3; ++j) {
          CHECK(std::fabs(a(i, j) - b(i, j)) <= 1e-9 * std::sqrt(b(i, i) * b(j, j)));
        }
      }
    }
  }
}

TEST_CASE("hac: newey and west is the Bartlett kernel one lag wider") {
  const MatrixXd s = drawn_scores(900, 2);
  for (const int lags : {3, 500}) {
    CHECK((newey_west(s, lags) - kernel_covariance(s, Kernel::bartlett, lags + 1)).norm() <
          1e-10 * newey_west(s, lags).norm());
  }
}

}  // namespace amnok
