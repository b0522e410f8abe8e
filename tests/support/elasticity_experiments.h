// Monte Carlo experiments on elasticities: what intervals cover and how often tests reject. The
// [slow] tests hold the claims to account with few samples, benchmarks/accuracy/
// elasticity_coverage.cpp prints them with many.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "engine/regression/ardl_selection.h"
#include "engine/regression/bounds_test.h"
#include "engine/regression/weak_instruments.h"
#include "engine/report/result_table.h"
#include "engine/stats/distributions.h"
#include "models/trade_elasticity/trade_elasticity.h"
#include "tests/support/dynamic_series.h"

namespace amnok {

// Counts over samples, as shares.
struct LongRunCoverage {
  double fieller = 0, delta = 0, unbounded = 0;
};

// Nominal 95 % sets of the long run of `process`; lags up to 4 by a criterion, or the true ones.
inline LongRunCoverage long_run_coverage(const DynamicRegression& process, int n, int samples,
                                         std::optional<ArdlCriterion> criterion) {
  LongRunCoverage share;
  for (int s = 0; s < samples; ++s) {
    const ArdlData data = process.draw(71, static_cast<std::uint32_t>(s), n);
    ArdlSearch search;
    search.max_q = {4};
    search.criterion = criterion.value_or(ArdlCriterion::bic);
    const ArdlOrder order = criterion
                                ? select_ardl(data, DeterministicCase::constant, search).best()
                                : ArdlOrder{1, {1}};
    const LongRunCoefficient theta =
        long_run(fit_ardl(data, order, DeterministicCase::constant)).front();
    share.fieller += theta.fieller.contains(process.long_run()) ? 1 : 0;
    share.delta += theta.delta.contains(process.long_run()) ? 1 : 0;
    share.unbounded += theta.fieller.shape == RatioSet::Shape::interval ? 0 : 1;
  }
  const double all = samples;
  return {share.fieller / all, share.delta / all, share.unbounded / all};
}

// How often the bounds tests at 5 % find a relationship where there is none: y a random walk, k
// regressors of their own with autoregressive coefficient rho (1: against the upper bound; below:
// against the lower one). ARDL(1, 1, ..), case 3.
struct BoundsSize {
  double f = 0, t = 0;
};
inline BoundsSize bounds_size(int n, int k, double rho, int samples) {
  BoundsSize rejected;
  for (int s = 0; s < samples; ++s) {
    const MatrixXd z = normal_matrix(73, static_cast<std::uint32_t>(s), n + 50, k + 1);
    ArdlData data{"y", autoregression(z.col(0), 1).tail(n), {}, MatrixXd(n, k), {}, {}};
    data.fixed.resize(n, 0);
    ArdlOrder order{1, {}};
    for (int j = 0; j < k; ++j) {
      data.x_names.push_back("x" + std::to_string(j));
      data.x.col(j) = autoregression(z.col(j + 1), rho).tail(n);
      order.q.push_back(1);
    }
    const ArdlFit fit = fit_ardl(data, order, DeterministicCase::constant);
    const auto rejects = [&](const BoundsTest& test) {
      return test.finite && (rho == 1 ? test.finite->i1 : test.finite->i0).p < 0.05 ? 1 : 0;
    };
    rejected.f += rejects(bounds_f_test(fit));
    rejected.t += rejects(bounds_t_test(fit));
  }
  const double all = samples;
  return {rejected.f / all, rejected.t / all};
}

// How often a true coefficient is rejected at 5 % with one endogenous regressor (correlation 0.8 of
// its error with the equation's) and one instrument whose first stage has coefficient `strength`.
struct InstrumentSize {
  double anderson_rubin = 0, two_stage = 0;
};
inline InstrumentSize instrument_size(int n, double strength, int samples) {
  constexpr double kTruth = -0.3;
  InstrumentSize rejected;
  const double critical = student_t_quantile(0.975, n - 2);
  for (int s = 0; s < samples; ++s) {
    const MatrixXd z = normal_matrix(79, static_cast<std::uint32_t>(s), n, 3);
    const VectorXd x = strength * z.col(0) + 0.8 * z.col(1) + 0.6 * z.col(2);
    const InstrumentalRegression data{8 + (kTruth * x + z.col(1)).array(), MatrixXd::Ones(n, 1), x,
                                      z.col(0)};
    const InstrumentalProjection projection(data);
    const ErrorStructure errors = ErrorStructure::hc1();
    const VectorXd truth = VectorXd::Constant(1, kTruth);
    rejected.anderson_rubin += anderson_rubin(projection, truth, errors).p_value < 0.05 ? 1 : 0;
    const InstrumentalFit fit = two_stage_least_squares(projection);
    const double se = std::sqrt(instrumental_covariance(projection, fit, errors)(1, 1));
    rejected.two_stage += std::fabs(fit.coefficients(1) - kTruth) > critical * se ? 1 : 0;
  }
  const double all = samples;
  return {rejected.anderson_rubin / all, rejected.two_stage / all};
}

// Coverage of the nominal 95 % interval of the common slope -0.3 of `units` in n periods: unit
// effects, a regressor in common (share 0 or 1), errors with a shock in common (share of variance)
// and autoregressive ones (coefficient rho).
inline double panel_coverage(int units, int n, bool common, double shared, double rho,
                             ElasticitySpec::PanelErrorsKind errors, int samples) {
  ElasticitySpec spec;
  spec.panel_errors = errors;
  for (int i = 1; i < units; ++i) spec.panel.push_back({"unit" + std::to_string(i), 1, false});
  const auto model = make_trade_elasticity(spec);
  int covered = 0;
  for (int s = 0; s < samples; ++s) {
    const MatrixXd z = normal_matrix(83, static_cast<std::uint32_t>(s), n, 2 * units + 2);
    Sample sample;
    sample.range = {{Frequency::monthly, 2010 * 12}, n};
    sample.season = 12;
    sample.target = {"rice", {Transform::Kind::log, 0}};
    sample.regressor_names = {"log(imports)"};
    sample.regressors.resize(n, 1 + 2 * (units - 1));
    const VectorXd together = autoregression(z.col(2 * units), rho);
    const VectorXd in_common = autoregression(z.col(2 * units + 1), rho);
    for (int i = 0; i < units; ++i) {
      const VectorXd x = common ? in_common : autoregression(z.col(2 * i), rho);
      const VectorXd u = std::sqrt(shared) * together +
                         std::sqrt(1 - shared) * autoregression(z.col(2 * i + 1), rho);
      const VectorXd y = i - 0.3 * x.array() + u.array();
      if (i == 0) {
        sample.y = y;
        sample.regressors.col(0) = x;
      } else {
        sample.regressor_names.insert(sample.regressor_names.end(), {"y", "x"});
        sample.regressors.col(2 * i - 1) = y;
        sample.regressors.col(2 * i) = x;
      }
    }
    const Coefficient slope = coefficient_table(fit_model(*model, sample).result)[1];
    covered += slope.ci_low < -0.3 && slope.ci_high > -0.3 ? 1 : 0;
  }
  return static_cast<double>(covered) / samples;
}

// y_t = 1 + 0.8 x_t + u_t, u an autoregression with coefficient rho in e_t (1: no relationship), x a
// random walk whose changes are 0.5 e_t + v_t: what an ARDL with `cointegration = true` says, at 5 %.
struct CointegrationShares {
  double fieller = 0, dynamic_ols = 0, fully_modified = 0;  // nominal 95 % intervals that cover 0.8
  double engle_granger = 0, johansen = 0;                   // tests that find a relationship
  double verdict = 0;                                       // "the variables are cointegrated"
};
inline CointegrationShares cointegration_shares(int n, double rho, int samples) {
  ElasticitySpec spec;
  spec.dynamic = true;
  spec.cointegration = true;
  const auto model = make_trade_elasticity(spec);
  CointegrationShares share;
  for (int s = 0; s < samples; ++s) {
    const MatrixXd z = normal_matrix(89, static_cast<std::uint32_t>(s), n + 50, 2);
    Sample sample;
    sample.range = {{Frequency::monthly, 2000 * 12}, n};
    sample.season = 12;
    sample.target = {"y", {}};
    sample.regressor_names = {"x"};
    sample.regressors = autoregression(0.5 * z.col(0) + z.col(1), 1).tail(n);
    sample.y =
        1 + 0.8 * sample.regressors.col(0).array() + autoregression(z.col(0), rho).tail(n).array();
    const FitResult fit = fit_model(*model, sample).result;
    const auto covers = [&](const std::string& method) {
      for (const TableRow& row : rows_of(fit, "long_run_methods")) {
        if (row.text("method").rfind(method, 0) != 0) continue;
        // An unbounded Fieller set has no ends in the table: it is not counted.
        return row.number("low95") < 0.8 && row.number("high95") > 0.8 ? 1 : 0;
      }
      return 0;
    };
    const auto finds = [&](const std::string& test) {
      for (const TableRow& row : rows_of(fit, "cointegration_tests")) {
        if (row.text("test") == test) return row.text("says").rfind("rejects", 0) == 0 ? 1 : 0;
      }
      return 0;
    };
    share.fieller += covers("ARDL");
    share.dynamic_ols += covers("dynamic OLS");
    share.fully_modified += covers("fully modified OLS");
    share.engle_granger += finds("Engle-Granger");
    share.johansen += finds("Johansen trace, rank 0");
    for (const std::string& note : fit.notes) {
      share.verdict += note.rfind("cointegration: the variables are cointegrated", 0) == 0 ? 1 : 0;
    }
  }
  for (double* value : {&share.fieller, &share.dynamic_ols, &share.fully_modified,
                        &share.engle_granger, &share.johansen, &share.verdict}) {
    *value /= samples;
  }
  return share;
}

}  // namespace amnok
