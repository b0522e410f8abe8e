#include "engine/regression/time_varying_regression.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "engine/solver/linear_least_squares.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

struct Sample {
  TimeVaryingData data;
  VectorXd path;
};

// y_t = 3 + b_t x_t + e_t, b a random walk with steps of sd `step`.
Sample drifting(std::uint32_t draw, int n, double step) {
  const MatrixXd z = normal_matrix(85, draw, n, 3);
  Sample sample;
  sample.path = 1 + step * autoregression(z.col(0), 1).array();
  const VectorXd x = 2 + z.col(1).array();
  sample.data.y = 3 + sample.path.cwiseProduct(x).array() + 0.5 * z.col(2).array();
  sample.data.x = x;
  sample.data.z = MatrixXd::Ones(n, 1);
  return sample;
}

}  // namespace

TEST_CASE("time-varying regression: without movement it is least squares") {
  const Sample sample = drifting(0, 60, 0);
  MatrixXd xz(60, 2);
  xz << sample.data.x, sample.data.z;
  const LinearFit ols = solve(LinearLeastSquares{xz, sample.data.y});
  const TimeVaryingLikelihood still = time_varying_likelihood(sample.data, VectorXd::Zero(1));
  CHECK_THAT(still.sigma2, AgreesTo(ols.sigma2(), 8));
}

TEST_CASE("time-varying regression: the likelihood is that of the dense covariance") {
  // One-step errors are those of generalised least squares: with V = I + r X C X', C the covariance
  // of a random walk from its first value, s2 = (y - Zg)' V^-1 (y - Zg) / (n - k).
  const int n = 25;
  const Sample sample = drifting(1, n, 0.2);
  const double ratio = 0.3;
  MatrixXd v = MatrixXd::Identity(n, n);
  for (int s = 0; s < n; ++s) {
    for (int t = 0; t < n; ++t) {
      v(s, t) += ratio * std::min(s, t) * sample.data.x(s, 0) * sample.data.x(t, 0);
    }
  }
  MatrixXd xz(n, 2);
  xz << sample.data.x, sample.data.z;
  const Eigen::LLT<MatrixXd> llt(v);
  const MatrixXd wx = llt.matrixL().solve(xz);
  const VectorXd wy = llt.matrixL().solve(sample.data.y);
  const LinearFit gls = solve(LinearLeastSquares{wx, wy});
  const TimeVaryingLikelihood ours =
      time_varying_likelihood(sample.data, VectorXd::Constant(1, ratio));
  CHECK_THAT(ours.sigma2, AgreesTo(gls.sigma2(), 7));
  // Up to a constant that does not depend on the ratio: columns of unit mean square.
  const auto dense = [&](double r) {
    MatrixXd w = MatrixXd::Identity(n, n) + (r / ratio) * (v - MatrixXd::Identity(n, n));
    const Eigen::LLT<MatrixXd> root(w);
    const LinearFit fit =
        solve(LinearLeastSquares{root.matrixL().solve(xz), root.matrixL().solve(sample.data.y)});
    const double log_det = 2 * root.matrixL().toDenseMatrix().diagonal().array().log().sum();
    const double log_information = -std::log(fit.xtx_inverse.determinant());
    return -0.5 * ((n - 2) * (std::log(fit.sigma2()) + 1) + log_det + log_information);
  };
  const double other =
      time_varying_likelihood(sample.data, VectorXd::Constant(1, 2.0)).log_likelihood;
  CHECK(ours.log_likelihood - other == Approx(dense(ratio) - dense(2.0)).margin(1e-6));
}

TEST_CASE("time-varying regression: recovers the path and the variances") {
  const Sample sample = drifting(2, 500, 0.1);
  const TimeVaryingFit fit = fit_time_varying(sample.data);
  CHECK(fit.status == FitStatus::converged);
  CHECK(std::sqrt(fit.sigma2) == Approx(0.5).epsilon(0.15));
  CHECK(std::sqrt(fit.variances(0)) == Approx(0.1).epsilon(0.35));
  CHECK(fit.constancy.p_value < 0.001);
  CHECK(std::fabs(fit.constant(0) - 3) < 3 * fit.constant_error(0));
  int covered = 0;
  for (int t = 0; t < 500; ++t) {
    covered += fit.lower(t, 0) <= sample.path(t) && sample.path(t) <= fit.upper(t, 0);
  }
  CHECK(covered / 500.0 > 0.88);
  // Standardised one-step errors.
  double squares = 0;
  int count = 0;
  for (double v : fit.innovations) {
    if (std::isnan(v)) continue;
    squares += v * v;
    ++count;
  }
  CHECK(squares / count == Approx(1).margin(1e-6));
}

TEST_CASE("time-varying regression: units do not matter, gaps are periods") {
  Sample sample = drifting(3, 120, 0.1);
  for (int t : {10, 11, 12, 119}) sample.data.y(t) = kMissing;
  const TimeVaryingFit fit = fit_time_varying(sample.data);
  CHECK(fit.observations == 116);
  CHECK(fit.path.allFinite());
  CHECK(fit.standard_error(119, 0) > fit.standard_error(118, 0));
  Sample scaled = sample;
  scaled.data.x *= 1000;
  scaled.data.y *= 10;
  const TimeVaryingFit other = fit_time_varying(scaled.data);
  CHECK_THAT(other.path(50, 0), AgreesTo(fit.path(50, 0) / 100, 4));
}

TEST_CASE("time-varying regression: a coefficient that stands still is seldom said to move",
          "[slow]") {
  constexpr int kDraws = 300;
  int moved = 0;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const TimeVaryingFit fit = fit_time_varying(drifting(r, 100, 0).data);
    CHECK(fit.constancy.statistic >= 0);
    moved += fit.constancy.p_value < 0.05;
  }
  // 3 standard errors: 0.038. The mixture is an approximation that keeps the size from above.
  CHECK(moved / double{kDraws} < 0.09);
}

TEST_CASE("time-varying regression: the band covers the path", "[slow]") {
  constexpr int kDraws = 100, kPeriods = 150;
  int covered = 0;
  for (std::uint32_t r = 0; r < kDraws; ++r) {
    const Sample sample = drifting(r, kPeriods, 0.1);
    const TimeVaryingFit fit = fit_time_varying(sample.data);
    for (int t = 0; t < kPeriods; ++t) {
      covered += fit.lower(t, 0) <= sample.path(t) && sample.path(t) <= fit.upper(t, 0);
    }
  }
  // Variances are estimated and taken as known: a point or two below 95 %.
  const double share = covered / double{kDraws * kPeriods};
  CHECK(share > 0.91);
  CHECK(share < 0.97);
}

TEST_CASE("time-varying regression: collinear regressors are a failed fit with a reason") {
  Sample sample = drifting(5, 40, 0.1);
  sample.data.z.resize(40, 2);
  sample.data.z << MatrixXd::Ones(40, 1), MatrixXd::Constant(40, 1, 2);
  const TimeVaryingFit fit = fit_time_varying(sample.data);
  CHECK(fit.status == FitStatus::failed);
  CHECK(fit.message.find("collinear") != std::string::npos);
}

TEST_CASE("time-varying regression: too few observations are named") {
  Sample sample = drifting(4, 5, 0.1);
  CHECK(message_of([&] { fit_time_varying(sample.data); }) ==
        "a regression with 1 coefficients that move and 1 constant ones has 5 observations, but "
        "must have at least 6");
}

}  // namespace amnok
