#include "models/theta/theta.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/stats/decomposition.h"
#include "engine/stats/observed_length.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"
#include "engine/stats/seasonality.h"

namespace amnok {

namespace {

constexpr double kLowestAlpha = 1e-4, kHighestAlpha = 0.9999;

struct SmoothedPath {
  VectorXd errors;  // NaN where missing
  double level = 0;
};

constexpr double kLeastSeason = 1e-4;

struct ThetaPast : PastState {
  VectorXd level, drift;  // a draw each: the level at the origin, the drift a period
};

class BoundTheta : public BoundModel {
 public:
  BoundTheta(ThetaSpec spec, Sample sample) : spec_(spec), sample_(std::move(sample)) {
    period_ = spec_.period > 0 ? spec_.period : sample_.season;
    for (double v : sample_.y) observations_ += std::isnan(v) ? 0 : 1;
    if (observations_ < 4) {
      throw InputError(fmt::format("{} has {} observations, but the theta method needs at least 4",
                                   sample_.target.variable, observations_));
    }
    const auto missing = sample_.y.array().isNaN();
    const double low = missing.select(INFINITY, sample_.y).minCoeff();
    const double high = missing.select(-INFINITY, sample_.y).maxCoeff();
    if (low == high) {
      throw InputError(
          fmt::format("{} is constant ({}), but must vary", sample_.target.variable, low));
    }
    known_ = observed_length(sample_.y);
    gap_ = sample_.n() - known_;
    adjust(low >= 0);
    slope_ = trend_slope();
  }

  ParameterVector start() const override {
    ParameterVector p;
    p.add("alpha", 0.5, Constraint::bounded, kLowestAlpha, kHighestAlpha);
    p.add("level", first_level());
    return p;
  }

  Problem problem() const override {
    NonlinearLeastSquares problem;
    problem.residual_count = observations_;
    problem.units = (VectorXd(2) << 1, spread()).finished();
    const ParameterVector p = start();
    for (double alpha : {0.3, 0.8}) {
      problem.starts.push_back(
          p.to_unconstrained((VectorXd(2) << alpha, first_level()).finished()));
    }
    problem.effort = NonlinearLeastSquares::Effort::normal;
    problem.offset_tolerance = 1e-6;
    problem.evaluate = [this, p](const VectorXd& u, VectorXd& r, MatrixXd* jacobian) {
      const VectorXd v = p.to_natural(u);
      return residuals(v(0), v(1), p.natural_jacobian(u)(0, 0), r, jacobian);
    };
    return problem;
  }

  FitResult describe(const Solution& solution) const override {
    const auto& fit = std::get<NonlinearFit>(solution);
    const ParameterVector p = start();
    const MatrixXd change = p.natural_jacobian(fit.x);
    const MatrixXd information =
        fit.jacobian.transpose() * fit.jacobian * (observations_ / fit.rss);
    MatrixXd covariance = MatrixXd::Zero(2, 2);
    if (information.determinant() > 1e-12 * information.diagonal().prod()) {
      covariance = change * information.inverse() * change.transpose();
    }
    return result_at(p.to_natural(fit.x), covariance);
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result = result_at(parameters.values(), {});
    result.status = FitStatus::converged;
    return result;
  }

  Forecast forecast(const FitResult& fit, const Future& future) const override {
    const double alpha = fit.parameters.values()(0);
    const double level = smooth(alpha, fit.parameters.values()(1)).level;
    const auto horizon = static_cast<int>(future.range.count);
    Forecast forecast{future.range, VectorXd(horizon), VectorXd(horizon)};
    for (int h = 0; h < horizon; ++h) {
      const double season = season_at(sample_.n() + h);
      const double mean = level + drift() * (gap_ + h) + first_drift(alpha);
      const double sd = std::sqrt(fit.sigma2 * (1 + (gap_ + h) * alpha * alpha));
      forecast.mean(h) = multiplicative_ ? mean * season : mean + season;
      forecast.variance(h) = multiplicative_ ? std::pow(sd * season, 2) : sd * sd;
    }
    return forecast;
  }

  std::vector<Diagnostic> diagnose(const FitResult& fit) const override {
    const int lag =
        std::min(sample_.season > 1 ? 2 * sample_.season : 10, std::max(fit.nobs / 5, 1));
    if (fit.nobs <= lag + 2) return {};
    Diagnostic test = ljung_box(fit.residuals, lag, 0);
    test.words = test.p_value < 0.05 ? fmt::format("residuals are autocorrelated up to lag {}", lag)
                                     : "no sign of autocorrelation left";
    return {test};
  }

  VectorXd completed(const FitResult& fit) const override {
    VectorXd filled = sample_.y;
    for (Eigen::Index t = 0; t < filled.size(); ++t) {
      if (std::isnan(filled(t))) filled(t) = fit.fitted(t);
    }
    return filled;
  }

  // At the end of the sample: through a gap there, each draw goes its own way.
  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws& draws,
                                              std::uint64_t seed, std::uint32_t equation,
                                              int first) const override {
    auto past = std::make_shared<ThetaPast>();
    std::vector<double> shocks(static_cast<std::size_t>(gap_));
    past->level.resize(draws.sigma.size());
    past->drift.resize(draws.sigma.size());
    for (Eigen::Index r = 0; r < draws.sigma.size(); ++r) {
      const double alpha = draws.parameters(0, r);
      past->level(r) = smooth(alpha, draws.parameters(1, r)).level + first_drift(alpha);
      past->drift(r) = drift();
      if (gap_ == 0) continue;
      fill_normals({seed, Purpose::state, equation}, static_cast<std::uint32_t>(first + r), shocks);
      for (double shock : shocks) past->level(r) += drift() + alpha * draws.sigma(r) * shock;
    }
    return past;
  }

  void simulate(const ParameterDraws& draws, const PastState& state, const DrawnFuture&,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    const auto& past = dynamic_cast<const ThetaPast&>(state);
    for (Eigen::Index r = 0; r < draws.sigma.size(); ++r) {
      double level = past.level(r);
      for (int h = 0; h < to; ++h) {
        const double shock = draws.sigma(r) * shocks(h, r), season = season_at(sample_.n() + h);
        const double x = level + shock;
        if (h >= from) paths(h, r) = multiplicative_ ? x * season : x + season;
        level += past.drift(r) + draws.parameters(0, r) * shock;
      }
    }
  }

  // A multiplicative season scales the shock as it does the level.
  Eigen::RowVectorXd shock_scale(const ParameterDraws& draws, const DrawMatrix&, const DrawMatrix&,
                                 int h) const override {
    return draws.sigma.transpose() * (multiplicative_ ? season_at(sample_.n() + h) : 1.0);
  }

 private:
  // Takes the season out. Of data that are never negative it is a factor, unless the trend or a
  // season all but vanishes.
  void adjust(bool never_negative) {
    adjusted_ = sample_.y;
    const auto y = sample_.y.head(known_);
    const bool seasonal =
        period_ > 1 && known_ > 2 * period_ && y.allFinite() && is_seasonal_acf(y, period_);
    if (!seasonal) return;
    const VectorXd trend = centred_moving_average(y, period_);
    if (never_negative && !(trend.array() == 0).any()) {
      season_ = classical_decomposition(y, period_, Seasonality::multiplicative).indices;
      multiplicative_ = season_.minCoeff() > kLeastSeason;
    }
    if (!multiplicative_) {
      season_ = classical_decomposition(y, period_, Seasonality::additive).indices;
    }
    for (int t = 0; t < sample_.n(); ++t) {
      adjusted_(t) = multiplicative_ ? sample_.y(t) / season_at(t) : sample_.y(t) - season_at(t);
    }
  }

  double season_at(int t) const {
    return season_.size() == 0 ? (multiplicative_ ? 1.0 : 0.0) : season_(t % period_);
  }

  double trend_slope() const {
    double n = 0, time = 0, mean = 0;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(adjusted_(t))) continue;
      n += 1;
      time += t;
      mean += adjusted_(t);
    }
    time /= n;
    mean /= n;
    double cross = 0, square = 0;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(adjusted_(t))) continue;
      cross += (t - time) * (adjusted_(t) - mean);
      square += (t - time) * (t - time);
    }
    return cross / square;
  }

  double drift() const { return slope_ / 2; }
  double first_drift(double alpha) const {
    return slope_ / 2 * (1 - std::pow(1 - alpha, known_)) / alpha;
  }

  // A typical distance of the adjusted data from their first level.
  double spread() const {
    const double level = first_level();
    double sum = 0;
    for (double x : adjusted_) sum += std::isnan(x) ? 0 : std::fabs(x - level);
    return sum / observations_;
  }

  double first_level() const {
    double sum = 0;
    int count = 0;
    for (int t = 0; t < sample_.n() && count < 10; ++t) {
      if (std::isnan(adjusted_(t))) continue;
      sum += adjusted_(t);
      ++count;
    }
    return sum / count;
  }

  SmoothedPath smooth(double alpha, double level) const {
    SmoothedPath path{VectorXd::Constant(sample_.n(), kMissing), level};
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(adjusted_(t))) continue;
      path.errors(t) = adjusted_(t) - path.level;
      path.level += alpha * path.errors(t);
    }
    return path;
  }

  // slope: d alpha / d u.
  bool residuals(double alpha, double level, double slope, VectorXd& r, MatrixXd* jacobian) const {
    r.resize(observations_);
    if (jacobian != nullptr) jacobian->resize(observations_, 2);
    double dalpha = 0, dlevel = 1;  // derivatives of the level
    Eigen::Index row = 0;
    for (double x : adjusted_) {
      if (std::isnan(x)) continue;
      const double error = x - level;
      r(row) = error;
      if (jacobian != nullptr) {
        (*jacobian)(row, 0) = -dalpha * slope;
        (*jacobian)(row, 1) = -dlevel;
      }
      dalpha = (1 - alpha) * dalpha + error;
      dlevel *= 1 - alpha;
      level += alpha * error;
      ++row;
    }
    return r.allFinite();
  }

  FitResult result_at(const VectorXd& values, const MatrixXd& covariance) const {
    const SmoothedPath path = smooth(values(0), values(1));
    FitResult result;
    result.plugin = "theta";
    const std::string name = sample_.target.transform.text(sample_.target.variable);
    result.equation = fmt::format("{} = {}SES with drift {:.4g}", name,
                                  season_.size() == 0 ? ""
                                  : multiplicative_   ? "season x "
                                                      : "season + ",
                                  slope_ / 2);
    result.sample = sample_.range;
    result.nobs = observations_;
    result.missing = sample_.n() - observations_;
    result.parameters.add("alpha", values(0), Constraint::bounded, 0, 1);
    result.parameters.add("level", values(1));
    result.residuals = path.errors;
    result.fitted.resize(sample_.n());
    result.rss = 0;
    double level = values(1);
    for (int t = 0; t < sample_.n(); ++t) {
      const double season = season_at(t);
      const double ahead = t < known_ ? 0 : first_drift(values(0)) + drift() * (t - known_);
      result.fitted(t) = multiplicative_ ? (level + ahead) * season : level + ahead + season;
      if (std::isnan(path.errors(t))) continue;
      result.rss += path.errors(t) * path.errors(t);
      level += values(0) * path.errors(t);
    }
    const double n = observations_;
    result.sigma2 = result.rss / n;
    result.sigma2_df = result.rss / (n - 2);
    result.likelihood_data = season_.size() == 0
                                 ? "the series about a slope that is found first"
                                 : fmt::format(
                                       "the series without its season of {}, about a slope that "
                                       "is found first",
                                       period_);
    result.log_likelihood = -0.5 * n * (1 + std::log(2 * std::numbers::pi * result.sigma2));
    set_information_criteria(result, 3);
    if (covariance.size() > 0) {
      result.covariance = covariance;
      result.covariance_kind = "Gauss-Newton";
    }
    if (season_.size() > 0) {
      result.notes.push_back(
          fmt::format("{} season of {} periods taken out first; residuals are of the "
                      "adjusted data",
                      multiplicative_ ? "multiplicative" : "additive", period_));
    }
    return result;
  }

  ThetaSpec spec_;
  Sample sample_;
  int period_ = 1, observations_ = 0;
  int known_ = 0, gap_ = 0;  // periods up to the last observation, and after it
  bool multiplicative_ = false;
  VectorXd adjusted_, season_;  // season_ empty: none
  double slope_ = 0;
};

class ThetaModel : public Model {
 public:
  explicit ThetaModel(ThetaSpec spec) : spec_(spec) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    if (sample.regressors.cols() > 0 || !sample.sums.empty()) {
      throw InputError(
          fmt::format("the theta model of {} has regressors or published sums, which it cannot use",
                      sample.target.variable),
          "use the arima plugin");
    }
    return std::make_unique<BoundTheta>(spec_, sample);
  }

 private:
  ThetaSpec spec_;
};

// A random walk with drift seen through noise: smoothing with drift is its forecast.
ModelExample example() {
  constexpr int kObservations = 240, kAhead = 12;
  constexpr double kAlpha = 0.4;
  const Period first{Frequency::annual, 1700};
  std::vector<double> e(kObservations);
  fill_normals({20220401, Purpose::simulation, 12}, 0, e);
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 1;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressors.resize(kObservations, 0);
  double level = 100;
  for (int t = 0; t < kObservations; ++t) {
    const double shock = e[static_cast<std::size_t>(t)];
    sample.y(t) = level + shock;
    level += kAlpha * shock;
  }
  example.model = make_theta({});
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 0), {}};
  example.truth = {{"alpha", kAlpha}};
  return example;
}

}  // namespace

std::unique_ptr<Model> make_theta(ThetaSpec spec) {
  return std::make_unique<ThetaModel>(spec);
}

Plugin theta_plugin() {
  Plugin plugin;
  plugin.name = "theta";
  plugin.summary =
      "the theta method: simple exponential smoothing with half the trend, season taken out";
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {optional_option("period", {integer_type(1, 366)},
                       "observations a season, when it is not the frequency's; 1: no season")});
  plugin.make = [](const EquationSpec& equation, ProblemList&) -> std::unique_ptr<Model> {
    ThetaSpec spec;
    if (equation.options.has("period")) spec.period = equation.options.integer("period");
    return make_theta(spec);
  };
  plugin.uses_inputs = false;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
