// Three ways to one number: the fast recursions, the Kalman filter, and a dense multivariate
// normal.
#include "models/arima/arima_likelihood.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/stats/lag_polynomial.h"
#include "tests/support/arima_series.h"

namespace amnok {

namespace {

constexpr int kRows = 30, kSeason = 4;

// Of the differenced data, sigma^2 and beta concentrated out.
double dense_log_likelihood(const ArimaData& data, const std::vector<double>& ar,
                            const std::vector<double>& ma, VectorXd& beta) {
  const ArimaOrder& o = data.order;
  const auto differenced = [&](const VectorXd& v) {
    return difference(v, o.d, o.seasonal_d, o.period);
  };
  const VectorXd w = differenced(data.y);
  const auto n = static_cast<int>(w.size());
  MatrixXd x(n, data.x.cols());
  for (Eigen::Index j = 0; j < x.cols(); ++j) x.col(j) = differenced(data.x.col(j));
  std::vector<double> gamma;
  REQUIRE(arma_autocovariances(ar, ma, n, gamma));
  MatrixXd v(n, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) v(i, j) = gamma[static_cast<std::size_t>(std::abs(i - j))];
  }
  const Eigen::LLT<MatrixXd> llt(v);
  REQUIRE(llt.info() == Eigen::Success);
  const VectorXd z = llt.matrixL().solve(w);
  const MatrixXd zx = llt.matrixL().solve(x);
  beta = zx.colPivHouseholderQr().solve(z);
  const double rss = (z - zx * beta).squaredNorm();
  return -0.5 * n * (std::log(2 * std::numbers::pi * rss / n) + 1) -
         llt.matrixL().toDenseMatrix().diagonal().array().log().sum();
}

ArimaData test_data(const ArimaOrder& order) {
  ArimaData data;
  data.order = order;
  data.y = simulated_arima({1, 1, 1, 0, 0, 0, 1}, (VectorXd(2) << 0.4, -0.3).finished(), kRows, 51)
               .array() +
           20;
  // A level shift and a smooth series: neither is lost to differencing.
  data.x.resize(kRows, 2);
  for (int t = 0; t < kRows; ++t) {
    data.x(t, 0) = t >= 17 ? 1 : 0;
    data.x(t, 1) = std::sin(0.9 * t) + 0.3 * std::cos(2.3 * t);
  }
  data.regressor_names = {"shift", "wave"};
  return data;
}

// Admissible, different from order to order: partial autocorrelations up to 0.6.
VectorXd some_parameters(const ArimaOrder& o, const ParameterVector& p) {
  VectorXd u(p.size());
  for (int i = 0; i < p.size(); ++i) {
    u(i) = 0.75 * std::sin(1.9 * i + 0.7 + o.p + 2 * o.q + 3 * o.seasonal_p);
  }
  return p.to_natural(u);
}

// phi(B) Phi(B^s), or theta(B) Theta(B^s), of parameters in columns.
DrawMatrix expanded(const ArimaLikelihood& likelihood, const DrawMatrix& theta, bool ar) {
  DrawMatrix result;
  for (Eigen::Index d = 0; d < theta.cols(); ++d) {
    const std::vector<double> c =
        ar ? likelihood.ar_polynomial(theta.col(d)) : likelihood.ma_polynomial(theta.col(d));
    result.conservativeResize(std::ssize(c), theta.cols());
    result.col(d) = Eigen::Map<const VectorXd>(c.data(), std::ssize(c));
  }
  return result;
}

}  // namespace

TEST_CASE("arima likelihood: recursions, filter and dense normal agree to 1e-9 with regressors") {
  int checked = 0;
  double worst = 0, worst_beta = 0;
  for (int code = 0; code < 144; ++code) {
    const ArimaOrder o{code % 3,      code / 3 % 2,  code / 6 % 3, code / 18 % 2,
                       code / 36 % 2, code / 72 % 2, kSeason};
    const ArimaData data = test_data(o);
    const ArimaLikelihood fast(data);
    REQUIRE(fast.data().complete());
    const VectorXd theta = some_parameters(o, fast.parameters());
    VectorXd beta;
    const double exact =
        dense_log_likelihood(data, fast.ar_polynomial(theta), fast.ma_polynomial(theta), beta);
    // One observation given as a sum of one period: the Kalman filter's route. Not one of those
    // that the diffuse start uses up, whose scale would enter.
    ArimaData summed = data;
    const int at = 21;
    summed.sums.push_back({at, {{0, 1.0}}, summed.y(at), 0});
    summed.y(at) = kMissing;
    const ArimaLikelihood filtered(std::move(summed));
    REQUIRE_FALSE(filtered.data().complete());
    const ArimaEvaluation a = fast.evaluate(theta), b = filtered.evaluate(theta);
    INFO(order_text(o));
    REQUIRE(a.ok);
    REQUIRE(b.ok);
    for (const ArimaEvaluation& e : {a, b}) {
      CHECK(e.nobs == kRows - o.differences());
      worst = std::max(worst, std::fabs(e.log_likelihood - exact) / std::fabs(exact));
      worst_beta = std::max(worst_beta, (e.beta - beta).norm() / beta.norm());
      CHECK(std::fabs(e.log_likelihood - exact) < 1e-9 * std::fabs(exact));
      CHECK((e.beta - beta).norm() < 1e-8 * beta.norm());
    }
    ++checked;
  }
  CHECK(checked == 144);
  INFO("largest relative difference " << worst << ", of coefficients " << worst_beta);
  CHECK(worst < 1e-9);
}

TEST_CASE("arima likelihood: whitened rows have the least-squares fit that evaluate reports") {
  const ArimaData data = test_data({1, 1, 1, 0, 1, 1, kSeason});
  const ArimaLikelihood likelihood(data);
  const VectorXd theta = some_parameters(data.order, likelihood.parameters());
  MatrixXd rows;
  REQUIRE(likelihood.whitened(theta, rows));
  const ArimaEvaluation e = likelihood.evaluate(theta);
  const VectorXd residuals = rows.col(0) - rows.rightCols(2) * e.beta;
  CHECK(residuals.squaredNorm() == Approx(e.rss).epsilon(1e-12));
  CHECK((rows.rightCols(2).transpose() * residuals).norm() < 1e-9 * rows.norm());
}

TEST_CASE("arima likelihood: the state after the sample is the filter's, for each draw") {
  const auto check = [](const ArimaOrder& order, ArimaData data) {
    const ArimaLikelihood likelihood(std::move(data));
    const VectorXd theta = some_parameters(order, likelihood.parameters());
    constexpr int kDraws = 11;  // more than stand side by side
    DrawMatrix thetas(theta.size(), kDraws), betas(2, kDraws), states;
    for (int d = 0; d < kDraws; ++d) {
      thetas.col(d) = (1 - 0.05 * d) * theta;
      betas.col(d) << 0.7 + 0.1 * d, -0.2;
    }
    REQUIRE(likelihood.end_states(thetas, betas, expanded(likelihood, thetas, true),
                                  expanded(likelihood, thetas, false), states));
    const Eigen::Index size = likelihood.arma_size() + std::ssize(likelihood.differencing());
    REQUIRE(states.rows() == size);
    for (int d = 0; d < kDraws; ++d) {
      const VectorXd expected =
          likelihood.filter(thetas.col(d), betas.col(d)).mean.col(0).head(size);
      INFO(d);
      CHECK((states.col(d) - expected).norm() < 1e-10 * expected.norm());
    }
  };
  for (const ArimaOrder& order :
       {ArimaOrder{1, 0, 1, 0, 0, 0, 1}, ArimaOrder{2, 1, 2, 0, 0, 0, 1},
        ArimaOrder{0, 1, 1, 0, 1, 1, kSeason}, ArimaOrder{1, 0, 1, 1, 0, 1, kSeason}}) {
    check(order, test_data(order));
  }
  // Without a moving average the last values say it all.
  for (const ArimaOrder& order :
       {ArimaOrder{0, 1, 0, 0, 0, 0, 1}, ArimaOrder{1, 0, 0, 0, 0, 0, 1},
        ArimaOrder{2, 1, 0, 0, 0, 0, 1}, ArimaOrder{1, 1, 0, 1, 1, 0, kSeason}}) {
    ArimaData data = test_data(order);
    data.y(4) = data.y(5) = kMissing;  // known in their sum
    data.sums.push_back({5, {{0, 1.0}, {1, 1.0}}, 41, 0});
    data.sd = VectorXd::Zero(kRows);
    data.sd(9) = 0.5;  // a measurement error that the last values know nothing of
    check(order, std::move(data));
  }
}

TEST_CASE("arima likelihood: what takes the filter") {
  const auto tells = [](const ArimaOrder& order, Eigen::Index gap, Eigen::Index inexact = -1) {
    ArimaData data = test_data(order);
    if (gap >= 0) data.y(gap) = kMissing;
    data.sd = VectorXd::Zero(kRows);
    if (inexact >= 0) data.sd(inexact) = 0.1;
    const ArimaLikelihood likelihood(std::move(data));
    const DrawMatrix theta = some_parameters(order, likelihood.parameters());
    DrawMatrix states;
    return likelihood.end_states(theta, DrawMatrix::Zero(2, 1), expanded(likelihood, theta, true),
                                 expanded(likelihood, theta, false), states);
  };
  CHECK(tells({2, 1, 0, 0, 0, 0, 1}, kRows - 4));
  CHECK_FALSE(tells({2, 1, 0, 0, 0, 0, 1}, kRows - 3));  // within its reach
  CHECK_FALSE(tells({2, 1, 0, 0, 0, 0, 1}, -1, kRows - 3));
  CHECK_FALSE(tells({1, 0, 1, 0, 0, 0, 1}, 3));  // shocks before count as well
}

TEST_CASE("arima likelihood: products are those of the residuals and their derivatives") {
  for (const ArimaOrder& order :
       {ArimaOrder{1, 0, 1, 0, 0, 0, 1}, ArimaOrder{2, 1, 2, 0, 0, 0, 1},
        ArimaOrder{0, 1, 1, 0, 1, 1, kSeason}, ArimaOrder{1, 0, 1, 1, 0, 1, kSeason}}) {
    const ArimaLikelihood likelihood(test_data(order));
    REQUIRE(likelihood.has_products());
    const VectorXd u =
        likelihood.parameters().to_unconstrained(some_parameters(order, likelihood.parameters()));
    VectorXd r;
    MatrixXd jacobian;
    ResidualProducts products;
    REQUIRE(likelihood.residuals(u, r, &jacobian));
    REQUIRE(likelihood.residual_products(u, products));
    CHECK(products.rss == Approx(r.squaredNorm()).epsilon(1e-11));
    CHECK(likelihood.residual_sum(u) == Approx(r.squaredNorm()).epsilon(1e-11));
    const VectorXd gradient = jacobian.transpose() * r;
    CHECK((products.gradient - gradient).norm() < 1e-9 * products.rss);
    CHECK(products.gram.rows() == u.size());
    CHECK(Eigen::LLT<MatrixXd>(products.gram).info() == Eigen::Success);
  }
}

}  // namespace amnok
