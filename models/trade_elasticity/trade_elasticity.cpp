#include "models/trade_elasticity/trade_elasticity.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/regression/specification_tests.h"
#include "engine/stats/hac.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

struct NoPast : PastState {};

class BoundElasticity : public BoundModel {
 public:
  BoundElasticity(const ElasticitySpec& spec, const Sample& sample) : spec_(spec), sample_(sample) {
    if (spec_.constant) names_.push_back("intercept");
    if (spec_.trend) names_.push_back("trend");
    for (int s = 2; spec_.seasonal_dummies && s <= sample.season; ++s) {
      names_.push_back(fmt::format("season{}", s));
    }
    names_.insert(names_.end(), sample.regressor_names.begin(), sample.regressor_names.end());
    MatrixXd x(sample.n(), static_cast<Eigen::Index>(names_.size()));
    for (int t = 0; t < sample.n(); ++t) x.row(t) = row(t, sample.regressors.row(t));
    for (int t = 0; t < sample.n(); ++t) {
      if (!std::isnan(sample.y(t)) && x.row(t).allFinite()) rows_.push_back(t);
    }
    problem_.x = x(rows_, Eigen::all);
    problem_.y = sample.y(rows_);
    const int n = static_cast<int>(rows_.size()), k = static_cast<int>(names_.size());
    if (n <= k + 1) {
      throw InputError(fmt::format(
          "{} has {} observations with all regressors, but a regression with {} coefficients needs "
          "at least {}",
          sample.target.variable, n, k, k + 2));
    }
    const LinearFit check = solve(problem_);
    if (!check.aliased.empty()) {
      std::vector<std::string> aliased;
      for (int j : check.aliased) aliased.push_back(names_[static_cast<std::size_t>(j)]);
      throw InputError(
          fmt::format("perfectly collinear: {} is a linear combination of the regressors "
                      "before it",
                      join(aliased, ", ")),
          "leave one of them out");
    }
  }

  ParameterVector start() const override {
    ParameterVector parameters;
    for (const std::string& name : names_) parameters.add(name, 0);
    return parameters;
  }
  Problem problem() const override { return problem_; }

  FitResult describe(const Solution& solution) const override {
    const auto& fit = std::get<LinearFit>(solution);
    FitResult result = at_coefficients(fit.coefficients, fit.residuals);
    result.covariance = covariance(fit, result);
    result.inference_df = fit.df_residual();
    return result;
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result =
        at_coefficients(parameters.values(), problem_.y - problem_.x * parameters.values());
    result.status = FitStatus::converged;
    return result;
  }

  Forecast forecast(const FitResult& fit, const Future& future) const override {
    Forecast forecast{future.range, VectorXd(future.range.count),
                      VectorXd::Constant(future.range.count, fit.sigma2)};
    for (std::int64_t h = 0; h < future.range.count; ++h) {
      forecast.mean(h) =
          row(sample_.n() + h, future.regressors.row(h)).dot(fit.parameters.values());
    }
    return forecast;
  }

  std::vector<Diagnostic> diagnose(const FitResult& result) const override {
    const LinearFit fit = solve(problem_);
    std::vector<Diagnostic> tests;
    const auto add = [&](Diagnostic test, const std::string& bad, const std::string& good) {
      if (std::isnan(test.p_value)) return;
      test.words = test.p_value < 0.05 ? bad : good;
      tests.push_back(std::move(test));
    };
    const int n = result.nobs, k = static_cast<int>(names_.size());
    if (n > k + 6) {
      add(breusch_godfrey(problem_.x, fit, 1), "errors are autocorrelated: use Newey-West errors",
          "no sign of autocorrelation");
      add(breusch_pagan_koenker(problem_.x, fit), "the error variance depends on the regressors",
          "no sign of heteroskedasticity");
      add(reset_test(problem_.x, problem_.y, fit, 3),
          "the form is in doubt: powers of the fit matter", "no sign of a wrong form");
    }
    add(jarque_bera(fit.residuals), "errors have heavier tails or more skew than a normal",
        "normal errors are not contradicted");
    Diagnostic dw{"durbin_watson",
                  0,
                  durbin_watson(fit.residuals),
                  kMissing,
                  kMissing,
                  durbin_watson_p(problem_.x, durbin_watson(fit.residuals)),
                  ""};
    add(dw, "positive autocorrelation", "no sign of positive autocorrelation");
    return tests;
  }

  VectorXd completed(const FitResult& fit) const override {
    VectorXd filled = sample_.y;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(filled(t))) {
        filled(t) = row(t, sample_.regressors.row(t)).dot(fit.parameters.values());
      }
    }
    return filled;
  }

  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws&,
                                              std::uint64_t, std::uint32_t, int) const override {
    return std::make_shared<NoPast>();
  }

  void simulate(const ParameterDraws& draws, const PastState&, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    const auto fixed = static_cast<Eigen::Index>(names_.size() - future.regressors.size());
    const Eigen::RowVectorXd none(0);
    for (int h = from; h < to; ++h) {
      paths.row(h) = shocks.row(h).cwiseProduct(draws.sigma.transpose());
      const Eigen::RowVectorXd deterministic = row(sample_.n() + h, none).head(fixed);
      paths.row(h) += deterministic * draws.parameters.topRows(fixed);
      Eigen::Index p = fixed;
      for (const DrawMatrix& x : future.regressors) {
        if (x.cols() == 1) {
          paths.row(h) += x(h, 0) * draws.parameters.row(p++);
        } else {
          paths.row(h) += x.row(h).cwiseProduct(draws.parameters.row(p++));
        }
      }
    }
  }

 private:
  template <class Row>
  Eigen::RowVectorXd row(std::int64_t t, const Row& regressors) const {
    Eigen::RowVectorXd x = Eigen::RowVectorXd::Zero(static_cast<Eigen::Index>(names_.size()));
    Eigen::Index j = 0;
    if (spec_.constant) x(j++) = 1;
    if (spec_.trend) x(j++) = static_cast<double>(t + 1);
    if (spec_.seasonal_dummies) {
      const int season = season_index(sample_.range.first + t);
      if (season > 0 && season < sample_.season) x(j + season - 1) = 1;
      j += sample_.season - 1;
    }
    x.segment(j, regressors.size()) = regressors;
    return x;
  }

  FitResult at_coefficients(const VectorXd& b, const VectorXd& residuals) const {
    FitResult result;
    result.plugin = "trade_elasticity";
    result.sample = sample_.range;
    const int n = static_cast<int>(rows_.size()), k = static_cast<int>(names_.size());
    result.nobs = n;
    for (double v : sample_.y) result.missing += std::isnan(v) ? 1 : 0;
    result.dropped = sample_.n() - result.missing - n;
    for (int j = 0; j < k; ++j) result.parameters.add(names_[static_cast<std::size_t>(j)], b(j));
    result.rss = residuals.squaredNorm();
    result.sigma2 = result.rss / n;
    result.sigma2_df = result.rss / (n - k);
    result.log_likelihood = -0.5 * n * (std::log(2 * std::numbers::pi * result.sigma2) + 1);
    set_information_criteria(result, k + 1);
    const double total = spec_.constant ? (problem_.y.array() - problem_.y.mean()).square().sum()
                                        : problem_.y.squaredNorm();
    result.r2 = total > 0 ? 1 - result.rss / total : kMissing;
    result.residuals = VectorXd::Constant(sample_.n(), kMissing);
    result.fitted = result.residuals;
    for (int i = 0; i < n; ++i) {
      const int t = rows_[static_cast<std::size_t>(i)];
      result.residuals(t) = residuals(i);
      result.fitted(t) = sample_.y(t) - residuals(i);
    }
    result.equation = equation_text(b);
    return result;
  }

  MatrixXd covariance(const LinearFit& fit, FitResult& result) const {
    if (spec_.covariance != RegressionCovariance::newey_west) {
      result.covariance_kind = covariance_name(spec_.covariance);
      return heteroskedastic_covariance(problem_.x, fit, spec_.covariance);
    }
    MatrixXd scores = regression_scores(problem_.x, fit.residuals);
    MatrixXd recolour = MatrixXd::Identity(scores.cols(), scores.cols());
    const int n = result.nobs, k = static_cast<int>(names_.size());
    const bool white = spec_.prewhiten && n > 3 * k;
    if (white) {
      Prewhitened prewhitened = prewhiten(scores);
      scores = prewhitened.residuals;
      recolour = prewhitened.recolour;
    }
    int lags = spec_.lags.value_or(0);
    if (!spec_.lags) {
      VectorXd weights = VectorXd::Ones(k);
      if (spec_.constant && k > 1) weights(0) = 0;
      const double bandwidth = newey_west_bandwidth(scores, weights, white);
      lags = std::isfinite(bandwidth) ? static_cast<int>(bandwidth) : 0;
    }
    lags = std::clamp(lags, 0, static_cast<int>(scores.rows()) - 1);
    MatrixXd meat = recolour * newey_west(scores, lags) * recolour.transpose();
    meat *= static_cast<double>(n) / (n - k);
    result.covariance_kind =
        fmt::format("Newey-West, {} lag{}{}{}, n/(n-k)", lags, lags == 1 ? "" : "s",
                    spec_.lags ? "" : " (automatic)", white ? ", prewhitened" : "");
    return sandwich(fit.xtx_inverse, meat);
  }

  std::string equation_text(const VectorXd& b) const {
    std::string text = sample_.target.transform.text(sample_.target.variable) + " =";
    for (std::size_t j = 0; j < names_.size(); ++j) {
      const double value = b(static_cast<Eigen::Index>(j));
      text += fmt::format("{}{}{}", value < 0 ? " - " : (j == 0 ? " " : " + "),
                          format_significant(std::fabs(value), 4),
                          names_[j] == "intercept" ? "" : " " + names_[j]);
    }
    return text + " + e";
  }

  ElasticitySpec spec_;
  Sample sample_;
  std::vector<std::string> names_;
  std::vector<int> rows_;
  LinearLeastSquares problem_;
};

class ElasticityModel : public Model {
 public:
  explicit ElasticityModel(ElasticitySpec spec) : spec_(spec) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    return std::make_unique<BoundElasticity>(spec_, sample);
  }

 private:
  ElasticitySpec spec_;
};

const std::vector<std::string>& covariance_options() {
  static const std::vector<std::string> names = {"classical", "hc0", "hc1",
                                                 "hc2",       "hc3", "newey_west"};
  return names;
}

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList&) {
  const Options& options = equation.options;
  ElasticitySpec spec;
  const auto& names = covariance_options();
  spec.covariance = static_cast<RegressionCovariance>(
      std::find(names.begin(), names.end(), options.string("covariance")) - names.begin());
  const ConfigValue& lags = options.get("lags");
  if (lags.is(ConfigValue::Kind::integer)) spec.lags = static_cast<int>(lags.integer());
  spec.prewhiten = options.boolean("prewhiten");
  spec.constant = options.boolean("constant");
  spec.trend = options.boolean("trend");
  spec.seasonal_dummies = options.boolean("seasonal_dummies");
  return make_trade_elasticity(spec);
}

ModelExample example() {
  constexpr int kObservations = 160, kAhead = 12;
  const Period first{Frequency::monthly, 2010 * 12};
  std::vector<double> e(2 * (kObservations + kAhead));
  fill_normals({20220401, Purpose::simulation, 3}, 0, e);
  const auto x_at = [&](int t) { return 5.0 + 0.5 * e[static_cast<std::size_t>(t)] + 0.01 * t; };
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressor_names = {"log(imports)"};
  sample.regressors.resize(kObservations, 1);
  for (int t = 0; t < kObservations; ++t) {
    sample.regressors(t, 0) = x_at(t);
    sample.y(t) =
        8.0 - 0.3 * x_at(t) + 0.1 * e[static_cast<std::size_t>(kObservations + kAhead + t)];
  }
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 1), {}};
  for (int h = 0; h < kAhead; ++h) example.future.regressors(h, 0) = x_at(kObservations + h);
  example.model = make_trade_elasticity({});
  example.truth = {{"intercept", 8.0}, {"log(imports)", -0.3}};
  return example;
}

}  // namespace

std::unique_ptr<Model> make_trade_elasticity(ElasticitySpec spec) {
  return std::make_unique<ElasticityModel>(spec);
}

Plugin trade_elasticity_plugin() {
  Plugin plugin;
  plugin.name = "trade_elasticity";
  plugin.summary = "how a price or a flow answers to others: log-log regression with robust errors";
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {default_option("estimator", {choice_type({"ols"})}, std::string("ols"),
                      "ols: static regression by least squares"),
       default_option("covariance", {choice_type(covariance_options())}, std::string("newey_west"),
                      "standard errors: classical, heteroskedasticity-consistent (hc0 to hc3), or "
                      "robust to autocorrelation as well (newey_west)"),
       default_option("lags", {integer_type(0, 100), choice_type({"auto"})}, std::string("auto"),
                      "lags of Newey-West; auto: the bandwidth rule of Newey & West (1994)"),
       default_option("prewhiten", {boolean_type()}, false, "prewhiten the scores by a VAR(1)"),
       default_option("constant", {boolean_type()}, true, "a constant term"),
       default_option("trend", {boolean_type()}, false, "a linear trend"),
       default_option("seasonal_dummies", {boolean_type()}, false,
                      "a dummy for each season but one")});
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
