#include "models/trade_elasticity/elasticity_poisson.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/regression/poisson.h"
#include "engine/regression/specification_tests.h"
#include "engine/regression/wald.h"
#include "engine/stats/distributions.h"
#include "engine/stats/residual_tests.h"
#include "models/trade_elasticity/elasticity_instruments.h"
#include "models/trade_elasticity/elasticity_linear.h"
#include "models/trade_elasticity/floored_shock.h"
#include "models/trade_elasticity/panel_estimate.h"

namespace amnok {

namespace {

// The multiplicative shock of every draw.
struct ShockPast : PastState {
  std::vector<FlooredShock> shocks;
};

// What the equation of one unit and that of a panel share: its own rows, its result at given
// coefficients and its projection.
class PoissonElasticity : public BoundModel {
 public:
  ParameterVector start() const override {
    ParameterVector parameters;
    for (const std::string& name : data_.names) parameters.add(name, 0);
    return parameters;
  }

  Forecast forecast(const FitResult& fit, const Future& future) const override {
    Forecast forecast{future.range, VectorXd(future.range.count), VectorXd(future.range.count)};
    for (std::int64_t h = 0; h < future.range.count; ++h) {
      const double mu =
          mean(sample_.n() + h, future.regressors.row(h), future.events, fit.parameters.values());
      forecast.mean(h) = mu;
      forecast.variance(h) = relative_variance(std::sqrt(fit.sigma2)) * mu * mu;
    }
    return forecast;
  }

  VectorXd completed(const FitResult& fit) const override {
    VectorXd filled = sample_.y;
    for (int t = 0; t < sample_.n(); ++t) {
      if (!std::isnan(filled(t))) continue;
      filled(t) = mean(t, sample_.regressors.row(t), sample_.events, fit.parameters.values());
    }
    return filled;
  }

  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws& draws,
                                              std::uint64_t, std::uint32_t, int) const override {
    auto past = std::make_shared<ShockPast>();
    for (double sigma : draws.sigma) {
      past->shocks.push_back(floored_shock(relative_variance(sigma)));
    }
    return past;
  }

  void simulate(const ParameterDraws& draws, const PastState& past, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    const std::vector<FlooredShock>& shock = static_cast<const ShockPast&>(past).shocks;
    for (int h = from; h < to; ++h) {
      const Eigen::RowVectorXd eta = design_.predicted(draws.parameters, future, h);
      for (Eigen::Index r = 0; r < eta.size(); ++r) {
        paths(h, r) = std::exp(eta(r)) * shock[static_cast<std::size_t>(r)].at(shocks(h, r));
      }
    }
  }

  // The slope of m times mu, which is the path over m. At zero mu is not known: the typical sigma.
  Eigen::RowVectorXd shock_scale(const ParameterDraws& draws, const DrawMatrix& shocks,
                                 const DrawMatrix& paths, int h) const override {
    Eigen::RowVectorXd scale = draws.sigma.transpose();
    for (Eigen::Index r = 0; r < scale.size(); ++r) {
      const FlooredShock shock = floored_shock(relative_variance(draws.sigma(r)));
      const double factor = shock.at(shocks(h, r));
      if (factor > 0) scale(r) = shock.slope * paths(h, r) / factor;
    }
    return scale;
  }

  bool shocks_are_linear() const override { return false; }

 protected:
  PoissonElasticity(const ElasticitySpec& spec, const Sample& sample)
      : spec_(spec), sample_(sample), design_(spec, sample) {
    check_target();
    Sample own = sample;
    // What other units have does not matter to this one.
    if (!spec.panel.empty()) {
      own.regressors.conservativeResize(Eigen::NoChange, design_.regressors());
    }
    rows_ = fill_rows(design_, own, data_);
    typical_ = data_.y.size() > 0 ? data_.y.mean() : 0;
    if (data_.y.size() > 0 && !(typical_ > 0)) {
      throw InputError(fmt::format("{} is 0 in all {} observations, but must be positive in some",
                                   sample_.target.variable, data_.y.size()));
    }
  }

  const Sample& sample() const { return sample_; }
  const ElasticityDesign& design() const { return design_; }
  const ReportedRegression& data() const { return data_; }

  // Counts, residuals and moments at coefficients, on some rows of the complete ones. The
  // likelihood is the normal one whose standard deviation is proportional to the mean: that of the
  // projection, where zero is far. The Poisson pseudo-likelihood stands in its own table.
  FitResult at_coefficients(const VectorXd& b, const std::vector<int>& used) const {
    FitResult result;
    set_counts(sample_, used.size(), result);
    for (std::size_t j = 0; j < data_.names.size(); ++j) {
      result.parameters.add(data_.names[j], b(static_cast<Eigen::Index>(j)));
    }
    const VectorXd y = data_.y(used), mu = (data_.x(used, Eigen::all) * b).array().exp();
    const VectorXd relative = (y - mu).cwiseQuotient(mu);
    const auto n = static_cast<double>(used.size()), k = static_cast<double>(b.size());
    const double variance = relative.squaredNorm() / n;
    result.rss = (y - mu).squaredNorm();
    result.sigma2 = variance * typical_ * typical_;
    result.sigma2_df = result.sigma2 * n / (n - k);
    result.log_likelihood =
        -0.5 * n * (std::log(2 * std::numbers::pi * variance) + 1) - mu.array().log().sum();
    set_information_criteria(result, static_cast<int>(b.size()) + 1);
    result.r2 = squared_correlation(y, mu);
    result.residuals = VectorXd::Constant(sample_.n(), kMissing);
    result.fitted = result.standardised = result.residuals;
    for (std::size_t i = 0; i < used.size(); ++i) {
      const int t = rows_[static_cast<std::size_t>(used[i])];
      const auto at = static_cast<Eigen::Index>(i);
      result.residuals(t) = y(at) - mu(at);
      result.fitted(t) = mu(at);
      result.standardised(t) = relative(at) / std::sqrt(variance);
    }
    result.equation = log_linear_algebra(b);
    return result;
  }

 private:
  void check_target() const {
    ProblemList problems;
    const std::string& name = sample_.target.variable;
    if (sample_.target.transform.kind != Transform::Kind::level) {
      problems.error({},
                     fmt::format("target is {}, but must be the level with estimator = \"ppml\"",
                                 sample_.target.transform.text(name)),
                     fmt::format("target = \"{}\": the mean is log-linear already", name));
    }
    for (int t = 0; t < sample_.n(); ++t) {
      if (!(sample_.y(t) < 0)) continue;
      problems.error({}, fmt::format("{} in {} (row {} of the sample) is {}, but must be at least "
                                     "0 with estimator = \"ppml\"",
                                     name, format_period(sample_.range[t]), t + 1,
                                     format_number(sample_.y(t))));
    }
    problems.throw_if_errors();
  }

  double relative_variance(double sigma) const { return std::pow(sigma / typical_, 2); }

  double mean(std::int64_t t, const Eigen::RowVectorXd& regressors,
              const std::map<std::string, EventActivity>& events, const VectorXd& b) const {
    return std::exp(design_.row(t, regressors, events).dot(b));
  }

  // imports = exp(2.1 - 0.3 log(price)) m(e)
  std::string log_linear_algebra(const VectorXd& b) const {
    std::string text = algebra("", data_.names, b);
    text = text.substr(3, text.size() - 7);  // between " = " and " + e"
    return fmt::format("{} = exp({}) m(e)", sample_.target.variable, text);
  }

  static double squared_correlation(const VectorXd& y, const VectorXd& mu) {
    const VectorXd a = y.array() - y.mean(), b = mu.array() - mu.mean();
    const double scale = a.squaredNorm() * b.squaredNorm();
    return scale > 0 ? std::pow(a.dot(b), 2) / scale : kMissing;
  }

  ElasticitySpec spec_;
  Sample sample_;
  ElasticityDesign design_;
  std::vector<int> rows_;  // complete ones of the sample
  ReportedRegression data_;
  double typical_ = 0;  // mean of the target
};

class SinglePoisson : public PoissonElasticity {
 public:
  SinglePoisson(const ElasticitySpec& spec, const Sample& sample)
      : PoissonElasticity(spec, sample) {
    const Eigen::Index n = data().x.rows(), k = data().x.cols();
    if (n <= k + 1) {
      throw InputError(fmt::format(
          "{} has {} observations with all regressors, but a regression with {} coefficients needs "
          "at least {}",
          sample.target.variable, n, k, k + 2));
    }
    check_columns();
    errors_ = score_errors(spec, n, "ppml");
    poisson_ = fit_poisson(data().x, data().y);
  }

  // The last reweighted least-squares step, whose solution is the estimate.
  Problem problem() const override {
    const VectorXd& mu = poisson_.fitted;
    const MatrixXd x = data().x(poisson_.rows, Eigen::all);
    const VectorXd root = mu.cwiseSqrt();
    const VectorXd z = x * poisson_.coefficients + poisson_.residuals.cwiseQuotient(mu);
    return LinearLeastSquares{root.asDiagonal() * x, root.cwiseProduct(z)};
  }

  FitResult describe(const Solution&) const override {
    FitResult result = at_coefficients(poisson_.coefficients, poisson_.rows);
    result.status = poisson_.status;
    result.message = "a step of reweighted least squares: " + poisson_.message;
    result.covariance = poisson_covariance(poisson_, errors_);
    result.covariance_kind = "Poisson pseudo-likelihood, " + errors_.name();
    const auto used = static_cast<double>(poisson_.rows.size());
    // Normal only in the limit: Student's t is never narrower.
    ReferenceDistribution reference{ReferenceDistribution::Kind::student_t,
                                    used - static_cast<double>(data().x.cols()), kMissing};
    result.inference_df = reference.df;
    result.tables.push_back(
        elasticity_table(data().names, poisson_.coefficients, result.covariance, reference));
    result.tables.push_back(measures_table());
    result.tables.push_back(referee_table(questions()));
    describe_separation(result);
    return result;
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result = at_coefficients(parameters.values(), poisson_.rows);
    result.status = FitStatus::converged;
    return result;
  }

  std::vector<Diagnostic> diagnose(const FitResult&) const override {
    std::vector<Diagnostic> tests;
    for (const RefereeQuestion& q : questions()) tests.push_back(q.test);
    return tests;
  }

 private:
  void check_columns() const {
    const LinearFit check = solve(LinearLeastSquares{data().x, data().y});
    if (check.aliased.empty()) return;
    throw InputError(
        "perfectly collinear: " + collinear_columns(data().x, data().names, check.aliased),
        "leave one of them out");
  }

  ResultTable measures_table() const {
    const VectorXd y = data().y(poisson_.rows), &mu = poisson_.fitted;
    const double pearson = (y - mu).cwiseAbs2().cwiseQuotient(mu).sum();
    ResultTable table{
        "ppml", "Poisson pseudo maximum likelihood", {"measure", "value", "reading"}, {}};
    table.rows.push_back({std::string("observations that are zero"),
                          static_cast<double>((y.array() == 0).count()),
                          std::string("taken as they are")});
    table.rows.push_back({std::string("pseudo log-likelihood"), poisson_.log_likelihood,
                          std::string("Poisson's own where the target counts")});
    table.rows.push_back({std::string("deviance"), poisson_.deviance, std::string()});
    table.rows.push_back({std::string("pseudo R2"), 1 - poisson_.deviance / null_deviance(y),
                          std::string("share of the deviance of a constant mean")});
    table.rows.push_back({std::string("dispersion"), pearson / poisson_.df_residual,
                          std::string("variance over mean; 1 for Poisson counts, in units of the "
                                      "target")});
    table.rows.push_back(
        {std::string("relative sd"),
         std::sqrt((y - mu).cwiseQuotient(mu).squaredNorm() / static_cast<double>(y.size())),
         std::string("of the target about its mean, for projections")});
    return table;
  }

  static double null_deviance(const VectorXd& y) {
    const double mean = y.mean();
    double sum = 0;
    for (double v : y) sum += v > 0 ? v * std::log(v / mean) : 0;
    return 2 * sum;
  }

  // RESET of the exponent (Santos Silva & Tenreyro 2006, p. 649): the square of x'b as a further
  // column, its t-ratio with the errors of the equation. And autocorrelation of relative errors.
  std::vector<RefereeQuestion> questions() const {
    std::vector<RefereeQuestion> list;
    const auto ask = [&](Diagnostic test, const char* question, const char* bad, const char* good) {
      if (!std::isfinite(test.p_value)) return;
      test.words = test.p_value < 0.05 ? bad : good;
      list.push_back({std::move(test), question});
    };
    const int n = static_cast<int>(poisson_.rows.size());
    const VectorXd relative = poisson_.residuals.cwiseQuotient(poisson_.fitted);
    for (int lag : {1, sample().season}) {
      if ((lag == 1 && n > 8) || (lag > 1 && n > 3 * lag)) {
        ask(ljung_box(relative, lag, 0),
            lag == 1 ? "are the errors correlated over time?" : "and over a whole year?",
            "errors are autocorrelated: trust Newey-West errors only", "no sign of it");
      }
    }
    ask(reset(), "is the log-linear mean right?",
        "the form is in doubt: the square of the fit matters", "no sign of a wrong form");
    return list;
  }

  Diagnostic reset() const {
    Diagnostic test{"reset", 0, kMissing, 1, kMissing, kMissing, ""};
    const MatrixXd x = data().x(poisson_.rows, Eigen::all);
    const Eigen::Index n = x.rows(), k = x.cols();
    if (n <= k + 3 || !poisson_.separated_columns.empty()) return test;
    MatrixXd wider(n, k + 1);
    const VectorXd eta = poisson_.fitted.array().log();
    wider << x, eta.cwiseAbs2();
    // A fit that varies in two values only has no square of its own.
    const LinearFit independent = solve(LinearLeastSquares{wider, eta});
    if (!independent.aliased.empty()) return test;
    const PoissonFit fit = fit_poisson(wider, data().y(poisson_.rows));
    if (fit.status != FitStatus::converged) return test;
    const double variance = poisson_covariance(fit, errors_)(k, k);
    if (!(variance > 0)) return test;
    test.statistic = std::pow(fit.coefficients(k), 2) / variance;
    test.p_value = chi_squared_sf(test.statistic, 1);
    return test;
  }

  void describe_separation(FitResult& result) const {
    if (poisson_.separated_rows.empty()) return;
    std::vector<std::string> periods, names;
    for (int i : poisson_.separated_rows) {
      if (periods.size() == 6) {
        periods.emplace_back("...");
        break;
      }
      periods.push_back(format_period(data().periods[static_cast<std::size_t>(i)]));
    }
    for (int j : poisson_.separated_columns) {
      names.push_back(data().names[static_cast<std::size_t>(j)]);
    }
    result.dropped = sample().n() - result.missing - result.nobs;
    result.notes.push_back(fmt::format(
        "separation: {} rows of zeros ({}) are fitted perfectly by an effect that is infinite, and "
        "are left out{}",
        poisson_.separated_rows.size(), join(periods, ", "),
        names.empty() ? std::string()
                      : fmt::format("; {} acts there alone, has no estimate and counts as 0",
                                    join(names, ", "))));
  }

  ErrorStructure errors_;
  PoissonFit poisson_;
};

// The own unit of a panel: slopes of all units, its own constant.
class PanelPoisson : public PoissonElasticity {
 public:
  PanelPoisson(const ElasticitySpec& spec, const Sample& sample)
      : PoissonElasticity(spec, sample), units_(pool_units(spec, sample, design())) {
    if (data().x.rows() < 2) {
      throw InputError(
          fmt::format("{} has {} observations with all regressors, but the own unit of "
                      "a panel must have at least 2",
                      sample.target.variable, data().x.rows()));
    }
    estimate_ = estimate_poisson_panel(units_, spec);
  }

  Problem problem() const override { return estimate_.problem; }

  FitResult describe(const Solution&) const override {
    FitResult result = at_coefficients(estimate_.coefficients, estimate_.own_rows);
    result.status = estimate_.status;
    result.message = "a step of reweighted least squares: " + estimate_.message;
    result.covariance = estimate_.covariance;
    result.covariance_kind = "Poisson pseudo-likelihood, " + estimate_.covariance_name;
    report_panel(units_, estimate_, data().names, result);
    return result;
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result = at_coefficients(parameters.values(), estimate_.own_rows);
    result.status = FitStatus::converged;
    return result;
  }

  std::vector<Diagnostic> diagnose(const FitResult&) const override { return estimate_.tests; }

 private:
  PooledUnits units_;
  PanelEstimate estimate_;
};

}  // namespace

std::unique_ptr<BoundModel> bind_poisson_elasticity(const ElasticitySpec& spec,
                                                    const Sample& sample) {
  if (!spec.panel.empty()) return std::make_unique<PanelPoisson>(spec, sample);
  return std::make_unique<SinglePoisson>(spec, sample);
}

}  // namespace amnok
