#include "engine/regression/poisson.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

struct Drawn {
  MatrixXd x;
  VectorXd y;
  Groups entity, time;
};

// y = mu times a lognormal of mean one, or zero with probability 0.3 (and then scaled up):
// E[y|x] = exp(0.5 + 0.8 x_1 - 0.4 x_2 + a_i + g_s); entities and periods complete.
Drawn drawn(int entities, int periods, std::uint32_t draw) {
  const int n = entities * periods;
  std::vector<double> z(static_cast<std::size_t>(3 * n + entities + periods));
  std::vector<double> u(static_cast<std::size_t>(n));
  fill_normals({2006, Purpose::simulation, 2}, draw, z);
  fill_uniforms({2006, Purpose::simulation, 3}, draw, u);
  Drawn data{MatrixXd::Ones(n, 3), VectorXd(n), {{}, entities}, {{}, periods}};
  for (int t = 0; t < n; ++t) {
    const auto at = static_cast<std::size_t>(t), rows = static_cast<std::size_t>(n);
    const int i = t / periods, s = t % periods;
    const double a = z[3 * rows + static_cast<std::size_t>(i)];
    data.entity.code.push_back(i);
    data.time.code.push_back(s);
    data.x(t, 1) = z[at] + 0.3 * a;
    data.x(t, 2) = z[at + rows];
    const double g = z[3 * rows + static_cast<std::size_t>(entities + s)];
    const double mu = std::exp(0.5 + 0.8 * data.x(t, 1) - 0.4 * data.x(t, 2) + 0.5 * a + 0.3 * g);
    const double e = 0.5 * z[at + 2 * rows];
    data.y(t) = u[at] < 0.3 ? 0 : mu / 0.7 * std::exp(e - 0.125);
  }
  return data;
}

MatrixXd with_dummies(const MatrixXd& x, const Groups& a, const Groups& b) {
  MatrixXd all = MatrixXd::Zero(x.rows(), x.cols() + a.count + b.count - 1);
  all.leftCols(x.cols()) = x;
  for (Eigen::Index t = 0; t < x.rows(); ++t) {
    const auto at = static_cast<std::size_t>(t);
    all(t, x.cols() + a.code[at]) = 1;
    if (b.code[at] > 0) all(t, x.cols() + a.count + b.code[at] - 1) = 1;
  }
  return all;
}

}  // namespace

TEST_CASE("poisson: on a constant the mean, with White's variance of a mean") {
  const VectorXd y = (VectorXd(5) << 0, 1.5, 2, 7, 0).finished();
  const PoissonFit fit = fit_poisson(MatrixXd::Ones(5, 1), y);
  REQUIRE(fit.status == FitStatus::converged);
  CHECK_THAT(fit.coefficients(0), AgreesTo(std::log(2.1), 12));
  const double sum = 5 * 2.1, ss = (y.array() - 2.1).square().sum();
  CHECK_THAT(poisson_covariance(fit, ErrorStructure::hc0())(0, 0), AgreesTo(ss / sum / sum, 10));
  CHECK_THAT(poisson_covariance(fit, {})(0, 0), AgreesTo(1 / sum, 10));
}

TEST_CASE("poisson: a saturated model fits group means; an offset moves the constant") {
  MatrixXd x = MatrixXd::Ones(6, 2);
  x.col(1) << 0, 0, 0, 1, 1, 1;
  const VectorXd y = (VectorXd(6) << 1, 2, 3, 0, 4, 11).finished();
  CHECK_THAT(fit_poisson(x, y).coefficients(1), AgreesTo(std::log(5.0 / 2), 10));
  PoissonOptions options;
  options.offset = VectorXd::Constant(6, std::log(10.0));
  const PoissonFit fit = fit_poisson(x, y, options);
  CHECK_THAT(fit.coefficients(0), AgreesTo(std::log(0.2), 10));
  CHECK_THAT(fit.coefficients(1), AgreesTo(std::log(2.5), 10));
  // The log-likelihood of counts, term by term.
  double expected = 0;
  for (int t = 0; t < 6; ++t) {
    const double mu = t < 3 ? 2 : 5;
    expected += y(t) * std::log(mu) - mu - std::lgamma(y(t) + 1);
  }
  CHECK_THAT(fit.log_likelihood, AgreesTo(expected, 11));
}

TEST_CASE("poisson: absorbed effects are dummies") {
  const Drawn data = drawn(12, 8, 1);
  const MatrixXd slopes = data.x.rightCols(2);
  PoissonOptions options;
  options.effects = {data.entity, data.time};
  const PoissonFit fit = fit_poisson(slopes, data.y, options);
  const PoissonFit dummies = fit_poisson(with_dummies(slopes, data.entity, data.time), data.y);
  REQUIRE(fit.status == FitStatus::converged);
  CHECK((fit.coefficients - dummies.coefficients.head(2)).norm() < 1e-8);
  CHECK_THAT(fit.deviance, AgreesTo(dummies.deviance, 9));
  CHECK(fit.df_residual == dummies.df_residual);
  for (const ErrorStructure& errors :
       {ErrorStructure(), ErrorStructure::hc0(), ErrorStructure::clustered(data.entity, false)}) {
    const MatrixXd expected = poisson_covariance(dummies, errors).topLeftCorner(2, 2);
    CHECK(poisson_covariance(fit, errors).isApprox(expected, 1e-6));
  }
  // The moments that define it.
  CHECK((slopes.transpose() * fit.residuals).cwiseAbs().maxCoeff() < 1e-6);
  CHECK(group_sums(fit.residuals, data.entity).cwiseAbs().maxCoeff() < 1e-6);
}

TEST_CASE("poisson: units of y move the constant alone") {
  const Drawn data = drawn(30, 5, 2);
  const PoissonFit base = fit_poisson(data.x, data.y);
  const PoissonFit scaled = fit_poisson(data.x, 1e6 * data.y);
  CHECK_THAT(scaled.coefficients(1), AgreesTo(base.coefficients(1), 8));
  CHECK_THAT(scaled.coefficients(0), AgreesTo(base.coefficients(0) + std::log(1e6), 8));
}

TEST_CASE("poisson: separated rows and columns are found and named") {
  Drawn data = drawn(30, 5, 3);
  // Column 3 is positive in some rows with y = 0 only.
  MatrixXd x(data.x.rows(), 4);
  x << data.x, VectorXd::Zero(data.x.rows());
  std::vector<int> expected;
  for (int t = 0; t < x.rows() && expected.size() < 4; ++t) {
    if (data.y(t) > 0) continue;
    x(t, 3) = 1 + static_cast<double>(expected.size());
    expected.push_back(t);
  }
  const PoissonFit fit = fit_poisson(x, data.y);
  CHECK(fit.separated_rows == expected);
  CHECK(fit.separated_columns == std::vector<int>{3});
  CHECK(fit.coefficients(3) == 0);
  // Without those rows and that column the fit is the same.
  std::vector<int> kept = fit.rows;
  const PoissonFit rest = fit_poisson(data.x(kept, Eigen::all), data.y(kept));
  CHECK((fit.coefficients.head(3) - rest.coefficients).norm() < 1e-12);
  // A column of both signs where y = 0 separates nothing.
  x(expected[0], 3) = -1;
  CHECK(fit_poisson(x, data.y).separated_rows.size() < expected.size());
  x.col(3).setZero();
  x(expected[0], 3) = 1;
  x(expected[1], 3) = -1;
  x(expected[2], 3) = 1;
  const PoissonFit both = fit_poisson(x, data.y);
  CHECK(both.separated_rows.empty());
  CHECK(both.status == FitStatus::converged);
}

TEST_CASE("poisson: separation with effects, and groups without trade") {
  Drawn data = drawn(12, 8, 4);
  MatrixXd x(data.x.rows(), 3);
  x << data.x.rightCols(2), VectorXd::Zero(data.x.rows());
  // An entity that never trades.
  std::vector<int> expected;
  for (int t = 24; t < 32; ++t) {
    data.y(t) = 0;
    expected.push_back(t);
  }
  for (int t = 40; t < x.rows(); ++t) {
    if (data.y(t) > 0) continue;
    x(t, 2) = 1;
    expected.push_back(t);
    break;
  }
  PoissonOptions options;
  options.effects = {data.entity, data.time};
  const PoissonFit fit = fit_poisson(x, data.y, options);
  CHECK(fit.separated_rows == expected);
  CHECK(fit.separated_columns == std::vector<int>{2});
  CHECK(fit.status == FitStatus::converged);
}

TEST_CASE("poisson: input it cannot use is named") {
  Drawn data = drawn(10, 4, 5);
  VectorXd bad = data.y;
  bad(7) = -1;
  CHECK_THROWS_WITH(fit_poisson(data.x, bad), Catch::Contains("y in row 7 is -1"));
  CHECK_THROWS_WITH(fit_poisson(data.x, 0 * data.y), Catch::Contains("y is 0 in every row"));
  MatrixXd x(40, 4);
  x << data.x, data.x.col(1) - data.x.col(2);
  CHECK_THROWS_WITH(fit_poisson(x, data.y), Catch::Contains("column 3 is a linear combination"));
}

TEST_CASE("poisson: consistent and honestly measured when y is no count", "[slow]") {
  int covered = 0;
  double mean = 0;
  constexpr int kDraws = 200;
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const Drawn data = drawn(300, 8, 100 + draw);
    PoissonOptions options;
    options.effects = {data.entity, data.time};
    const PoissonFit fit = fit_poisson(data.x.rightCols(2), data.y, options);
    const MatrixXd v = poisson_covariance(fit, ErrorStructure::clustered(data.entity));
    mean += fit.coefficients(0) / kDraws;
    covered += std::fabs(fit.coefficients(0) - 0.8) <= 1.96 * std::sqrt(v(0, 0));
  }
  CHECK(mean == Approx(0.8).margin(0.02));
  CHECK(covered >= 174);  // 190 expected; clusters are few and means skewed
}

}  // namespace amnok
