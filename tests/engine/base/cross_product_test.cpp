#include "engine/base/cross_product.h"

#include <catch2/catch.hpp>

#include "engine/stats/hac.h"

namespace amnok {

namespace {

// Rows with entries that no two share.
MatrixXd table(Eigen::Index n, Eigen::Index k) {
  MatrixXd x(n, k);
  for (Eigen::Index t = 0; t < n; ++t) {
    for (Eigen::Index j = 0; j < k; ++j) {
      x(t, j) = std::sin(static_cast<double>(1 + t * (j + 2))) + 0.1 * static_cast<double>(j);
    }
  }
  return x;
}

}  // namespace

TEST_CASE("cross product: equals X'X for sizes around a block and a tile") {
  for (int n : {1, 7, 8, 9, 255, 256, 257, 700}) {
    for (int k : {1, 3, 4, 5, 9}) {
      const MatrixXd x = table(n, k);
      const MatrixXd product = cross_product(x);
      CHECK((product - x.transpose() * x).cwiseAbs().maxCoeff() < 1e-13 * n);
      CHECK(product == product.transpose());
    }
  }
}

TEST_CASE("cross product: weights enter once") {
  const MatrixXd x = table(300, 3);
  const VectorXd w = x.col(0).cwiseAbs2();
  const MatrixXd expected = x.transpose() * w.asDiagonal() * x;
  CHECK((weighted_cross_product(x, w) - expected).cwiseAbs().maxCoeff() < 1e-11);
}

TEST_CASE("newey west: the moving sums give the weighted lag products") {
  for (int n : {5, 256, 600}) {
    const MatrixXd x = table(n, 3);
    const VectorXd e = table(n, 5).col(4);
    const MatrixXd scores = e.asDiagonal() * x;
    for (int lags : {0, 1, 4, n - 1}) {
      MatrixXd expected = scores.transpose() * scores;
      for (int j = 1; j <= lags; ++j) {
        const MatrixXd g = scores.bottomRows(n - j).transpose() * scores.topRows(n - j);
        expected += (1 - j / (lags + 1.0)) * (g + g.transpose());
      }
      CHECK((newey_west(scores, lags) - expected).cwiseAbs().maxCoeff() < 1e-10);
      CHECK(newey_west(x, e, lags).isApprox(newey_west(scores, lags), 1e-12));
    }
  }
}

}  // namespace amnok
