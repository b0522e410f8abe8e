#include "engine/solver/secant_search.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

namespace {

// Brown & Dennis' function (More, Garbow & Hillstrom 1981, ACM Trans. Math. Softw. 7, 17-41, no. 16):
// residuals of about 300 at the optimum, f* = 85822.2 for 20 of them.
NonlinearLeastSquares brown_dennis() {
  NonlinearLeastSquares problem;
  problem.residual_count = 20;
  problem.starts = {(VectorXd(4) << 25, 5, -5, -1).finished()};
  problem.offset_tolerance = 1e-9;
  problem.effort = NonlinearLeastSquares::Effort::normal;
  problem.max_iterations = 200;
  problem.evaluate = [](const VectorXd& x, VectorXd& r, MatrixXd* jacobian) {
    r.resize(20);
    if (jacobian != nullptr) jacobian->resize(20, 4);
    for (int i = 0; i < 20; ++i) {
      const double t = (i + 1) / 5.0;
      const double a = x(0) + t * x(1) - std::exp(t), b = x(2) + x(3) * std::sin(t) - std::cos(t);
      r(i) = a * a + b * b;
      if (jacobian != nullptr) jacobian->row(i) << 2 * a, 2 * a * t, 2 * b, 2 * b * std::sin(t);
    }
    return true;
  };
  return problem;
}

}  // namespace

TEST_CASE("secant search: Brown and Dennis' large residuals", "[solver]") {
  const NonlinearLeastSquares problem = brown_dennis();
  const SecantEnd end = secant_search(problem, problem.starts.front(), 1e-15);
  REQUIRE(end.defined);
  CHECK(end.residuals.squaredNorm() == Approx(85822.2).margin(0.05));  // as published
  CHECK((end.jacobian.transpose() * end.residuals).norm() < 1e-3 * end.residuals.squaredNorm());
  // Gauss-Newton alone needs hundreds of steps here.
  CHECK(end.iterations < 40);
}

TEST_CASE("secant search: the general solver ends where the exact one does", "[solver]") {
  NonlinearLeastSquares problem = brown_dennis();
  const NonlinearFit normal = solve(problem);
  problem.effort = NonlinearLeastSquares::Effort::exact;
  const NonlinearFit exact = solve(problem);
  CHECK(normal.status == FitStatus::converged);
  CHECK(normal.rss == Approx(exact.rss).epsilon(1e-12));
  CHECK((normal.x - exact.x).norm() < 1e-6 * exact.x.norm());
}

TEST_CASE("secant search: a search by products is judged by them where they have the digits",
          "[solver]") {
  // The second parameter in units in which its column is nearly the first's.
  for (double mix : {0.0, 1e4}) {
    NonlinearLeastSquares problem = brown_dennis();
    const auto plain = problem.evaluate;
    const double shared = mix;
    problem.evaluate = [plain, shared](const VectorXd& v, VectorXd& r, MatrixXd* jacobian) {
      VectorXd x = v;
      x(0) += shared * v(1);
      if (!plain(x, r, jacobian)) return false;
      if (jacobian != nullptr) jacobian->col(1) += shared * jacobian->col(0);
      return true;
    };
    problem.starts.front()(0) -= mix * problem.starts.front()(1);
    problem.offset_tolerance = 1e-6;
    const auto residuals = problem.evaluate;
    problem.products = [residuals](const VectorXd& x, ResidualProducts& products) {
      VectorXd r;
      MatrixXd jacobian;
      if (!residuals(x, r, &jacobian)) return false;
      products = {r.squaredNorm(), jacobian.transpose() * r, jacobian.transpose() * jacobian};
      return true;
    };
    const NonlinearFit fit = solve(problem);
    CHECK(fit.status == FitStatus::converged);
    CHECK(fit.rss == Approx(85822.2).margin(0.05));
    CHECK(fit.relative_offset < problem.offset_tolerance);
    CHECK((fit.jacobian.size() > 0) == (mix > 0));
  }
}

TEST_CASE("secant search: a second search stops where it meets the first one's end", "[solver]") {
  NonlinearLeastSquares problem = brown_dennis();
  const SecantEnd first = secant_search(problem, problem.starts.front(), 1e-15);
  const KnownOptimum known{first.x, first.gram, first.rss};
  const VectorXd elsewhere = (VectorXd(4) << 10, 5, -2, 0.5).finished();
  const SecantEnd second = secant_search(problem, elsewhere, 1e-15, known);
  CHECK(second.arrived);
  CHECK(second.iterations < secant_search(problem, elsewhere, 1e-15).iterations);

  problem.starts.push_back(elsewhere);
  const NonlinearFit fit = solve(problem);
  REQUIRE(fit.optima.size() == 2);
  CHECK(fit.optima[0] == fit.optima[1]);
}

TEST_CASE("secant search: a start where nothing is defined", "[solver]") {
  NonlinearLeastSquares problem = brown_dennis();
  problem.evaluate = [](const VectorXd&, VectorXd&, MatrixXd*) { return false; };
  CHECK_FALSE(secant_search(problem, problem.starts.front(), 1e-15).defined);
  CHECK(solve(problem).status == FitStatus::failed);
}

}  // namespace amnok
