#include "models/trade_elasticity/elasticity_instruments.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/weak_instruments.h"

namespace amnok {

namespace {

using Estimator = ElasticitySpec::Estimator;

constexpr double kAlarm = 0.05;
constexpr double kRuleOfThumb = 10;  // of a first-stage F (Staiger & Stock 1997)
constexpr double kSameVariable = 1 - 1e-9;

ResultTable first_stage_table(const InstrumentedData& data,
                              const InstrumentalProjection& projection,
                              const ErrorStructure& errors) {
  ResultTable table{"first_stage",
                    "What the instruments say about each instrumented regressor",
                    {"regressor", "partial_r2", "f", "p", "robust_f", "conditional_f", "verdict"},
                    {}};
  const std::vector<FirstStage> stages = first_stages(projection, errors);
  for (std::size_t j = 0; j < stages.size(); ++j) {
    const FirstStage& stage = stages[j];
    const bool weak = !(stage.robust_f.statistic > kRuleOfThumb);
    const bool same = stage.partial_r2 > kSameVariable;
    table.rows.push_back({data.endogenous_names[j], stage.partial_r2, stage.f.statistic,
                          stage.f.p_value, stage.robust_f.statistic, stage.conditional.statistic,
                          std::string(same   ? "the instruments are the regressor itself: no help"
                                      : weak ? "weak: believe the Anderson-Rubin set, not the t"
                                             : "not weak by the rule of thumb (F above 10)")});
  }
  return table;
}

void add_row(ResultTable& table, const std::string& what, double statistic, double p,
             const std::string& verdict) {
  table.rows.push_back({what, statistic, p, verdict});
}

std::string effective_words(const EffectiveF& f) {
  for (const EffectiveF::Critical& c : f.critical) {
    if (std::isfinite(c.general) && f.statistic > c.general) {
      return fmt::format(
          "bias of 2SLS above {:.0f} % of the worst case is rejected (critical "
          "value {:.2f})",
          100 * c.tau, c.general);
    }
  }
  return "weak: a bias of 30 % of the worst case is not rejected";
}

ResultTable test_table(const InstrumentedData& data, const InstrumentalProjection& projection,
                       const InstrumentalFit& two_stage, const Diagnostic* hansen,
                       const ErrorStructure& errors) {
  ResultTable table{
      "instrument_tests", "Tests of the instruments", {"test", "statistic", "p", "verdict"}, {}};
  if (projection.m == 1) {
    const EffectiveF f = effective_f(projection, errors);
    add_row(table, "effective F (Montiel Olea & Pflueger)", f.statistic, kMissing,
            effective_words(f));
  } else {
    add_row(table, "Cragg-Donald", cragg_donald(projection), kMissing,
            "compare with Stock & Yogo's tables");
  }
  const Diagnostic wu = wu_hausman(projection);
  if (std::isfinite(wu.p_value)) {
    add_row(table, "Wu-Hausman", wu.statistic, wu.p_value,
            wu.p_value < kAlarm ? "least squares is biased: instruments are needed"
                                : "least squares is not contradicted");
  }
  const Diagnostic over = hansen != nullptr ? *hansen : sargan(projection, two_stage);
  const char* name = hansen != nullptr ? "Hansen J" : "Sargan";
  if (std::isfinite(over.p_value)) {
    add_row(table, name, over.statistic, over.p_value,
            over.p_value < kAlarm ? "the instruments contradict each other: one at least is not "
                                    "excluded"
                                  : "the instruments agree with each other");
  } else {
    add_row(table, name, kMissing, kMissing,
            "as many instruments as regressors: exclusion cannot be tested");
  }
  const VectorXd none = VectorXd::Zero(projection.m);
  const Diagnostic ar = anderson_rubin(projection, none, errors);
  add_row(table, "Anderson-Rubin, no effect", ar.statistic, ar.p_value,
          ar.p_value < kAlarm ? "no effect is rejected, however weak the instruments"
                              : "no effect cannot be rejected");
  if (projection.m == 1) {
    add_row(table, "Anderson-Rubin 95 % set of " + data.endogenous_names[0], kMissing, kMissing,
            anderson_rubin_set(projection, 0.95, errors).text());
  }
  return table;
}

ResultTable needs_table(const InstrumentedData& data) {
  ResultTable table{"instrument_needs",
                    "What each instrument needs",
                    {"instrument", "relevance", "exclusion"},
                    {}};
  const std::string endogenous = join(data.endogenous_names, ", ");
  for (const std::string& z : data.instrument_names) {
    table.rows.push_back(
        {z, fmt::format("{} must move {} (see the first stage)", z, endogenous),
         fmt::format("{} must move {} through {} alone, given the other regressors; no test can "
                     "show it",
                     z, data.target, endogenous)});
  }
  return table;
}

}  // namespace

ErrorStructure score_errors(const ElasticitySpec& spec, Eigen::Index n, const std::string& what) {
  switch (spec.errors.value_or(RobustKind::newey_west)) {
    case RobustKind::classical: {
      ErrorStructure errors;
      errors.small_sample = true;
      return errors;
    }
    case RobustKind::hc0:
      return ErrorStructure::hc0();
    case RobustKind::hc1:
      return ErrorStructure::hc1();
    case RobustKind::newey_west: {
      const int automatic = static_cast<int>(4 * std::pow(static_cast<double>(n) / 100, 2.0 / 9));
      const int lags = std::min(spec.lags.value_or(automatic), static_cast<int>(n) - 1);
      return ErrorStructure::newey_west(lags, true);
    }
    default:
      throw InputError(
          fmt::format("errors with {} must be classical, hc0, hc1 or newey_west", what),
          "the other kinds are of least squares");
  }
}

InstrumentedElasticity fit_instrumented(const InstrumentedData& data, const ElasticitySpec& spec) {
  const InstrumentalProjection projection(data.regression);
  const ErrorStructure errors = score_errors(spec, projection.n, "instruments");
  InstrumentedElasticity result;
  const InstrumentalFit two_stage = two_stage_least_squares(projection);
  std::optional<GmmFit> gmm;
  if (spec.estimator == Estimator::gmm) {
    gmm = two_step_gmm(projection, errors);
    result.coefficients = gmm->coefficients;
    result.covariance = gmm->covariance;
    result.residuals = gmm->residuals;
    result.covariance_name = "two-step GMM, " + errors.name();
  } else {
    const bool liml = spec.estimator == Estimator::liml;
    const InstrumentalFit fit = liml ? limited_information(projection) : two_stage;
    result.coefficients = fit.coefficients;
    result.covariance = instrumental_covariance(projection, fit, errors);
    result.residuals = fit.residuals;
    result.covariance_name =
        (liml ? fmt::format("LIML (kappa {:.4g}), ", fit.kappa) : std::string("2SLS, ")) +
        errors.name();
  }
  result.tables.push_back(first_stage_table(data, projection, errors));
  result.tables.push_back(
      test_table(data, projection, two_stage, gmm ? &gmm->hansen_j : nullptr, errors));
  result.tables.push_back(needs_table(data));
  result.notes.push_back(
      fmt::format("{} instrumented by {}: a t-ratio is to be believed only where "
                  "the first stage is strong; the Anderson-Rubin test always",
                  join(data.endogenous_names, ", "), join(data.instrument_names, ", ")));
  return result;
}

}  // namespace amnok
