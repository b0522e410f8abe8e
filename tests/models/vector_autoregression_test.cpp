#include "models/vector_autoregression/vector_autoregression.h"

#include <Eigen/Dense>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/regression/conditional_forecast.h"
#include "engine/regression/impulse_response.h"
#include "engine/report/result_table.h"
#include "engine/stats/distributions.h"
#include "models/vector_autoregression/var_posterior.h"
#include "models/vector_autoregression/var_system_fit.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"
#include "tests/support/var_study.h"

namespace amnok {

namespace {

const std::vector<std::string> kNames = {"a", "b", "c"};

VarSystemSpec spec_of(int lags, int position = 0) {
  VarSystemSpec spec;
  spec.targets = kNames;
  spec.position = position;
  spec.lag_rule = VarSystemSpec::LagRule::given;
  spec.lags = spec.max_lags = lags;
  return spec;
}

FitResult fit_of(const VarSystemSpec& spec, const MatrixXd& y) {
  return fit_model(*make_vector_autoregression(spec),
                   var_sample(y, kNames, spec.max_lags, spec.position))
      .result;
}

double largest_gap(const MatrixXd& a, const MatrixXd& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("vector_autoregression: each equation is a row of the system's least squares", "[var]") {
  const MatrixXd y = ThreeVariables().draw(0, 120);
  VarSpec plain;
  plain.lags = 2;
  plain.terms = VarTerms::constant_and_trend;
  plain.season = 12;
  const VectorAutoregression var = fit_var(y, kNames, plain);
  for (int j = 0; j < 3; ++j) {
    VarSystemSpec spec = spec_of(2, j);
    spec.trend = spec.seasonal_dummies = true;
    const FitResult fit = fit_of(spec, y);
    CHECK(largest_gap(fit.parameters.values(), var.coefficients.col(j)) < 1e-10);
    CHECK(largest_gap(fit.residuals, var.residuals.col(j)) < 1e-10);
    for (int i = 0; i < fit.parameters.size(); ++i) {
      CHECK_THAT(fit.standard_error(i), AgreesTo(var.standard_errors()(i, j), 8));
    }
    CHECK(fit.inference_df == var.df_residual());
  }
}

TEST_CASE("vector_autoregression: seasons are called by the calendar", "[var]") {
  // The data start in January 2000; one more row before the sample moves nothing.
  MatrixXd y = ThreeVariables().draw(1, 124);
  for (Eigen::Index t = 4; t < y.rows(); t += 12) y(t, 0) += 50;  // May
  for (auto estimator : {VarSystemSpec::Estimator::ols, VarSystemSpec::Estimator::minnesota,
                         VarSystemSpec::Estimator::vecm}) {
    for (int lags : {1, 2, 3}) {
      VarSystemSpec spec = spec_of(lags);
      spec.estimator = estimator;
      spec.rank = 3;
      spec.seasonal_dummies = true;
      const FitResult fit = fit_of(spec, y);
      CHECK(fit.parameters.index_of("season11") == 11);
      CHECK(fit.parameters.index_of("season12") < 0);
      for (int s = 1; s < 12; ++s) {
        const double value = fit.parameters.values()(s);
        CHECK((value > 20) == (s == 5));
      }
    }
  }
}

TEST_CASE("vector_autoregression: weeks count their seasons from the sample's first period",
          "[var]") {
  const MatrixXd y = ThreeVariables().draw(13, 60);
  VarSystemSpec spec = spec_of(1);
  spec.seasonal_dummies = true;
  Sample sample = var_sample(y, kNames, 1, 0, 4);
  sample.range.first = Period{Frequency::weekly, 1500};
  for (Eigen::Index t = 1; t < 59; t += 4)
    sample.y(t) = sample.regressors(t, 3) += 50;  // the second
  const FitResult fit = fit_model(*make_vector_autoregression(spec), sample).result;
  CHECK(fit.parameters.names()[2] == "season2");
  CHECK(fit.parameters.values()(2) > 20);
  CHECK(fit.parameters.values()(1) < 20);
}

TEST_CASE("vector_autoregression: rows with a gap are left out of all equations", "[var]") {
  MatrixXd y = ThreeVariables().draw(2, 100);
  y(40, 1) = y(41, 1) = y(70, 2) = kMissing;
  std::vector<int> rows;
  for (int t = 2; t < 100; ++t) {
    if (y.middleRows(t - 2, 3).allFinite()) rows.push_back(t);
  }
  REQUIRE(rows.size() == 98 - 4 - 3);
  MatrixXd x(98, 7);
  x.col(0).setOnes();
  x.middleCols(1, 3) = y.middleRows(1, 98);
  x.rightCols(3) = y.topRows(98);
  std::vector<int> at = rows;
  for (int& t : at) t -= 2;
  const MatrixXd complete = x(at, Eigen::all);
  const FitResult fit = fit_of(spec_of(2, 2), y);
  const VectorXd expected = complete.householderQr().solve(y(rows, 2));
  CHECK(largest_gap(fit.parameters.values(), expected) < 1e-9);
  CHECK(fit.nobs == 91);
  CHECK(fit.missing == 1);
  CHECK(fit.dropped == 6);
  CHECK_THAT(fit_of(spec_of(2, 0), y).notes.at(0), Catch::Contains("91 of 98 periods"));
}

TEST_CASE("vector_autoregression: gaps are filled by their expectation given everything else",
          "[var]") {
  MatrixXd y = ThreeVariables().draw(3, 60);
  for (auto [t, j] : {std::pair{20, 0}, {21, 0}, {21, 1}, {45, 2}, {59, 1}, {59, 2}}) {
    y(t, j) = kMissing;
  }
  const VarSystemSpec spec = spec_of(2);
  const VarSystemData data = system_data(spec, var_sample(y, kNames, 2, 0));
  const VarSystemFit fit = fit_system_of(spec, data);
  const MatrixXd filled = completed_system(fit, data);
  // The joint normal of the 58 rows after the first two, conditioned on what was observed.
  VectorAutoregression known = fit.var;
  known.y = y.topRows(2);
  known.given_sigma = fit.sigma;
  std::vector<PathCondition> observed;
  for (Eigen::Index t = 0; t < 58; ++t) {
    for (Eigen::Index j = 0; j < 3; ++j) {
      const Eigen::Index at = 3 * t + j;
      if (std::isfinite(y(t + 2, j))) observed.push_back(path_condition(3 * 58, at, y(t + 2, j)));
    }
  }
  const VectorXd expected = condition_path(forecast_path(known, 58), observed).mean;
  for (Eigen::Index t = 0; t < 58; ++t) {
    for (Eigen::Index j = 0; j < 3; ++j) CHECK(filled(t + 2, j) == Approx(expected(3 * t + j)));
  }
}

TEST_CASE("vector_autoregression: what lies before a series' first figure stays missing", "[var]") {
  MatrixXd y = ThreeVariables().draw(4, 80);
  y.col(1).head(30).setConstant(kMissing);
  const FittedModel fitted =
      fit_model(*make_vector_autoregression(spec_of(1, 1)), var_sample(y, kNames, 1, 1));
  const VectorXd filled = fitted.model->completed(fitted.result);
  CHECK(filled.head(29).array().isNaN().all());
  CHECK(filled.tail(50).allFinite());
  CHECK(fitted.result.nobs == 49);
}

TEST_CASE("vector_autoregression: the criterion's lags are those of the library", "[var]") {
  const MatrixXd y = ThreeVariables().draw(5, 90);
  VarSpec plain;
  const VarLagChoice choice = choose_var_lags(y, kNames, plain, 4);
  REQUIRE(choice.aic >= 1);
  VarSystemSpec spec = spec_of(4);
  spec.lag_rule = VarSystemSpec::LagRule::aic;
  const FittedModel fitted =
      fit_model(*make_vector_autoregression(spec), var_sample(y, kNames, 4, 0));
  const std::vector<TableRow> rows = rows_of(fitted.result, "lags");
  REQUIRE(rows.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK_THAT(rows[i].number("bic"), AgreesTo(choice.criteria[i + 1].bic, 9));
  }
  CHECK(fitted.result.parameters.size() == 1 + 3 * choice.aic);
  // The choice is kept on other samples.
  const auto again = fitted.model->chosen()->bind(var_sample(y.topRows(60), kNames, 4, 0));
  CHECK(again->start().names() == fitted.result.parameters.names());
}

TEST_CASE("vector_autoregression: the Minnesota prior is that of the library", "[var]") {
  const MatrixXd y = ThreeVariables().draw(6, 40);
  VarSpec plain;
  plain.lags = 3;
  MinnesotaPrior prior;
  prior.decay = 2;
  prior.own_lag = 0.5;
  const MinnesotaPrior chosen = choose_tightness(y, kNames, plain, prior);
  const BayesianVar expected = fit_bayesian_var(y, kNames, plain, chosen);
  for (int j = 0; j < 3; ++j) {
    VarSystemSpec spec = spec_of(3, j);
    spec.estimator = VarSystemSpec::Estimator::minnesota;
    spec.prior = prior;
    const FitResult fit = fit_of(spec, y);
    CHECK(largest_gap(fit.parameters.values(), expected.mean.coefficients.col(j)) < 1e-10);
    CHECK_THAT(fit.sigma2, AgreesTo(expected.mean.sigma()(j, j), 9));
    CHECK_THAT(
        fit.standard_error(2),
        AgreesTo(std::sqrt(expected.mean.coefficient_covariance()(10 * j + 2, 10 * j + 2)), 8));
  }
  // More coefficients than observations are no obstacle.
  VarSystemSpec wide = spec_of(6);
  wide.estimator = VarSystemSpec::Estimator::minnesota;
  CHECK(fit_of(wide, y.topRows(20)).usable());
}

TEST_CASE("vector_autoregression: error correction has the levels of the library", "[var]") {
  const MatrixXd e = normal_matrix(1995, 3, 120, 3);
  MatrixXd y(120, 3);
  y.col(1) = autoregression(e.col(1), 1);
  y.col(2) = autoregression(e.col(2), 1);
  y.col(0) = autoregression(e.col(0), 0.5) + y.col(1) - 0.5 * y.col(2);
  JohansenSpec johansen_spec;
  johansen_spec.lags = 2;
  johansen_spec.terms = DeterministicCase::restricted_constant;
  const VecmFit expected = fit_vecm(y, kNames, johansen_spec, 1);
  REQUIRE(expected.johansen.rank(0.05) == 1);
  for (int j = 0; j < 3; ++j) {
    VarSystemSpec spec = spec_of(2, j);
    spec.estimator = VarSystemSpec::Estimator::vecm;
    spec.terms = DeterministicCase::restricted_constant;
    const FitResult fit = fit_of(spec, y);
    CHECK(largest_gap(fit.parameters.values(), expected.levels.coefficients.col(j)) < 1e-9);
    // 118 observations less one relation and three lagged changes.
    CHECK(fit.inference_df == 118 - 4);
    CHECK(fit.sigma2 == Approx(expected.residuals.col(j).squaredNorm() / 118));
    if (j > 0) continue;
    CHECK(rows_of(fit, "johansen").size() == 3);
    CHECK(rows_of(fit, "loadings")[0].number("relation1") == Approx(expected.alpha(0, 0)));
    CHECK(rows_of(fit, "cointegration")[1].number("relation1") == Approx(expected.beta(1, 0)));
  }
}

TEST_CASE("vector_autoregression: coefficients given relations have the errors of their regression",
          "[var]") {
  const MatrixXd e = normal_matrix(1995, 1, 150, 2);
  MatrixXd x(150, 2);
  x.col(1) = autoregression(e.col(1), 1);
  x.col(0) = autoregression(e.col(0), 0.5) + x.col(1);
  JohansenSpec spec;
  spec.lags = 1;
  const VecmFit fit = fit_vecm(x, {"a", "b"}, spec, 1);
  // With one lag the levels' first coefficient is 1 + alpha: the same standard error.
  const double error = std::sqrt(fit.levels.coefficient_covariance()(1, 1)) *
                       std::sqrt(fit.levels.observations() / (fit.levels.observations() - 2.0));
  CHECK_THAT(error, AgreesTo(fit.alpha_errors(0, 0), 8));
}

TEST_CASE("vector_autoregression: parameter draws are joint", "[var]") {
  const MatrixXd y = ThreeVariables().draw(7, 80);
  constexpr int kDraws = 20000;
  std::vector<MatrixXd> draws;
  std::vector<VectorXd> sigma;
  MatrixXd scale, inverse;
  for (int j = 0; j < 3; ++j) {
    const VarSystemSpec spec = spec_of(1, j);
    const Sample sample = var_sample(y, kNames, 1, j);
    const FittedModel fitted = fit_model(*make_vector_autoregression(spec), sample);
    // The equations stand at 4, 5 and 6 of some system.
    const ParameterDraws own = fitted.model->draw_parameters(
        fitted.result, 11, 4 + static_cast<std::uint32_t>(j), 0, kDraws);
    draws.push_back(own.parameters.colwise() - fitted.result.parameters.values());
    sigma.push_back(own.sigma);
    const VarSystemFit fit = fit_system_of(spec, system_data(spec, sample));
    scale = fit.sigma * fit.var.observations();
    inverse = fit.var.xtx_inverse;
  }
  const double df = 79 - 4;
  // Of t distributions: (X'X)^-1 times U'U / (df - 2), across equations too.
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      const MatrixXd covariance = draws[static_cast<std::size_t>(i)] *
                                  draws[static_cast<std::size_t>(j)].transpose() / kDraws;
      const MatrixXd expected = scale(i, j) / (df - 2) * inverse;
      const MatrixXd size = std::sqrt(scale(i, i) * scale(j, j)) / (df - 2) *
                            inverse.diagonal().cwiseSqrt() *
                            inverse.diagonal().cwiseSqrt().transpose();
      CHECK(((covariance - expected).array() / size.array()).abs().maxCoeff() < 0.04);
    }
    // The variance is u'u over a chi-squared of df: its mean u'u / (df - 2).
    const double mean = sigma[static_cast<std::size_t>(i)].array().square().mean();
    CHECK(mean == Approx(scale(i, i) / (df - 2)).epsilon(0.01));
  }
}

TEST_CASE("vector_autoregression: draws are about the fit that is given", "[var]") {
  const MatrixXd y = ThreeVariables().draw(11, 120);
  const VarSystemSpec spec = spec_of(1, 1);
  const FittedModel fitted =
      fit_model(*make_vector_autoregression(spec), var_sample(y.topRows(90), kNames, 1, 1));
  // The same model on later data, as a comparison of vintages has it.
  const auto later = make_vector_autoregression(spec)->bind(var_sample(y, kNames, 1, 1));
  constexpr int kDraws = 4000;
  const ParameterDraws draws = later->draw_parameters(fitted.result, 5, 1, 0, kDraws);
  for (int i = 0; i < fitted.result.parameters.size(); ++i) {
    const double mean = draws.parameters.row(i).mean(), error = fitted.result.standard_error(i);
    CHECK(std::fabs(mean - fitted.result.parameters.values()(i)) < 5 * error / std::sqrt(kDraws));
    CHECK(std::sqrt((draws.parameters.row(i).array() - mean).square().mean()) ==
          Approx(error).epsilon(0.06));
  }
  FitResult known = fitted.result;
  known.covariance.resize(0, 0);
  CHECK((later->draw_parameters(known, 5, 1, 0, 3).parameters.colwise() - known.parameters.values())
            .isZero());
}

TEST_CASE("vector_autoregression: terms of a projection follow the calendar", "[var]") {
  MatrixXd y = ThreeVariables().draw(12, 121);
  VarSystemSpec spec = spec_of(1);
  spec.seasonal_dummies = spec.trend = true;
  const FittedModel fitted =
      fit_model(*make_vector_autoregression(spec), var_sample(y, kNames, 1, 0));
  // Three periods later, at the same lags: three seasons and three steps of the trend on.
  const Period next = fitted.result.sample.last() + 1;
  const MatrixXd lags = MatrixXd::Constant(12, 3, y.mean());
  const VectorXd now = fitted.model->forecast(fitted.result, {{next, 12}, lags, {}}).mean,
                 later = fitted.model->forecast(fitted.result, {{next + 3, 9}, lags.topRows(9), {}})
                             .mean;
  CHECK(largest_gap(now.tail(9), later) < 1e-12);
}

TEST_CASE("vector_autoregression: draws under a prior have the posterior's moments", "[var]") {
  const MatrixXd y = ThreeVariables().draw(8, 50);
  VarSystemSpec spec = spec_of(2);
  spec.estimator = VarSystemSpec::Estimator::minnesota;
  const VarSystemData data = system_data(spec, var_sample(y, kNames, 2, 0));
  const VarSystemFit fit = fit_system_of(spec, data);
  MatrixXd mean = MatrixXd::Zero(3, 3), coefficients = MatrixXd::Zero(7, 3);
  constexpr int kDraws = 20000;
  for (int r = 0; r < kDraws; ++r) {
    const VarPosterior::Draw draw = fit.posterior.draw(1, 0, r);
    mean += VarPosterior::covariance(draw) / kDraws;
    coefficients += fit.posterior.coefficients(draw) / kDraws;
  }
  CHECK(largest_gap(mean, fit.sigma) < 0.02 * fit.sigma.diagonal().maxCoeff());
  const MatrixXd error =
      (fit.var.xtx_inverse.diagonal() * fit.sigma.diagonal().transpose()).cwiseSqrt();
  CHECK(((coefficients - fit.var.coefficients).array() / error.array()).abs().maxCoeff() <
        5 / std::sqrt(kDraws));
}

TEST_CASE("vector_autoregression: intervals from draws cover the truth as often as they say",
          "[var][coverage]") {
  const ThreeVariables truth;
  constexpr int kSamples = 1000, kDraws = 1000;
  MatrixXd covered = MatrixXd::Zero(3, 1);
  double classical = 0;  // the share of t intervals that cover a_13
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const VarSystemSpec spec = spec_of(1);
    const VarSystemData data =
        system_data(spec, var_sample(truth.draw(5000 + s, 401), kNames, 1, 0));
    const VarSystemFit fit = fit_system_of(spec, data);
    const double error = std::sqrt(fit.coefficient_scale(0, 0) * fit.var.xtx_inverse(3, 3));
    const double t = (fit.var.coefficients(3, 0) - truth.a(0, 2)) / error;
    if (std::fabs(t) < student_t_quantile(0.95, fit.inference_df)) classical += 1.0 / kSamples;
    MatrixXd draws(kDraws, 3);  // a_13, a_21, and a combination across equations
    for (int r = 0; r < kDraws; ++r) {
      const MatrixXd b = fit.posterior.coefficients(fit.posterior.draw(3, 0, r));
      draws.row(r) << b(3, 0), b(1, 1), b(3, 0) + b(1, 1);
    }
    const double values[] = {truth.a(0, 2), truth.a(1, 0), truth.a(0, 2) + truth.a(1, 0)};
    for (Eigen::Index i = 0; i < 3; ++i) {
      const auto below = static_cast<double>((draws.col(i).array() < values[i]).count());
      if (below > 0.05 * kDraws && below < 0.95 * kDraws) covered(i) += 1.0 / kSamples;
    }
  }
  // 0.9 within four binomial standard errors.
  for (Eigen::Index i = 0; i < 3; ++i) {
    CHECK(covered(i) > 0.9 - 0.038);
    CHECK(covered(i) < 0.9 + 0.038);
  }
  CHECK(std::fabs(covered(0) - classical) < 0.02);
}

TEST_CASE("vector_autoregression: tables of responses are those of the library", "[var]") {
  const MatrixXd y = ThreeVariables().draw(9, 120);
  VarSpec plain;
  plain.lags = 2;
  plain.divisor = VarDivisor::observations;
  const VectorAutoregression var = fit_var(y, kNames, plain);
  const std::vector<MatrixXd> orthogonal = impulse_responses(var, 8);
  const std::vector<MatrixXd> shares = variance_decomposition(var, 7);
  VarSystemSpec spec = spec_of(2, 2);
  spec.responses = 8;
  const FitResult fit = fit_of(spec, y);
  const std::vector<TableRow> rows = rows_of(fit, "responses");
  REQUIRE(rows.size() == 9);
  for (std::size_t s = 0; s < 9; ++s) {
    CHECK(rows[s].number("b") == Approx(orthogonal[s](2, 1)));
    CHECK(rows[s].number("b low") <= rows[s].number("b"));
    CHECK(rows[s].number("b high") >= rows[s].number("b"));
  }
  const std::vector<TableRow> split = rows_of(fit, "variance_shares");
  REQUIRE(split.size() == 8);
  for (std::size_t h = 0; h < 8; ++h) {
    CHECK(split[h].number("a") == Approx(shares[h](2, 0)));
    CHECK(split[h].number("a") + split[h].number("b") + split[h].number("c") == Approx(1));
  }
  spec.generalised = true;
  const FitResult generalised = fit_of(spec, y);
  const std::vector<TableRow> usual = rows_of(generalised, "responses");
  const MatrixXd sigma = var.sigma();
  const std::vector<MatrixXd> weights = moving_average(var, 8);
  for (std::size_t s = 0; s < 9; ++s) {
    const double expected =
        (weights[s] * sigma.col(1))(2) / std::sqrt(sigma(1, 1));  // Pesaran & Shin, eq. 10
    CHECK(usual[s].number("b") == Approx(expected));
    CHECK(usual[s].number("a") == Approx(orthogonal[s](2, 0)));  // of the first, the same
  }
}

TEST_CASE("vector_autoregression: what it cannot estimate is said in words", "[var]") {
  MatrixXd y = ThreeVariables().draw(10, 60);
  const auto refused = [&](const VarSystemSpec& spec) {
    return message_of([&] { fit_of(spec, y); });
  };
  CHECK_THAT(refused(spec_of(15)),
             Catch::Contains("the number of observations is 60, but must be at least 64 for 15 "
                             "lags of 3 variables"));
  MatrixXd keep = y;
  y.col(1).setConstant(2);
  CHECK_THAT(refused(spec_of(1)), Catch::Contains("the series is constant: b is 2"));
  y = keep;
  y.col(2) = y.col(0) - 2 * y.col(1);
  CHECK_THAT(refused(spec_of(1)), Catch::Contains("perfectly collinear: c.l1"));
  y = keep;
  y(30, 1) = kMissing;
  VarSystemSpec correction = spec_of(1);
  correction.estimator = VarSystemSpec::Estimator::vecm;
  CHECK_THAT(refused(correction), Catch::Contains("1 periods between 2000-01 and 2004-12 lack a "
                                                  "value (2002-07)"));
  y = keep.topRows(8);
  VarSystemSpec automatic = spec_of(4);
  automatic.lag_rule = VarSystemSpec::LagRule::bic;
  CHECK_THAT(message_of([&] {
               fit_model(*make_vector_autoregression(automatic), var_sample(y, kNames, 4, 0));
             }),
             Catch::Contains("complete rows of 3 variables do not carry one lag"));
}

TEST_CASE("vector_autoregression: a system that runs away is named", "[var]") {
  MatrixXd y(60, 3);
  const MatrixXd e = normal_matrix(7, 0, 60, 3);
  y.row(0).setOnes();
  for (Eigen::Index t = 1; t < 60; ++t) y.row(t) = 1.08 * y.row(t - 1) + 0.1 * e.row(t);
  const std::vector<std::string> notes = fit_of(spec_of(1), y).notes;
  CHECK(std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
    return note.find("the system is not stable: its largest root has modulus 1.0") !=
           std::string::npos;
  }));
}

}  // namespace amnok
