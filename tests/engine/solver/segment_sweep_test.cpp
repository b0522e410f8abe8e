#include "engine/solver/segment_sweep.h"

#include <cmath>

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

struct Draw {
  MatrixXd x;
  VectorXd y;
};

// A constant and normals, in wildly different units when `badly_scaled`.
Draw draw(int n, int k, bool badly_scaled) {
  std::vector<double> e(static_cast<std::size_t>(n * (k + 1)));
  fill_normals({19, Purpose::simulation, static_cast<std::uint32_t>(k)}, 0, e);
  const MatrixXd normals = Eigen::Map<MatrixXd>(e.data(), n, k + 1);
  Draw result{normals.leftCols(k), normals.col(k)};
  result.x.col(0).setOnes();
  if (badly_scaled) {
    for (int j = 1; j < k; ++j) {
      result.x.col(j) = std::pow(10.0, 6 * (j % 3) - 6) * (1e3 + result.x.col(j).array());
    }
    result.y = 1e8 + 1e2 * result.y.array();
  }
  return result;
}

}  // namespace

TEST_CASE("segment sweep: the RSS is that of a refit, for any number of regressors") {
  constexpr int n = 90;
  for (const bool badly_scaled : {false, true}) {
    for (const int k : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12}) {
      const Draw d = draw(n, k, badly_scaled);
      const std::vector<int> starts = {0, 1, 2, 7, 30};
      std::vector<double> rss(starts.size() * n);
      SegmentSweep(d.x, d.y).run(starts, rss.data());
      for (std::size_t i = 0; i < starts.size(); ++i) {
        for (int last = starts[i] + k + 2; last < n; last += 9) {
          const int rows = last - starts[i] + 1;
          const LinearFit refit = solve(
              LinearLeastSquares{d.x.middleRows(starts[i], rows), d.y.segment(starts[i], rows)});
          INFO("k " << k << ", " << starts[i] << ".." << last);
          // Regressors and y lie 1e3 and 1e6 standard deviations from zero when badly scaled.
          CHECK_THAT(rss[i * n + static_cast<std::size_t>(last)],
                     AgreesTo(refit.rss, badly_scaled ? 6 : 11));
        }
      }
    }
  }
}

TEST_CASE("segment sweep: units change the RSS by their square, to the bit for powers of two") {
  const Draw d = draw(50, 3, false);
  MatrixXd x = d.x;
  x.col(1) *= 0x1p40;
  x.col(2) *= 0x1p-60;
  std::vector<double> a(50), b(50);
  SegmentSweep(d.x, d.y).run({4}, a.data());
  SegmentSweep(x, d.y * 0x1p20).run({4}, b.data());
  for (std::size_t t = 0; t < 50; ++t) CHECK(b[t] == a[t] * 0x1p40);
}

TEST_CASE("segment sweep: a lane does not feel its neighbours") {
  const Draw d = draw(60, 4, false);
  const std::vector<int> starts = {0, 9, 10, 11, 12, 13, 14, 15};
  std::vector<double> together(8 * 60), alone(60);
  const SegmentSweep sweep(d.x, d.y);
  sweep.run(starts, together.data());
  for (std::size_t lane = 0; lane < starts.size(); ++lane) {
    sweep.run({starts[lane]}, alone.data());
    for (std::size_t t = 0; t < 60; ++t) CHECK(together[lane * 60 + t] == alone[t]);
  }
}

TEST_CASE("segment sweep: a segment that fits exactly leaves nothing, also of collinear columns") {
  MatrixXd x = MatrixXd::Ones(30, 3);
  x.col(1) = VectorXd::LinSpaced(30, 1, 30);
  x.col(2) = 2 - 0.1 * x.col(1).array();
  const VectorXd y = 3 + 7 * x.col(1).array();
  std::vector<double> rss(30);
  SegmentSweep(x, y).run({0}, rss.data());
  for (double value : rss) CHECK(std::fabs(value) < 1e-20 * y.squaredNorm());
}

}  // namespace amnok
