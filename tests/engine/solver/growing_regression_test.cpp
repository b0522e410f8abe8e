#include "engine/solver/growing_regression.h"

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

TEST_CASE("growing regression: the RSS of every prefix is that of a refit") {
  constexpr int n = 60, k = 3;
  std::vector<double> e(n * k);
  fill_normals({7, Purpose::simulation, 1}, 0, e);
  MatrixXd x = Eigen::Map<MatrixXd>(e.data(), n, k);
  x.col(0).setOnes();
  x.col(2) = 1e6 + 1e3 * x.col(2).array();
  const VectorXd y = x.col(1) + VectorXd::LinSpaced(n, -1, 1).cwiseAbs();
  GrowingRegression regression(column_scale(x));
  for (int t = 0; t < n; ++t) {
    const double before = regression.rss(), w = regression.add(x, y, t);
    CHECK(regression.rss() == Approx(before + w * w).epsilon(1e-14));
    if (t < k + 1) continue;
    const LinearFit refit = solve(LinearLeastSquares{x.topRows(t + 1), y.head(t + 1)});
    CHECK(regression.rss() == Approx(refit.rss).epsilon(1e-9));
  }
  CHECK(regression.rank() == k);
}

TEST_CASE("growing regression: a row that raises the rank leaves nothing") {
  MatrixXd x(5, 2);
  x << 1, 0, 1, 0, 1, 0, 1, 1, 1, 1;
  VectorXd y(5);
  y << 1, 3, 2, 7, 9;
  GrowingRegression regression(column_scale(x));
  CHECK(regression.add(x, y, 0) == 0);
  CHECK(regression.add(x, y, 1) == Approx(std::sqrt(2.0)));
  regression.add(x, y, 2);
  CHECK(regression.rank() == 1);
  CHECK(regression.add(x, y, 3) == 0);
  CHECK(regression.rank() == 2);
  CHECK(regression.add(x, y, 4) == Approx(std::sqrt(2.0)));
  CHECK(regression.rss() == Approx(2 + 2));
}

}  // namespace amnok
