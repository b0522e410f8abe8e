#include <Eigen/Cholesky>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/solver/log_likelihood.h"
#include "engine/solver/nonlinear_least_squares.h"
#include "engine/solver/parameter_vector.h"
#include "engine/solver/partition_search.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

TEST_CASE("parameter vector: transforms round-trip and stay admissible") {
  ParameterVector p;
  p.add_block({"ar1", "ar2"}, {1.2, -0.5}, Constraint::stationary);
  p.add_block({"ma1"}, {-0.7}, Constraint::invertible);
  p.add("sigma", 3.0, Constraint::positive);
  p.add("delta", 0.4, Constraint::bounded, -1, 1);
  p.add("beta", -17, Constraint::real);
  const VectorXd u = p.to_unconstrained(p.values());
  CHECK((p.to_natural(u) - p.values()).norm() < 1e-12);
  for (int trial = 0; trial < 50; ++trial) {
    const VectorXd any = 20 * VectorXd::Random(p.size());
    CHECK(p.is_admissible(p.to_natural(any)));
  }
  VectorXd bad = p.values();
  bad(0) = 2.5;
  CHECK_FALSE(p.is_admissible(bad));
}

TEST_CASE("parameter vector: the Jacobian matches differences") {
  ParameterVector p;
  p.add_block({"ar1", "ar2"}, {0.4, 0.3}, Constraint::stationary);
  p.add("s", 2, Constraint::positive);
  p.add_block({"ma1", "ma2", "ma3", "ma4", "ma5"}, {0.5, -0.2, 0.1, 0.3, -0.1},
              Constraint::invertible);
  const VectorXd u = p.to_unconstrained(p.values());
  const MatrixXd j = p.natural_jacobian(u);
  for (int i = 0; i < p.size(); ++i) {
    VectorXd up = u;
    up(i) += 1e-6;
    CHECK(((p.to_natural(up) - p.values()) / 1e-6 - j.col(i)).norm() < 1e-5);
  }
}

TEST_CASE("parameter vector: a start on the boundary is drawn inside") {
  ParameterVector p;
  p.add_block({"ar1"}, {1.0}, Constraint::stationary);
  const VectorXd u = p.to_unconstrained(p.values());
  CHECK(u.allFinite());
  CHECK(p.to_natural(u)(0) < 1);
}

TEST_CASE("nonlinear least squares: Rosenbrock's valley") {
  NonlinearLeastSquares problem;
  problem.residual_count = 2;
  problem.starts = {Eigen::Vector2d(-1.2, 1)};
  problem.evaluate = [](const VectorXd& x, VectorXd& r, MatrixXd* j) {
    r.resize(2);
    r << 10 * (x(1) - x(0) * x(0)), 1 - x(0);
    if (j != nullptr) {
      j->resize(2, 2);
      *j << -20 * x(0), 10, -1, 0;
    }
    return true;
  };
  const NonlinearFit fit = solve(problem);
  CHECK(fit.status == FitStatus::converged);
  CHECK((fit.x - Eigen::Vector2d(1, 1)).norm() < 1e-10);
}

TEST_CASE("nonlinear least squares: undefined everywhere is a status with a reason") {
  NonlinearLeastSquares problem;
  problem.residual_count = 3;
  problem.starts = {VectorXd::Ones(1)};
  problem.evaluate = [](const VectorXd&, VectorXd&, MatrixXd*) { return false; };
  const NonlinearFit fit = solve(problem);
  CHECK(fit.status == FitStatus::failed);
  CHECK(fit.message == "the residuals are not defined at any start value");
}

TEST_CASE("nonlinear least squares: nothing to estimate is solved at once") {
  NonlinearLeastSquares problem;
  problem.residual_count = 2;
  problem.starts = {VectorXd(0)};
  problem.evaluate = [](const VectorXd&, VectorXd& r, MatrixXd*) {
    r = Eigen::Vector2d(3, 4);
    return true;
  };
  CHECK(solve(problem).rss == 25);
}

TEST_CASE("log likelihood: the mean and variance of a normal sample") {
  std::vector<double> x(500);
  fill_normals({3, Purpose::simulation, 0}, 0, x);
  double mean = 0, squares = 0;
  for (double& v : x) {
    v = 5 + 2 * v;
    mean += v / 500;
  }
  for (double v : x) squares += (v - mean) * (v - mean) / 500;
  LogLikelihood problem;
  problem.starts = {Eigen::Vector2d(0, 0)};
  problem.observations = 500;
  problem.evaluate = [&](const VectorXd& u) {
    double sum = 0;
    for (double v : x) sum += -u(1) - 0.5 * std::pow((v - u(0)) / std::exp(u(1)), 2);
    return sum;
  };
  const LikelihoodFit fit = solve(problem);
  CHECK(fit.status == FitStatus::converged);
  CHECK_THAT(fit.x(0), AgreesTo(mean, 7));
  CHECK_THAT(std::exp(2 * fit.x(1)), AgreesTo(squares, 7));
  const MatrixXd information = -numeric_hessian(problem.evaluate, fit.x);
  CHECK_THAT(information(0, 0), AgreesTo(500 / squares, 5));
  CHECK_THAT(information(1, 1), AgreesTo(1000, 5));
}

TEST_CASE("partition search: the segment table equals least squares on every segment") {
  constexpr int kRows = 40;
  MatrixXd x(kRows, 3);
  VectorXd y(kRows);
  std::vector<double> e(3 * kRows);
  fill_normals({4, Purpose::simulation, 0}, 0, e);
  for (int t = 0; t < kRows; ++t) {
    x.row(t) << 1, e[static_cast<std::size_t>(t)], e[static_cast<std::size_t>(kRows + t)];
    y(t) = 1 + x(t, 1) + e[static_cast<std::size_t>(2 * kRows + t)];
  }
  const SegmentTable table(x, y, 5);
  for (int first = 0; first + 5 <= kRows; first += 7) {
    for (int last = first + 4; last < kRows; last += 5) {
      const int rows = last - first + 1;
      const VectorXd b =
          x.middleRows(first, rows).colPivHouseholderQr().solve(y.segment(first, rows));
      const double rss = (y.segment(first, rows) - x.middleRows(first, rows) * b).squaredNorm();
      CHECK(table.at(first, last) == Approx(rss).epsilon(1e-10));
    }
  }
}

TEST_CASE("partition search: the dynamic programme equals a search over all pairs") {
  constexpr int kRows = 30, kShort = 4;
  MatrixXd x = MatrixXd::Ones(kRows, 1);
  VectorXd y(kRows);
  std::vector<double> e(kRows);
  fill_normals({6, Purpose::simulation, 0}, 0, e);
  for (int t = 0; t < kRows; ++t) y(t) = e[static_cast<std::size_t>(t)] + (t > 10 ? 1 : 0);
  const PartitionFit fit = solve(PartitionSearch{x, y, kShort, 2});
  const SegmentTable table(x, y, kShort);
  double best = INFINITY;
  std::vector<int> where;
  for (int a = kShort - 1; a < kRows; ++a) {
    for (int b = a + kShort; b + kShort < kRows; ++b) {
      const double rss = table.at(0, a) + table.at(a + 1, b) + table.at(b + 1, kRows - 1);
      if (rss < best) {
        best = rss;
        where = {a, b};
      }
    }
  }
  REQUIRE(fit.best.size() == 3);
  CHECK(fit.best[2].rss == Approx(best).epsilon(1e-12));
  CHECK(fit.best[2].last == where);
}

TEST_CASE("partition search: no room for more breaks than segments fit") {
  const PartitionFit fit =
      solve(PartitionSearch{MatrixXd::Ones(20, 1), VectorXd::Random(20), 6, 5});
  CHECK(fit.best.size() == 3);
}

TEST_CASE("partition search: a regressor that is constant inside a segment is harmless") {
  constexpr int kRows = 40;
  MatrixXd x(kRows, 2);
  x.col(0).setOnes();
  for (int t = 0; t < kRows; ++t) x(t, 1) = t >= 20 ? 1 : 0;
  const VectorXd y = VectorXd::Random(kRows);
  const SegmentTable table(x, y, 4);
  const double mean = y.head(10).mean();
  CHECK(table.at(0, 9) == Approx((y.head(10).array() - mean).square().sum()).epsilon(1e-10));
}

}  // namespace amnok
