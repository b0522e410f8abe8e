#include "engine/regression/instrumental_variables.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/regression/weak_instruments.h"
#include "engine/solver/covariance.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

MatrixXd normals(int n, int k, std::uint32_t draw) {
  std::vector<double> z(static_cast<std::size_t>(n * k));
  fill_normals({1953, Purpose::simulation, 11}, draw, z);
  return Eigen::Map<const MatrixXd>(z.data(), n, k);
}

// y = 1 + 0.5 x + e, x = strength sum(z) + v, corr(e, v) = 0.6; heteroskedastic in z_1 on demand.
InstrumentalRegression drawn(int n, int instruments, double strength, std::uint32_t draw,
                             bool heteroskedastic = false) {
  const MatrixXd z = normals(n, instruments + 2, draw);
  InstrumentalRegression data;
  data.exogenous = MatrixXd::Ones(n, 1);
  data.instruments = z.leftCols(instruments);
  VectorXd v = z.col(instruments), e = 0.6 * v + 0.8 * z.col(instruments + 1);
  if (heteroskedastic) {
    e = e.cwiseProduct(z.col(0).cwiseAbs());
    v = v.cwiseProduct(z.col(0).cwiseAbs());
  }
  data.endogenous = strength * data.instruments.rowwise().sum() + v;
  data.y = 1 + 0.5 * data.endogenous.col(0).array() + e.array();
  return data;
}

// Two endogenous regressors and three instruments.
InstrumentalRegression two_endogenous(int n) {
  const MatrixXd z = normals(n, 6, 3);
  InstrumentalRegression data;
  data.exogenous = MatrixXd::Ones(n, 1);
  data.instruments = z.leftCols(3);
  data.endogenous.resize(n, 2);
  data.endogenous.col(0) = z.col(0) + 0.5 * z.col(1) + z.col(3);
  data.endogenous.col(1) = 0.3 * z.col(1) + 0.4 * z.col(2) + z.col(4);
  data.y = data.endogenous * Eigen::Vector2d(1, -1) + 0.5 * z.col(3) + z.col(5);
  return data;
}

MatrixXd beside(const MatrixXd& left, const MatrixXd& right) {
  MatrixXd both(left.rows(), left.cols() + right.cols());
  both << left, right;
  return both;
}

MatrixXd projector(const MatrixXd& x) {
  return x * (x.transpose() * x).inverse() * x.transpose();
}

ErrorStructure classical() {
  ErrorStructure errors;
  errors.small_sample = true;
  return errors;
}

}  // namespace

TEST_CASE("instruments: 2SLS is least squares on the projected regressors") {
  for (int n : {60, 1500}) {  // by QR, and by the cross-product
    const InstrumentalRegression data = two_endogenous(n);
    const InstrumentalProjection p(data);
    const MatrixXd a = beside(data.exogenous, data.endogenous);
    const MatrixXd z = beside(data.exogenous, data.instruments);
    const MatrixXd projected = z * (z.transpose() * z).ldlt().solve(z.transpose() * a);
    const VectorXd b = projected.colPivHouseholderQr().solve(data.y);
    const InstrumentalFit fit = two_stage_least_squares(p);
    CHECK((fit.coefficients - b).norm() < 1e-11);
    const MatrixXd bread = (projected.transpose() * projected).inverse();
    CHECK(fit.bread.isApprox(bread, 1e-10));
    const VectorXd e2 = fit.residuals.cwiseAbs2();
    const MatrixXd hc0 = bread * (projected.transpose() * e2.asDiagonal() * projected) * bread;
    CHECK(instrumental_covariance(p, fit, ErrorStructure::hc0()).isApprox(hc0, 1e-9));
    // Clusters of one are HC0.
    const auto alone = ErrorStructure::clustered(equal_blocks(n, 1), false);
    CHECK(instrumental_covariance(p, fit, alone).isApprox(hc0, 1e-9));
  }
}

TEST_CASE("instruments: the k-class from least squares to LIML") {
  const InstrumentalRegression data = two_endogenous(80);
  const InstrumentalProjection p(data);
  const LinearFit ols = solve(LinearLeastSquares{p.regressors(), data.y});
  const InstrumentalFit zero = k_class(p, 0);
  CHECK((zero.coefficients - ols.coefficients).norm() < 1e-12);
  CHECK(zero.bread.isApprox(ols.xtx_inverse, 1e-11));
  // kappa is the least ratio of the residual variances of y - X b on W and on W and Z.
  const InstrumentalFit liml = limited_information(p);
  const VectorXd rest = data.y - data.endogenous * liml.coefficients.tail(2);
  const MatrixXd identity = MatrixXd::Identity(80, 80);
  const MatrixXd mw = identity - projector(data.exogenous);
  const MatrixXd mz = identity - projector(beside(data.exogenous, data.instruments));
  CHECK_THAT(liml.kappa, AgreesTo(rest.dot(mw * rest) / rest.dot(mz * rest), 12));
  CHECK(liml.kappa > 1);
  CHECK_THAT(limited_information(p, 1).kappa, AgreesTo(liml.kappa - 1.0 / (80 - 4), 13));
}

TEST_CASE("instruments: LIML does not depend on which variable is on the left") {
  const InstrumentalRegression data = drawn(100, 4, 0.3, 5);
  InstrumentalRegression turned = data;
  turned.y = data.endogenous.col(0);
  turned.endogenous = data.y;
  const double b = limited_information(InstrumentalProjection(data)).coefficients(1);
  const double inverse = limited_information(InstrumentalProjection(turned)).coefficients(1);
  CHECK_THAT(inverse, AgreesTo(1 / b, 10));
  const double two_stage = two_stage_least_squares(InstrumentalProjection(turned)).coefficients(1);
  CHECK(std::fabs(
            two_stage * two_stage_least_squares(InstrumentalProjection(data)).coefficients(1) - 1) >
        1e-3);
}

TEST_CASE("instruments: exactly identified, every estimator is the ratio of covariances") {
  const InstrumentalRegression data = drawn(70, 1, 0.5, 2);
  const InstrumentalProjection p(data);
  const VectorXd z = data.instruments.col(0).array() - data.instruments.mean();
  const double ratio = z.dot(data.y) / z.dot(data.endogenous.col(0));
  CHECK_THAT(two_stage_least_squares(p).coefficients(1), AgreesTo(ratio, 12));
  CHECK_THAT(limited_information(p).coefficients(1), AgreesTo(ratio, 12));
  CHECK_THAT(two_step_gmm(p, ErrorStructure::hc0()).coefficients(1), AgreesTo(ratio, 12));
  CHECK(std::isnan(sargan(p, two_stage_least_squares(p)).statistic));
}

TEST_CASE("instruments: GMM with homoskedastic moments is 2SLS, its J Sargan's statistic") {
  const InstrumentalRegression data = two_endogenous(90);
  const InstrumentalProjection p(data);
  const InstrumentalFit fit = two_stage_least_squares(p);
  const GmmFit gmm = two_step_gmm(p, {});
  CHECK((gmm.coefficients - fit.coefficients).norm() < 1e-12);
  CHECK(gmm.covariance.isApprox(instrumental_covariance(p, fit, {}), 1e-11));
  CHECK_THAT(gmm.hansen_j.statistic, AgreesTo(sargan(p, fit).statistic, 10));
  // Serially correlated moments without lags are heteroskedastic ones.
  const GmmFit white = two_step_gmm(p, ErrorStructure::hc0());
  const GmmFit lag0 = two_step_gmm(p, ErrorStructure::newey_west(0));
  CHECK((white.coefficients - lag0.coefficients).norm() < 1e-12);
}

TEST_CASE("instruments: Wu-Hausman is the F test of the first-stage residuals") {
  const InstrumentalRegression data = two_endogenous(75);
  const InstrumentalProjection p(data);
  const MatrixXd z = beside(data.exogenous, data.instruments);
  const MatrixXd v = data.endogenous - projector(z) * data.endogenous;
  const LinearFit restricted = solve(LinearLeastSquares{p.regressors(), data.y});
  const LinearFit full = solve(LinearLeastSquares{beside(p.regressors(), v), data.y});
  const double f = (restricted.rss - full.rss) / 2 / full.sigma2();
  CHECK_THAT(wu_hausman(p).statistic, AgreesTo(f, 10));
  CHECK(wu_hausman(p).df2 == 75 - 5);
}

TEST_CASE("instruments: collinear columns are named by their index") {
  InstrumentalRegression data = two_endogenous(50);
  data.instruments.col(2) = 2 * data.instruments.col(0) - data.instruments.col(1);
  CHECK_THROWS_WITH(InstrumentalProjection(data), Catch::Contains("instrument column 2"));
  data = two_endogenous(50);
  data.endogenous.col(1) = data.instruments.col(1);
  CHECK_THROWS_WITH(InstrumentalProjection(data), Catch::Contains("endogenous column 1"));
  data = two_endogenous(50);
  data.instruments.conservativeResize(Eigen::NoChange, 1);
  CHECK_THROWS_WITH(InstrumentalProjection(data), Catch::Contains("is 1, but must be at least 2"));
}

TEST_CASE("weak instruments: with one endogenous regressor the F statistics are one") {
  const InstrumentalRegression data = drawn(100, 3, 0.2, 9);
  const InstrumentalProjection p(data);
  const FirstStage stage = first_stages(p, {})[0];
  const MatrixXd z = beside(data.exogenous, data.instruments);
  const VectorXd x = data.endogenous.col(0);
  const double rest = (x - projector(z) * x).squaredNorm();
  const double f = ((x.array() - x.mean()).square().sum() - rest) / 3 / (rest / 96);
  CHECK_THAT(stage.f.statistic, AgreesTo(f, 11));
  CHECK_THAT(stage.conditional.statistic, AgreesTo(f, 11));
  CHECK_THAT(cragg_donald(p), AgreesTo(f, 11));
  CHECK_THAT(effective_f(p, {}).statistic, AgreesTo(f, 11));
}

TEST_CASE("weak instruments: with two, Cragg-Donald is the least eigenvalue") {
  const InstrumentalRegression data = two_endogenous(100);
  const InstrumentalProjection p(data);
  const MatrixXd identity = MatrixXd::Identity(100, 100);
  const MatrixXd mw = identity - projector(data.exogenous);
  const MatrixXd mz = identity - projector(beside(data.exogenous, data.instruments));
  const MatrixXd x = data.endogenous;
  const MatrixXd sigma = x.transpose() * mz * x / 96;
  const MatrixXd explained = x.transpose() * (mw - mz) * x;
  const double least = (sigma.inverse() * explained / 3).eigenvalues().real().minCoeff();
  CHECK_THAT(cragg_donald(p), AgreesTo(least, 10));
  // Given the other regressor's 2SLS coefficient, the conditional F is of a single regressor, and
  // no smaller than Cragg-Donald's b / (b - 1) times.
  for (const FirstStage& stage : first_stages(p, {})) {
    CHECK(stage.conditional.df == 2);
    CHECK(stage.conditional.statistic >= cragg_donald(p) * 1.5 * (1 - 1e-12));
  }
}

TEST_CASE("weak instruments: critical values of the effective F as published") {
  // Montiel Olea & Pflueger (2013), one instrument: 37.42, 23.11, 15.06. (Their program has 3.33
  // for 1 / 0.3 and so 12.04 where the formula gives 12.05.)
  const MatrixXd one = MatrixXd::Identity(1, 1);
  const std::pair<double, double> published[] = {
      {0.05, 37.42}, {0.10, 23.11}, {0.20, 15.06}, {0.30, 12.05}};
  for (const auto& [tau, value] : published) {
    CHECK(effective_f_critical(one, tau, 1, 0.05) == Approx(value).margin(5.1e-3));
  }
  const EffectiveF f =
      effective_f(InstrumentalProjection(drawn(200, 4, 0.2, 1, true)), ErrorStructure::hc1());
  for (const auto& critical : f.critical) CHECK(critical.general <= critical.simplified);
}

TEST_CASE("weak instruments: the ends of an Anderson-Rubin set are on the edge of rejection") {
  const Groups blocks = equal_blocks(120, 4);
  for (std::uint32_t draw = 0; draw < 12; ++draw) {
    const InstrumentalRegression data = drawn(120, 3, draw % 2 == 0 ? 0.05 : 0.5, draw, true);
    const InstrumentalProjection p(data);
    for (const ErrorStructure& errors :
         {ErrorStructure(), ErrorStructure::hc1(), ErrorStructure::clustered(blocks),
          ErrorStructure::newey_west(3)}) {
      const ConfidenceSet set = anderson_rubin_set(p, 0.9, errors);
      const auto p_value = [&](double beta) {
        return anderson_rubin(p, VectorXd::Constant(1, beta), errors).p_value;
      };
      for (const auto& [low, high] : set.intervals) {
        for (double end : {low, high}) {
          if (!std::isinf(end)) CHECK_THAT(p_value(end), AgreesTo(0.1, 6));
        }
      }
      for (double beta : {-50.0, -3.0, -0.5, 0.2, 0.5, 0.8, 4.0, 50.0}) {
        CHECK(set.contains(beta) == (p_value(beta) >= 0.1));
      }
    }
  }
}

TEST_CASE("weak instruments: shapes of Anderson-Rubin sets") {
  const auto set = [](const InstrumentalRegression& data, const ErrorStructure& errors) {
    return anderson_rubin_set(InstrumentalProjection(data), 0.95, errors);
  };
  using Shape = ConfidenceSet::Shape;
  InstrumentalRegression invalid = drawn(300, 3, 1, 4);
  invalid.y += 3 * invalid.instruments.col(0) - 3 * invalid.instruments.col(1);
  // Exactly identified and barely significant the other way round: beta = 0 is rejected, large
  // ones are not.
  InstrumentalRegression irrelevant = drawn(60, 1, 0, 8);
  irrelevant.y = irrelevant.instruments.col(0) + 0.1 * irrelevant.y;
  for (const ErrorStructure& errors : {ErrorStructure(), ErrorStructure::hc0()}) {
    CHECK(set(drawn(300, 3, 1, 4), errors).shape == Shape::interval);
    CHECK(set(invalid, errors).shape == Shape::empty);
    CHECK(set(invalid, errors).text() == "empty");
    CHECK(set(irrelevant, errors).shape == Shape::two_rays);
  }
  CHECK(set(drawn(60, 3, 0, 8), {}).shape == Shape::line);
}

TEST_CASE("weak instruments: coverage of Anderson-Rubin and of 2SLS", "[slow]") {
  // 1000 samples of 100 with a first-stage F about 2: the standard error is about 0.7 points.
  int robust = 0, exact = 0, wald = 0;
  constexpr int kDraws = 1000;
  const VectorXd truth = VectorXd::Constant(1, 0.5);
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const InstrumentalRegression data = drawn(100, 3, 0.06, 1000 + draw);
    const InstrumentalProjection p(data);
    exact += anderson_rubin(p, truth, {}).p_value >= 0.05;
    robust += anderson_rubin(p, truth, ErrorStructure::hc1()).p_value >= 0.05;
    const InstrumentalFit fit = two_stage_least_squares(p);
    const double se = std::sqrt(instrumental_covariance(p, fit, classical())(1, 1));
    wald += std::fabs(fit.coefficients(1) - 0.5) <= 1.96 * se;
  }
  CHECK(exact >= 928);
  CHECK(exact <= 972);
  CHECK(robust >= 915);
  CHECK(wald < exact - 50);
}

}  // namespace amnok
